"""Fleet mode: runs are executed by any process on one PostgreSQL, Procrastinate handing them out.

A queued run has a job, made in the same transaction; whoever fetches it executes the run by its
row. What a dead process held has a job of a worker that gives no sign of life. The sweep of any
process takes such jobs away and queues their runs again with new ones: the next attempt fences off
whoever had them.
"""

import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from syncline_server.core.clock import Clock
from syncline_server.core.model import Run, RunState
from syncline_server.engine.engine import ExecuteRun
from syncline_server.engine.job_worker import JobWorker, Pace
from syncline_server.engine.timetable import Timetable
from syncline_server.storage import jobs, runs
from syncline_server.storage.database import LONGEST_SILENCE, Database

log = structlog.get_logger(__name__)

SWEEPS: Final = 4
"""In the time after which a silent worker is taken for dead."""
_SILENT_EVERY: Final = timedelta(seconds=5)
"""How often connections are looked for that fell silent amid a batch."""


class FleetEngine:
    """Executes runs that any process queued, and takes over from the dead.

    :param url: of the database.
    :param pace: how many runs execute here at once, none when this process leaves that to others,
        and after what silence a worker's runs are taken over.
    """

    def __init__(
        self,
        *,
        database: Database,
        timetable: Timetable,
        clock: Clock,
        execute: ExecuteRun,
        url: str,
        pace: Pace,
    ) -> None:
        self._database = database
        self._timetable = timetable
        self._clock = clock
        self._execute = execute
        self._takeover = pace.takeover
        self._stopping = threading.Event()
        self._worker = JobWorker(url, self.perform, pace) if pace.workers else None

    def start(self) -> None:
        """Take up what was left behind, now and again and again, and fetch jobs from now on."""
        # First: the sweep may wait for a row that a frozen process holds.
        self._timetable.guard(_SILENT_EVERY, "engine/silent", self._cut_off_silent)
        self.sweep()
        self._timetable.every(self._takeover / SWEEPS, "engine/sweep", self.sweep)
        if self._worker:
            self._worker.start()

    def enqueue(self, run_id: str) -> None:
        """Give a run a job, in the current transaction if there is one."""
        jobs.insert(self._database, [run_id])

    def wake(self, run_id: str, when: datetime) -> None:
        """Give a parked run a job at a time; should this process be gone by then, a sweep does."""
        self._timetable.at(when, f"wake/{run_id}", lambda: self.enqueue(run_id))

    def sweep(self) -> None:
        """Give every active run a job that should have one and has none, as those of dead workers.

        One process at a time: whoever finds another at it leaves it to that one.
        """
        with self._database.transaction():
            if not jobs.take_turn(self._database):
                return
            jobs.forget_dead(self._database, self._takeover)
            strays = runs.without_job(self._database, self._clock())
            for run in strays:
                self._take_up(run)
            jobs.insert(self._database, [run.id for run in strays])

    def _cut_off_silent(self) -> None:
        jobs.cut_off_silent(self._database, LONGEST_SILENCE)

    def perform(self, run_id: str) -> None:
        """Carry out one job: execute the run as its row wants it."""
        if self._stopping.is_set():
            run = runs.get(self._database, run_id)
        else:
            run = self._execute(run_id, self._stopping.is_set)
        if run is None:
            return
        if run.state is RunState.QUEUED:  # this process is stopping: another goes on
            self.enqueue(run.id)
        elif run.state is RunState.WAITING and run.wake_time:
            self.wake(run.id, run.wake_time)

    def stop(self) -> None:
        """Fetch no more jobs, and ask running modules to end at their next page."""
        self._stopping.set()
        if self._worker:
            self._worker.stop()

    def join(self) -> None:
        """Wait until the last job here has ended and its run is queued for others."""
        if self._worker:
            self._worker.join()

    def _take_up(self, run: Run) -> None:
        if run.state is RunState.RUNNING and runs.take_up(self._database, run):
            tell = partial(log.info, "took over a run", action="run_revived")
            self._database.after_commit(partial(tell, run=run.id, attempt=run.attempt))
