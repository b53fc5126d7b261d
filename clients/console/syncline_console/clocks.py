"""The server's clock, as far as it can be told from here."""

import time
from collections.abc import Callable
from typing import Final

from syncline_console.standing import Standing

_MILLI: Final = 1000


class ServerClock:
    """Follows how far the server's clock is from this machine's. Safe to share between threads.

    The server tells its time with every running cooldown: when it ends, and how much is left.
    Before the first one this machine's clock is believed, and nothing is counted down by it.

    :param now: this machine's clock, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._ahead = 0.0

    def hear(self, standing: Standing) -> None:
        """Take the time from an answer that has just arrived."""
        told = standing.server_seconds
        if told is not None:
            self._ahead = told - self._now()

    @property
    def milliseconds(self) -> int:
        """The server's time, in milliseconds since the epoch."""
        return round((self._now() + self._ahead) * _MILLI)
