"""Where encryption keys come from, and noticing that they have changed while serving.

A key missing from the ring may just have been added, so the source is asked again before anybody
is told that something cannot be opened; and every minute, so that a new first key comes into use.
What cannot be read then leaves the ring as it was.
"""

import os
import select
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

import structlog

from syncline_server.config import Config, key_words
from syncline_server.core.clock import Clock
from syncline_server.storage.cipher import CipherError, Ring

Source = Callable[[], Sequence[str]]
"""Returns the keys of now, the first to encrypt first; raises :class:`CipherError`."""

_FILE: Final = "SYNCLINE_ENCRYPTION_KEYS_FILE"
_COMMAND: Final = "SYNCLINE_ENCRYPTION_KEYS_COMMAND"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES: Final = 64 * 1024
_COMMAND_SECONDS: Final = 10.0
_PAUSE: Final = timedelta(seconds=5)
"""For so long a command is not asked again for a key that it did not give."""
_MOST_MISSED: Final = 100

_log = structlog.get_logger(__name__)


class Keyring:
    """The ring of the moment; safe to share between threads.

    :param keys: to begin with.
    :param source: where there may be others later; None where the keys are given once and for all.
    :param clock: tells how long ago somebody looked.
    :param pause: for so long nobody looks again for a key that was not found.
    :raises CipherError: there is no key, or one is malformed.
    """

    def __init__(
        self,
        keys: Sequence[str],
        source: Source | None,
        clock: Clock,
        pause: timedelta = timedelta(),
    ) -> None:
        self._ring = Ring(keys)
        self._keys = tuple(keys)
        self._source = source
        self._clock = clock
        self._pause = pause
        self._missed: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def __call__(self, *, lacking: str | None = None) -> Ring:
        """Return the ring, after a look for a newer one where a key is missing from it."""
        if lacking is not None:
            with self._lock:  # whoever comes while somebody looks waits for what is found
                self._look_for(lacking)
        return self._ring

    def refresh(self) -> None:
        """Look for newer keys, whether one is missing or not."""
        with self._lock:
            self._look()

    def _look_for(self, key_id: str) -> None:
        missed = self._missed.get(key_id)
        has_rested = missed is None or not timedelta() <= self._clock() - missed < self._pause
        if key_id not in self._ring.ids and has_rested:
            self._look()
            if len(self._missed) >= _MOST_MISSED:
                self._missed.clear()
            self._missed[key_id] = self._clock()

    def _look(self) -> None:
        if self._source is None:
            return
        try:
            keys = tuple(self._source())
            if keys != self._keys:
                self._ring, self._keys = Ring(keys), keys
                self._missed.clear()
                ids = self._ring.ids
                _log.info("encryption keys changed", action="keys_changed", first=ids[0], ids=ids)
        except CipherError as error:
            _log.error("encryption keys not read", action="keys_not_read", why=str(error))


def build_keyring(config: Config, clock: Clock) -> Keyring:
    """Make the ring that the configuration tells of.

    :raises CipherError: the keys cannot be had, there is none, or one is malformed.
    """
    source = _source(config)
    pause = _PAUSE if config.encryption_keys_command else timedelta()
    return Keyring(source() if source else config.encryption_keys, source, clock, pause)


def _source(config: Config) -> Source | None:
    file, command = config.encryption_keys_file, config.encryption_keys_command
    if file is not None:
        _warn_of_readers(file)
        return lambda: _keys(_FILE, _content(file))
    if command:
        return lambda: _keys(_COMMAND, output(command))
    return None


def _keys(variable: str, content: bytes) -> tuple[str, ...]:
    try:
        keys = key_words(content.decode())
    except UnicodeDecodeError:
        keys = ()
    if not keys:
        raise CipherError(f"{variable}: gives no key")
    return keys


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except OSError as error:
        raise CipherError(f"{_FILE}: {file} cannot be read ({error.strerror})") from None


def _warn_of_readers(file: Path) -> None:
    try:
        mode = file.stat().st_mode
    except OSError:
        return  # it is read next, which says why it cannot be
    if mode & _OTHERS:
        _log.warning(
            "others than its owner may use the file of encryption keys: chmod 600",
            action="keys_file_open",
            file=str(file),
            mode=f"{stat.S_IMODE(mode):04o}",
        )


def output(command: Sequence[str], seconds: float = _COMMAND_SECONDS) -> bytes:
    """Return what a command prints; what it complains of may be secret, and is dropped.

    :param command: the program and its arguments; it and all it started end with this call.
    :param seconds: how long it may take.
    :raises CipherError: it cannot be run, fails, prints too much, or takes too long.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own, and without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CipherError(f"{_COMMAND}: cannot be run ({error.strerror})") from None
    deadline = time.monotonic() + seconds
    with process:
        try:
            content = _read(process.stdout, deadline)
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise CipherError(f"{_COMMAND}: took longer than {seconds:g} s") from None
        finally:
            _end(process)
    if code:
        raise CipherError(f"{_COMMAND}: ended with exit code {code}")
    return content


def _read(pipe: IO[bytes] | None, deadline: float) -> bytes:
    content = b""
    poll = select.poll()
    descriptor = pipe.fileno() if pipe else -1
    poll.register(descriptor, select.POLLIN)
    while len(content) <= _MOST_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(1000 * left):
            raise subprocess.TimeoutExpired(_COMMAND, left)
        if not (read := os.read(descriptor, _MOST_BYTES)):
            return content
        content += read
    raise CipherError(f"{_COMMAND}: prints more than {_MOST_BYTES} bytes")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the command and what it started, as far as they still run."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
