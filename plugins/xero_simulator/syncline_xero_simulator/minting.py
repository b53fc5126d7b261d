"""Ids and tokens that nobody chose."""

import hashlib
import threading
import uuid

ZERO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of a record that was not saved."""


def derived_id(*parts: object) -> str:
    """Return the GUID that belongs to `parts`; equal parts give equal ids."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


class Mint:
    """Makes ids and tokens: reproducible for one salt, different between salts."""

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._count = 0
        self._lock = threading.Lock()

    def _next(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def guid(self) -> str:
        """Return a GUID that was not returned before."""
        return derived_id(self._salt, self._next())

    def token(self) -> str:
        """Return an opaque token of 64 hexadecimal digits."""
        return hashlib.sha256(f"{self._salt}:token:{self._next()}".encode()).hexdigest()
