"""Passwords of local accounts: hashed by argon2id, and compared at one price."""

import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 1000
"""Characters of a password."""
_AT_ONCE: Final = 2
_MOST_WAITING: Final = 8


class Busy(Exception):  # noqa: N818 - an answer, not a malfunction
    """More passwords are being compared than this machine should."""


class Passwords:
    """Hashes and compares; safe to share between threads.

    :param hasher: with which cost; the library's recommendation (RFC 9106) when None.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody's password")
        # One comparison takes 64 MiB: strangers must not have many at once, nor all threads.
        self._comparing = threading.BoundedSemaphore(_AT_ONCE)
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(_normal(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Return whether it is the password; takes as long where there is nothing to compare with.

        :param kept: what :meth:`hash` returned; None where there is no such account.
        :raises Busy: too many are being compared already.
        """
        if not self._waiting.acquire(blocking=False):
            raise Busy
        try:
            with self._comparing:
                return self._compared(password, kept or self._nobody) and kept is not None
        finally:
            self._waiting.release()

    def _compared(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, _normal(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Return it as typed on any keyboard: the same letters have several codes."""
    return unicodedata.normalize("NFKC", password)
