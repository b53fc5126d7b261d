"""The memory of Idempotency-Key (developer.xero.com, idempotent requests)."""

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline_xero_simulator.switches import ConcurrentKey

KEY_LIFE = timedelta(minutes=6)
"""How long a key is remembered, counted from its first call."""
LONGEST_KEY = 128
"""A longer key is refused."""
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before transport: what a replay repeats."""

    status: int
    body: str
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class KeyMismatchError(Exception):
    """The key belongs to a different request."""


class KeyBusyError(Exception):
    """The first call with this key is still under way."""


@dataclass(slots=True)
class _Entry:
    fingerprint: str
    first: datetime
    answer: Answer | None = None


def fingerprint(*parts: str | bytes) -> str:
    """Return the digest of what must be equal for a replay."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\x00")
    return digest.hexdigest()


class IdempotencyKeys:
    """Keys of the one app, each with the answer of its first call."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._changed = threading.Condition()

    def begin(
        self, key: str, print_: str, now: datetime, concurrent: ConcurrentKey
    ) -> Answer | None:
        """Claim a key for a new call (None), or return what it answered before.

        Raises `KeyMismatchError`, and `KeyBusyError` where simultaneous calls are refused.
        """
        with self._changed:
            self._forget(now)
            while (entry := self._entries.get(key)) is not None:
                if entry.fingerprint != print_:
                    raise KeyMismatchError
                if entry.answer is not None:
                    return entry.answer
                waits = concurrent is ConcurrentKey.WAIT
                if not waits or not self._changed.wait(_LONGEST_WAIT):
                    raise KeyBusyError
            self._entries[key] = _Entry(print_, now)
            return None

    def finish(self, key: str, answer: Answer | None) -> None:
        """Remember the answer of a claimed key; None gives the key free again."""
        with self._changed:
            if answer is None:
                self._entries.pop(key, None)
            elif key in self._entries:
                self._entries[key].answer = answer
            self._changed.notify_all()

    def _forget(self, now: datetime) -> None:
        old = [
            key
            for key, entry in self._entries.items()
            if entry.answer is not None and now - entry.first >= KEY_LIFE
        ]
        for key in old:
            del self._entries[key]
