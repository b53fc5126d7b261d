"""How many calls to one organisation may be made now: a fixed window and a number at once.

The provider counts too, over all our processes, and tells what it counted with each answer. So our
own count is only the best guess between two answers: it is lowered whenever the provider knows less
to be left, and raised when the provider can only have begun a new window. Where in the minute that
happens is not known beforehand (developer.xero.com, "OAuth 2.0 API limits": fixed windows, reset at
a moment of their own per organisation).
"""

from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import Allowance, Limits

WINDOW: Final = timedelta(minutes=1)
"""How long the provider's smallest limit lasts."""
POLL: Final = timedelta(milliseconds=50)
"""How soon to ask again while as many calls are in flight as may be."""
UNTOLD_PAUSE: Final = timedelta(seconds=2)
"""How long to hold back after a refusal that does not say how long."""

LONGEST_PAUSE: Final = timedelta(days=1)
"""No limit lasts longer, whatever an answer says: look again then."""


class Budget:
    """The allowance of one organisation. Not safe to share between threads by itself.

    :param limits: what the provider allows.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.per_minute
        self._in_flight = 0
        self._window_end: datetime | None = None
        self._closed_until: datetime | None = None

    def take(self, now: datetime) -> timedelta | None:
        """Take one call and return None, or return how long to wait before asking again."""
        self._roll(now)
        if self._closed_until is not None and now < self._closed_until:
            return self._closed_until - now
        if self._left <= 0 and self._window_end is not None:
            return self._window_end - now
        if self._in_flight >= self._limits.concurrent:
            return POLL
        self._left -= 1
        self._in_flight += 1
        self._window_end = self._window_end or now + WINDOW
        return None

    def give_back(self) -> None:
        """Note that a call taken has ended, however it ended."""
        self._in_flight -= 1

    def learn(self, allowance: Allowance, now: datetime) -> None:
        """Correct the count by what an answer says. Call it before giving the call back."""
        if allowance.limited:
            self._close(allowance.retry_after, now)
        elif allowance.minute_remaining is not None:
            self._correct(allowance.minute_remaining, now)

    def _roll(self, now: datetime) -> None:
        if self._window_end is not None and now >= self._window_end:
            self._left = self._limits.per_minute
            self._window_end = None

    def _close(self, pause: timedelta | None, now: datetime) -> None:
        until = now + (UNTOLD_PAUSE if pause is None else min(pause, LONGEST_PAUSE))
        self._closed_until = max(self._closed_until or until, until)
        if pause is not None:
            # What was asked for ends with the provider's window: a full one begins then.
            self._left, self._window_end = 0, self._closed_until

    def _correct(self, remaining: int, now: datetime) -> None:
        # The other calls in flight may have been counted there already or not yet: assume not.
        known = max(0, remaining - (self._in_flight - 1))
        # Answers may overtake one another, which explains as many as can be in flight, no more.
        if known > self._left + self._limits.concurrent:
            self._left, self._window_end = known, now + WINDOW
        elif known < self._left:
            self._left, self._window_end = known, self._window_end or now + WINDOW
