"""Encryption at rest: what is secret in a row, under a ring of keys."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CipherError(Exception):
    """A key is malformed, or none of the ring opens a text. Says nothing about either."""


class Cipher:
    """Encrypts with the first key and decrypts with any.

    To rotate, put a new key first, encrypt again what is stored, then drop the old one.

    :param keys: Fernet keys (32 bytes in URL-safe base64), the newest first.
    :raises CipherError: there is none, or one is malformed.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise CipherError("there is no encryption key")
        self._ring = MultiFernet([_key(number, key) for number, key in enumerate(keys, 1)])

    def encrypt(self, text: str) -> str:
        """Return the text encrypted and authenticated, as ASCII."""
        return self._ring.encrypt(text.encode()).decode("ascii")

    def decrypt(self, secret: str) -> str:
        """Return what was encrypted.

        :raises CipherError: no key of the ring fits, or the text was altered.
        """
        try:
            return self._ring.decrypt(secret.encode()).decode()
        except InvalidToken:
            raise CipherError("no encryption key fits what is stored") from None

    def rotate(self, secret: str) -> str:
        """Return the same text encrypted with the first key.

        :raises CipherError: no key of the ring fits, or the text was altered.
        """
        try:
            return self._ring.rotate(secret.encode()).decode("ascii")
        except InvalidToken:
            raise CipherError("no encryption key fits what is stored") from None


def parse_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a comma-separated list, the newest first."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def _key(number: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise CipherError(f"encryption key {number} is not 32 bytes in URL-safe base64") from None
