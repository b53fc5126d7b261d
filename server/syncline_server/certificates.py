"""The certificate the server shows, its key, and whose certificates it asks clients for.

All three come from files that are replaced while the server runs, one after the other. What is not
usable is never shown: at the start it stops the start, later the pair from before stays in use.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from syncline_server.core.clock import Clock

_PAUSE: Final = timedelta(seconds=1)
"""How long the files are taken to be unchanged once they were looked at."""
_ENDING: Final = timedelta(days=14)
_log = structlog.get_logger(__name__)

_Stamp: TypeAlias = tuple[tuple[int, int, int], ...]


class CertificateUnusable(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """A file does not hold what it should; the message names it and never quotes it."""


@dataclass(frozen=True, kw_only=True)
class CertificateFiles:
    """Where they are, as PEM."""

    certificate: Path
    """The server's own certificate first, then the authorities between it and a known one."""
    key: Path
    """Its private key, not encrypted."""
    client_authorities: Path | None = None
    """Whose certificates clients must have; None asks them for none."""

    @property
    def every(self) -> Sequence[Path]:
        """All files there are."""
        optional = [self.client_authorities] if self.client_authorities else []
        return [self.certificate, self.key, *optional]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate with its key, and what belongs to them, found usable."""

    certificate: bytes
    key: bytes = field(repr=False)
    client_authorities: bytes | None
    end: datetime
    """Until when the certificate is good."""


def load_pair(files: CertificateFiles, now: datetime) -> Pair:
    """Read the files and check that they belong together and are good now.

    :raises CertificateUnusable: they do not, or are not.
    """
    certificate, key = _read(files.certificate), _read(files.key)
    own = _certificates(files.certificate, certificate)[0]
    _refuse_mismatch(files, own, key)
    _refuse_outside_its_time(files.certificate, own, now)
    return Pair(
        certificate=certificate,
        key=key,
        client_authorities=_authorities(files.client_authorities),
        end=own.not_valid_after_utc,
    )


class Certificates:
    """The pair in use. Safe to share between threads.

    :param seconds: time that only moves forward, as ``time.monotonic``.
    :raises CertificateUnusable: the files cannot be used as they are.
    """

    def __init__(self, files: CertificateFiles, clock: Clock, seconds: Callable[[], float]) -> None:
        self._files = files
        self._clock = clock
        self._seconds = seconds
        self._stamp = _stamp(files)
        self._looked = seconds()
        self._lock = threading.Lock()
        self.pair = load_pair(files, clock())

    def renewed(self) -> Pair | None:
        """Return the pair that took the place of the one before; None while nothing changed.

        Meant for every handshake: looks at the files at most once a second, and reads them only
        when they have changed.
        """
        if not self._lock.acquire(blocking=False):
            return None  # another handshake is at it
        try:
            return self._renewed() if self._is_due() else None
        finally:
            self._lock.release()

    def tell_end(self) -> None:
        """Say in the log when the certificate ends soon, or has ended."""
        left = self.pair.end - self._clock()
        if left <= timedelta():
            _log.error("the certificate has ended", action="certificate_ended", end=self._end)
        elif left <= _ENDING:
            _log.warning("the certificate ends soon", action="certificate_ends", end=self._end)

    @property
    def _end(self) -> str:
        return f"{self.pair.end:%Y-%m-%d %H:%M}Z"

    def _is_due(self) -> bool:
        now = self._seconds()
        due = now - self._looked >= _PAUSE.total_seconds()
        if due:
            self._looked = now
        return due

    def _renewed(self) -> Pair | None:
        try:
            stamp = _stamp(self._files)
            if stamp == self._stamp:
                return None
            self._stamp = stamp  # so that one bad state is told once
            self.pair = load_pair(self._files, self._clock())
        except CertificateUnusable as unusable:
            self._keep(str(unusable))
            return None
        _log.info("certificate renewed", action="certificate_renewed", end=self._end)
        return self.pair

    def _keep(self, why: str) -> None:
        _log.error(
            "the renewed certificate cannot be used; the one before stays",
            action="certificate_kept",
            why=why,
        )


def _stamp(files: CertificateFiles) -> _Stamp:
    found = []
    for file in files.every:
        try:
            status = file.stat()
        except OSError:  # away for a moment, or for good: whoever reads it says so
            found.append((0, 0, 0))
        else:
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateUnusable(f"{file} cannot be read: {error.strerror}") from None


def _certificates(file: Path, pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CertificateUnusable(f"{file} holds no certificate in PEM") from None


def _authorities(file: Path | None) -> bytes | None:
    if file is None:
        return None
    pem = _read(file)
    _certificates(file, pem)
    return pem


def _refuse_mismatch(files: CertificateFiles, own: x509.Certificate, key: bytes) -> None:
    try:
        public = load_pem_private_key(key, password=None).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without its cause, which may quote what is in the file.
        raise CertificateUnusable(
            f"{files.key} holds no private key in PEM that can be read without a password"
        ) from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if public.public_bytes(*form) != own.public_key().public_bytes(*form):
        raise CertificateUnusable(f"{files.key} is not the key of {files.certificate}")


def _refuse_outside_its_time(file: Path, own: x509.Certificate, now: datetime) -> None:
    if now >= own.not_valid_after_utc:
        raise CertificateUnusable(f"{file} ended at {own.not_valid_after_utc:%Y-%m-%d %H:%M}Z")
    if now < own.not_valid_before_utc:
        raise CertificateUnusable(f"{file} begins at {own.not_valid_before_utc:%Y-%m-%d %H:%M}Z")
