"""A timetable that is turned by hand: nothing happens until the test says so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline_server.engine.timetable import Timetable


@dataclass(frozen=True)
class Job:
    """Something to call."""

    call: Callable[[], object]
    when: datetime | None = None
    every: timedelta | None = None


class HandTimetable(Timetable):
    """Keeps jobs by id, as the real one does, and calls them on the test's own thread."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}

    def at(self, when: datetime, job: str, call: Callable[[], object]) -> None:
        """Keep a timer."""
        self.jobs[job] = Job(call, when=when)

    def every(self, interval: timedelta, job: str, call: Callable[[], object]) -> None:
        """Keep a repeated job."""
        self.jobs[job] = Job(call, every=interval)

    def guard(self, interval: timedelta, job: str, call: Callable[[], object]) -> None:
        """Keep a job that frees the others."""
        self.jobs[job] = Job(call, every=interval)

    def soon(self, job: str, call: Callable[[], object]) -> None:
        """Keep a job for a timer's thread."""
        self.jobs[job] = Job(call)

    def run(self, job: str, call: Callable[[], object]) -> None:
        """Keep a job for the next free worker."""
        self.jobs[job] = Job(call)

    def aside(self, job: str, call: Callable[[], object]) -> None:
        """Keep a job that may take long."""
        self.jobs[job] = Job(call)

    def work(self, now: datetime) -> None:
        """Call every job that is due, and those they ask for, until none is left."""
        while due := [name for name, job in self.jobs.items() if _is_due(job, now)]:
            self.jobs.pop(due[0]).call()


def _is_due(job: Job, now: datetime) -> bool:
    return job.every is None and (job.when is None or job.when <= now)
