"""Embedded mode: runs are executed by threads of the server process itself.

The data folder belongs to one process, so whatever is RUNNING when it starts is of a dead one:
it is queued again and goes on behind its last stored page.
"""

import threading
from datetime import datetime, timedelta

import structlog

from syncline_server.core.model import Run, RunState
from syncline_server.engine.engine import ExecuteRun
from syncline_server.engine.timetable import Timetable
from syncline_server.storage import runs
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

_SWEEP_INTERVAL = timedelta(seconds=30)


class EmbeddedEngine:
    """Executes queued runs on the timetable's worker threads, and wakes parked ones."""

    def __init__(self, database: Database, timetable: Timetable, execute: ExecuteRun) -> None:
        self._database = database
        self._timetable = timetable
        self._execute = execute
        self._stopping = threading.Event()
        self._executing: set[str] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Take up everything a dead process left behind, and look for strays from now on."""
        self.sweep()
        self._timetable.every(_SWEEP_INTERVAL, "engine/sweep", self.sweep)

    def sweep(self) -> None:
        """Make every active row be executed again that nothing here is executing.

        At the start these are the runs of a dead process; later only runs whose thread could not
        write its end down, or whose wake-up was lost.
        """
        for run in runs.unfinished(self._database):
            if run.id not in self._executing:
                self._take_up(run)

    def _take_up(self, run: Run) -> None:
        if run.state is RunState.RUNNING and runs.take_up(self._database, run):
            log.info("took up a run", action="run_revived", run=run.id, attempt=run.attempt)
        self._wake(run)

    def stop(self) -> None:
        """Ask running modules to end at their next page; they are queued for the next start."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for nothing: runs execute on the timetable's threads, and its stop waits."""

    def enqueue(self, run_id: str) -> None:
        """Execute a run as soon as a worker is free, once the current transaction commits."""
        job = f"run/{run_id}"
        self._database.after_commit(lambda: self._timetable.run(job, lambda: self._run(run_id)))

    def wake(self, run_id: str, when: datetime) -> None:
        """Execute a parked run at a time."""
        self._timetable.at(when, f"wake/{run_id}", lambda: self.enqueue(run_id))

    def _run(self, run_id: str) -> None:
        if self._stopping.is_set() or not self._takes(run_id):
            return
        try:
            run = self._execute(run_id, self._stopping.is_set)
        finally:
            self._executing.discard(run_id)
        if run and run.state is RunState.WAITING:
            self._wake(run)

    def _takes(self, run_id: str) -> bool:
        """Return whether this thread is to execute a run: no other does."""
        with self._lock:
            is_free = run_id not in self._executing
            self._executing.add(run_id)
        return is_free

    def _wake(self, run: Run) -> None:
        if run.state is RunState.WAITING and run.wake_time:
            self.wake(run.id, run.wake_time)
        else:
            self.enqueue(run.id)
