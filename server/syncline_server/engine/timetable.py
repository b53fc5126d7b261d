"""The clock of the process: APScheduler, holding nothing that is not in a row.

Its jobs live in memory and are made anew from rows at every start. A job only says "look now":
whoever looks decides by the row, so that several servers may all hold a clock.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

_TIMER_THREADS = 4
_JITTER_SHARE = 0.1


class Timetable:
    """Calls things later, again and again, or now on another thread.

    :param workers: how many runs may execute at once.
    """

    def __init__(self, workers: int) -> None:
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={
                "default": ThreadPoolExecutor(_TIMER_THREADS),
                "runs": ThreadPoolExecutor(workers),
            },
            # None: a job that comes late still comes. The default drops it after one second.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin; what was asked for before is taken along."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop beginning anything, and wait for what is under way."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def at(self, when: datetime, job: str, call: Callable[[], object]) -> None:
        """Call once at a time (at once when it is past); a job of the same id is replaced."""
        self._scheduler.add_job(call, "date", run_date=when, id=job, replace_existing=True)

    def every(self, interval: timedelta, job: str, call: Callable[[], object]) -> None:
        """Call again and again, spread a little so that replicas do not march in step."""
        seconds = interval.total_seconds()
        self._scheduler.add_job(
            call,
            "interval",
            seconds=seconds,
            jitter=int(seconds * _JITTER_SHARE) or None,
            id=job,
            replace_existing=True,
        )

    def run(self, job: str, call: Callable[[], object]) -> None:
        """Call as soon as a worker is free; a waiting job of the same id is replaced."""
        self._scheduler.add_job(call, executor="runs", id=job, replace_existing=True)

    def forget(self, job: str) -> None:
        """Drop a job that has not begun; nothing happens when there is none."""
        try:
            self._scheduler.remove_job(job)
        except JobLookupError:
            return
