"""Where archives are made and handed out: few places, of which a caller has one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from syncline_server.core.access import Identity
from syncline_server.core.errors import Reason, ResourceExhausted
from syncline_server.rpc.identity import LOCAL

AT_ONCE: Final = 2
"""Exports a process makes at once at most."""
_BUSY: Final = timedelta(seconds=30)


class Places:
    """Threads for exports. Safe to share between threads.

    Whoever is taken for :data:`LOCAL` may have all.
    """

    def __init__(self) -> None:
        self._taken: list[str] = []
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="export")

    def take(self, caller: Identity) -> Callable[[], None]:
        """Take a place until what is returned is called, once.

        :raises ResourceExhausted: there is none left.
        """
        subject = caller.subject
        with self._lock:
            if len(self._taken) >= AT_ONCE:
                raise _full("Enough exports are being made now; repeat in a moment.")
            if subject in self._taken and caller is not LOCAL:
                raise _full("These credentials export already; repeat when that is over.")
            self._taken.append(subject)
        return lambda: self._leave(subject)

    def submit(self, work: Callable[[], None]) -> None:
        """Have work done at once by a thread that belongs to a place."""
        self._threads.submit(work)

    def shut_down(self) -> None:
        """Wait until the last export is over; end their calls first."""
        self._threads.shutdown()

    def _leave(self, subject: str) -> None:
        with self._lock:
            self._taken.remove(subject)


def _full(message: str) -> ResourceExhausted:
    return ResourceExhausted(Reason.QUOTA, message, _BUSY)
