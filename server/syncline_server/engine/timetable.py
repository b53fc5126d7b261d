"""The clock of the process: APScheduler, holding nothing that is not in a row.

Its jobs live in memory and are made anew from rows at every start. A job only says "look now":
whoever looks decides by the row, so that several servers may all hold a clock.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from syncline_server.core.errors import Unavailable

log = structlog.get_logger(__name__)

_TIMER_THREADS = 4
_ASIDE_THREADS = 2
_JITTER_SHARE = 0.1


class Timetable:
    """Calls things later, again and again, or now on another thread.

    :param workers: how many runs may execute at once; none where they execute elsewhere.
    """

    def __init__(self, workers: int) -> None:
        executors = {
            "default": ThreadPoolExecutor(_TIMER_THREADS),
            "aside": ThreadPoolExecutor(_ASIDE_THREADS),
            "guard": ThreadPoolExecutor(1),
        }
        if workers:
            executors["runs"] = ThreadPoolExecutor(workers)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors=executors,
            # None: a job that comes late still comes. The default drops it after one second.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

        self._lock = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Begin; what was asked for before is taken along."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop beginning anything, and wait for what is under way.

        What is asked for from now on is dropped: it is in a row, and the next start finds it.
        """
        with self._lock:
            # The shutdown holds APScheduler's lock while it waits for running jobs: one of them
            # that asked for another would wait for that lock, and both for ever.
            self._closed = True
        if self._scheduler.running:
            # One that is just being handed out would be missed by APScheduler's own thread when
            # the shutdown begins, and end it with a traceback.
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=True)

    def at(self, when: datetime, job: str, call: Callable[[], object]) -> None:
        """Call once at a time (at once when it is past); a job of the same id is replaced."""
        self._add(job, call, trigger="date", run_date=when)

    def every(self, interval: timedelta, job: str, call: Callable[[], object]) -> None:
        """Call again and again, spread a little so that replicas do not march in step."""
        seconds = interval.total_seconds()
        jitter = int(seconds * _JITTER_SHARE) or None
        self._add(job, call, trigger="interval", seconds=seconds, jitter=jitter)

    def guard(self, interval: timedelta, job: str, call: Callable[[], object]) -> None:
        """Call again and again on a thread of its own: it frees those that hold up all others."""
        seconds = interval.total_seconds()
        self._add(job, call, executor="guard", trigger="interval", seconds=seconds)

    def soon(self, job: str, call: Callable[[], object]) -> None:
        """Call at once on a timer's thread; one more call may begin while the last one works."""
        self._add(job, call, max_instances=2)

    def aside(self, job: str, call: Callable[[], object]) -> None:
        """Call what may take long and nobody waits for; neither timers nor runs wait for it."""
        self._add(job, call, executor="aside")

    def run(self, job: str, call: Callable[[], object]) -> None:
        """Call as soon as a worker is free; a waiting job of the same id is replaced.

        One more may begin while the last one ends: it may be what that one asked for.
        """
        self._add(job, call, executor="runs", max_instances=2)

    def _add(self, job: str, call: Callable[[], object], **how: object) -> None:
        with self._lock:
            if not self._closed:
                call = partial(_looked, job, call)
                self._scheduler.add_job(call, id=job, replace_existing=True, **how)


def _looked(job: str, call: Callable[[], object]) -> None:
    """Call; a database that is away is no bug, and what could not be looked at is still there."""
    try:
        call()
    except Unavailable:
        log.warning("timer found no database", action="timer_in_vain", job=job)
