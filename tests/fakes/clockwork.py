"""A clock that stands still until it is told to go on."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 1, 12, tzinfo=UTC)


class Clockwork:
    """Time as tests want it: read it by calling, move it with ``advance`` or by waiting."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.waits: list[float] = []
        """Every wait that was asked for, in seconds."""

    def __call__(self) -> datetime:
        """Return the time."""
        return self._now

    def advance(self, *, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass and remember for how long."""
        self.waits.append(seconds)
        self.advance(seconds=seconds)
