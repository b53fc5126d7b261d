"""Envelope encryption: what is secret in a row, under a ring of keys.

Each secret has a data key of its own, used once. A key of the ring wraps the data key, so that
moving a secret to another key of the ring leaves its payload as it is. Both layers are AES-256-GCM
with random 96-bit nonces (NIST SP 800-38D, 8.2.2) and are bound to the place of the secret: moved
to another row or column, it does not open. As text::

    v2.<id of the key>.<wrapped data key>.<payload>

each part behind the id a nonce and a ciphertext in URL-safe base64 without padding. What was stored
before there were envelopes is Fernet (https://github.com/fernet/spec): it opens, is bound to no
place, and is never written again.
"""

import base64
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T")

_FORMAT: Final = "v2"
_PARTS: Final = 4
_NONCE_BYTES: Final = 12
_KEY_BITS: Final = 256
_ID_BYTES: Final = 8


class CipherError(Exception):
    """Keys are missing or malformed, or a secret does not open. Says nothing secret."""


class KeyMissing(CipherError):  # noqa: N818 - named by what is the case
    """The key of a secret is not in the ring.

    :param key_id: which key; empty for a secret of before keys had ids.
    """

    def __init__(self, key_id: str) -> None:
        named = f"encryption key {key_id} is missing" if key_id else "no encryption key fits"
        super().__init__(f"{named}: what is stored cannot be opened")
        self.key_id = key_id


@dataclass(frozen=True)
class Place:
    """Where a secret is stored; it opens nowhere else."""

    table: str
    column: str
    row: tuple[str, ...]
    """What tells the row apart, and what else of the row the secret must not be parted from."""


class Ring:
    """The keys of one moment: all open, the first closes.

    :param keys: 32 bytes in URL-safe base64 each, the one that encrypts first.
    :raises CipherError: there is none, or one is malformed.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise CipherError("there is no encryption key")
        parsed = [_Key(number, key) for number, key in enumerate(keys, 1)]
        self._by_id = {key.id: key for key in parsed}
        self._first = parsed[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys in their order; derived from the keys, and not secret."""
        return tuple(self._by_id)

    def wrap(self, data_key: bytes, place: Place) -> tuple[str, bytes]:
        """Return the id of the first key, and a data key wrapped by it."""
        key = self._first
        return key.id, _close(key.wrapping, data_key, _bound(place, key.id))

    def unwrap(self, key_id: str, wrapped: bytes, place: Place) -> bytes:
        """Return a data key; raises :class:`CipherError`."""
        if key_id not in self._by_id:
            raise KeyMissing(key_id)
        return _open(self._by_id[key_id].wrapping, wrapped, _bound(place, key_id))

    def open_fernet(self, secret: str) -> tuple[str, str]:
        """Return the id of the key that fits, and the text; raises :class:`KeyMissing`."""
        for key in self._by_id.values():
            try:
                return key.id, key.fernet.decrypt(secret.encode()).decode()
            except InvalidToken:
                continue
        raise KeyMissing("")


class FindRing(Protocol):
    """Finds the ring of the moment."""

    def __call__(self, *, lacking: str | None = None) -> Ring:
        """Return it.

        :param lacking: id of a key that is missing from it, so that a look for a newer ring is
            worth while; empty where it is not known which.
        """


class Cipher:
    """Encrypts with the first key of the ring and decrypts with any.

    :param keys: as for :class:`Ring`; or what finds the ring, where it can change.
    :raises CipherError: there is no key, or one is malformed.
    """

    def __init__(self, keys: Sequence[str] | FindRing) -> None:
        self._ring = keys if callable(keys) else _always(Ring(keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the ring's keys; the first encrypts."""
        return self._ring().ids

    def encrypt(self, text: str, place: Place) -> str:
        """Return the text encrypted and authenticated, as ASCII."""
        data_key = AESGCM.generate_key(_KEY_BITS)
        payload = _close(AESGCM(data_key), text.encode(), _bound(place))
        return _written(*self._ring().wrap(data_key, place), payload)

    def decrypt(self, secret: str, place: Place) -> str:
        """Return what was encrypted. Looks for newer keys when the secret's is missing.

        :raises KeyMissing: its key is not in the ring.
        :raises CipherError: it was altered, or belongs to another place.
        """
        if not is_envelope(secret):
            return self._try(lambda ring: ring.open_fernet(secret))[1]
        key_id, wrapped, payload = _read(secret)
        data_key = self._try(lambda ring: ring.unwrap(key_id, wrapped, place))
        return _open(AESGCM(data_key), payload, _bound(place)).decode()

    def rewrap(self, secret: str, place: Place) -> str:
        """Return the same secret under the first key of the ring; an envelope's payload stays.

        :raises CipherError: as :meth:`decrypt` does.
        """
        if not is_envelope(secret):
            return self.encrypt(self.decrypt(secret, place), place)
        key_id, wrapped, payload = _read(secret)
        data_key = self._try(lambda ring: ring.unwrap(key_id, wrapped, place))
        return _written(*self._ring().wrap(data_key, place), payload)

    def key_of(self, secret: str) -> str:
        """Return the id of the key that a secret is under; empty where it cannot be told.

        It cannot when no key of the ring fits a secret of before there were envelopes.
        """
        if is_envelope(secret):
            return secret.split(".")[1]
        try:
            return self._try(lambda ring: ring.open_fernet(secret))[0]
        except KeyMissing:
            return ""

    def _try(self, use: Callable[[Ring], T]) -> T:
        try:
            return use(self._ring())
        except KeyMissing as error:
            return use(self._ring(lacking=error.key_id))


def is_envelope(secret: str) -> bool:
    """Return whether a secret has a data key of its own; else it is of before there were any."""
    return secret.startswith(f"{_FORMAT}.")


class _Key:
    """One key of a ring: its id, and what is derived from it for each use."""

    def __init__(self, number: int, text: str) -> None:
        try:
            self.fernet = Fernet(text)
            key = base64.urlsafe_b64decode(text)
        except ValueError:
            raise CipherError(
                f"encryption key {number} is not 32 bytes in URL-safe base64"
            ) from None
        self.id = _derived(key, "id", _ID_BYTES).hex()
        self.wrapping = AESGCM(_derived(key, "wrapping", _KEY_BITS // 8))


def _derived(key: bytes, use: str, length: int) -> bytes:
    # RFC 5869: each use has a key of its own, so that an id tells nothing about any of them.
    info = f"syncline {_FORMAT} {use}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key)


def _always(ring: Ring) -> FindRing:
    def find(*, lacking: str | None = None) -> Ring:  # noqa: ARG001 - there is no other
        return ring

    return find


def _bound(place: Place, *wrapping: str) -> bytes:
    """Return what is authenticated with a payload, or with a data key wrapped by a key."""
    return json.dumps([_FORMAT, place.table, place.column, place.row, wrapping]).encode()


def _close(key: AESGCM, text: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, text, bound)


def _open(key: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise CipherError("what is stored was altered, or moved from its place") from None


def _written(key_id: str, *parts: bytes) -> str:
    encoded = (base64.urlsafe_b64encode(part).rstrip(b"=").decode("ascii") for part in parts)
    return ".".join((_FORMAT, key_id, *encoded))


def _read(secret: str) -> tuple[str, bytes, bytes]:
    _, key_id, *parts = secret.split(".", _PARTS - 1)
    try:
        wrapped, payload = map(_decoded, parts)
    except ValueError:
        raise CipherError("what is stored was altered, or moved from its place") from None
    return key_id, wrapped, payload


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
