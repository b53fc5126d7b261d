"""How many streams may be open: for one caller, so that others find room, and for all."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from syncline_server.core.access import Identity
from syncline_server.core.errors import Reason, ResourceExhausted
from syncline_server.rpc.identity import LOCAL

_LATER: Final = timedelta(seconds=10)

AtEnd = Callable[[Callable[[], None]], bool]
"""Has something called when the call is over; False when it is over already."""


class Seats:
    """Counts open streams. Safe to share between threads.

    :param most: how many there may be in this process.
    :param most_of_one: how many of one caller; whoever is taken for :data:`LOCAL` may have all.
    """

    def __init__(self, *, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._taken: Counter[str] = Counter()
        self._all = 0
        self._lock = threading.Lock()

    def take(self, caller: Identity, at_end: AtEnd) -> None:
        """Take a seat until the call is over.

        :raises ResourceExhausted: there is none left.
        """
        subject = caller.subject
        with self._lock:
            if self._all >= self._most:
                raise _full("The server has as many streams open as it may.", "streams")
            if self._taken[subject] >= self._most_of_one and caller is not LOCAL:
                text = "These credentials have as many streams open as they may."
                raise _full(text, "streams_per_caller")
            self._taken[subject] += 1
            self._all += 1
        if not at_end(lambda: self._leave(subject)):
            self._leave(subject)

    def _leave(self, subject: str) -> None:
        with self._lock:
            self._all -= 1
            self._taken[subject] -= 1
            if not self._taken[subject]:
                del self._taken[subject]


def _full(message: str, limit: str) -> ResourceExhausted:
    return ResourceExhausted(Reason.CONCURRENCY_LIMITED, message, _LATER, {"limit": limit})
