"""How often somebody may ask the console, which is one caller of the server for everybody."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException

from syncline_console.guesses import Allowance

OF_ONE: Final = Allowance(at_once=600, seconds_each=0.1)
"""Pages, forms and questions of one person: 600 a minute."""
OF_STRANGERS: Final = Allowance(at_once=600, seconds_each=0.1)
"""Webhooks, and returns from a consent without a person: of everybody together."""
_MOST_KEPT: Final = 10_000
_TOO_OFTEN: Final = 429


class Rates:
    """Counts what each asks; safe to share between threads. Each process counts for itself.

    :param seconds: time that only moves forward, as ``time.monotonic``.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._until: OrderedDict[str, float] = OrderedDict()
        """By whom: when their allowance is whole again."""

    def count(self, person: str = "") -> None:
        """Count a request.

        :param person: their id; empty for all who are not signed in.
        :raises HTTPException: 429, there were too many.
        """
        wait = self._take(person, OF_ONE if person else OF_STRANGERS)
        if wait:
            raise HTTPException(_TOO_OFTEN, headers={"Retry-After": str(math.ceil(wait))})

    def _take(self, key: str, allowed: Allowance) -> float:
        """Take one, and return 0, or the seconds to wait for one."""
        now = self._seconds()
        with self._lock:
            until = max(self._until.get(key, now), now) + allowed.seconds_each
            wait = until - now - allowed.at_once * allowed.seconds_each
            if wait > 0:
                return wait
            self._until[key] = until
            self._until.move_to_end(key)
            if len(self._until) > _MOST_KEPT:
                self._until.popitem(last=False)
        return 0.0
