"""Threads that send to those who watch, of which no caller may hold more than a few.

Sending blocks while the caller does not read. Whoever opens many streams and reads none of them
keeps its own others waiting, and nobody else's.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Work = Callable[[], object]


class Lanes:
    """Does work for callers, each caller's in order of arrival.

    :param threads: how many there are.
    :param share: how many of them one caller may hold.
    """

    def __init__(self, threads: int, share: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._share = share
        self._busy: dict[str, int] = {}
        self._waiting: dict[str, deque[Work]] = {}
        self._lock = threading.Lock()

    def submit(self, caller: str, work: Work) -> None:
        """Have work done soon.

        :raises RuntimeError: the threads are shut down.
        """
        with self._lock:
            busy = self._busy.get(caller, 0)
            if busy >= self._share:
                self._waiting.setdefault(caller, deque()).append(work)
                return
            self._busy[caller] = busy + 1
        self._pool.submit(self._run, caller, work)

    def shut_down(self) -> None:
        """Begin nothing more, and wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait until the last piece has ended, once nothing holds it up any more."""
        self._pool.shutdown()

    def _run(self, caller: str, work: Work) -> None:
        """Do one piece and hand the thread back, so that others get their turn."""
        try:
            work()
        finally:
            self._go_on(caller)

    def _go_on(self, caller: str) -> None:
        with self._lock:
            waiting = self._waiting.get(caller)
            work = waiting.popleft() if waiting else None
            if not waiting:
                self._waiting.pop(caller, None)
            if work is None:
                self._busy[caller] -= 1
                if not self._busy[caller]:
                    del self._busy[caller]
                return
        self._pool.submit(self._run, caller, work)
