"""The one source of time in the simulator."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_time() -> datetime:
    """Return the machine's current time, aware and in UTC."""
    return datetime.now(UTC)


class SimulatorClock:
    """Real time plus an offset that the control API can push forwards.

    `source` gives real time and `wait` spends seconds of it; both are arguments so that tests
    can stand time still.
    """

    def __init__(
        self,
        source: Callable[[], datetime] = system_time,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._wait = wait
        self._offset = timedelta()
        self._lock = threading.Lock()

    @property
    def offset_seconds(self) -> float:
        """How far, in seconds, the simulator is ahead of real time."""
        return self._offset.total_seconds()

    def now(self) -> datetime:
        """Return the simulator's current time, aware and in UTC."""
        return self._source() + self._offset

    def advance(self, seconds: float) -> datetime:
        """Move the clock by `seconds` (may be negative) and return the new time.

        Raises `OverflowError`, the clock unmoved, when that is outside the calendar.
        """
        with self._lock:
            offset = self._offset + timedelta(seconds=seconds)
            moment = self._source() + offset
            self._offset = offset
        return moment

    def wait(self, seconds: float) -> None:
        """Spend `seconds` of real time; the offset does not shorten it."""
        self._wait(seconds)
