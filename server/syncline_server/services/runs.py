"""Runs as callers see them: one, many, their issues, and asking one to stop."""

from datetime import datetime

from syncline_server.core.clock import Clock
from syncline_server.core.errors import Blocker, FailedPrecondition, NotFound, Reason
from syncline_server.core.listing import RunFilter
from syncline_server.core.model import ACTIVE, Run, RunError, RunState
from syncline_server.core.names import Connection, record
from syncline_server.core.notices import ConnectionChanged, Notify, RunChanged
from syncline_server.storage import run_issues, runs
from syncline_server.storage.database import Database, Row


class Runs:
    """Reads runs and cancels them."""

    def __init__(self, database: Database, clock: Clock, notify: Notify) -> None:
        self._database = database
        self._clock = clock
        self._notify = notify

    def get(self, workspace: str, run_id: str) -> Run:
        """Return a run.

        :raises NotFound: the workspace has no such run.
        """
        run = runs.get(self._database, run_id, workspace)
        if run is None:
            raise NotFound(record(workspace, "runs", run_id))
        return run

    def page(self, workspace: str, wanted: RunFilter, before: str, limit: int) -> list[Run]:
        """Return runs, newest first, that come before an id (empty: from the newest)."""
        return runs.page(self._database, workspace, wanted, before, limit)

    def issues(
        self, workspace: str, run_id: str, after: int, limit: int, *, open_only: bool = False
    ) -> list[Row]:
        """Return a run's issues behind a number, in the order they arose.

        :raises NotFound: the workspace has no such run.
        """
        self.get(workspace, run_id)
        return run_issues.of_one_run(self._database, run_id, after, limit, open_only=open_only)

    def open_issues(self, workspace: str, before: tuple[str, int] | None, limit: int) -> list[Row]:
        """Return what is open in a workspace, whichever run met it, the newest first.

        :param before: run and number that the page begins behind; None for the first page.
        """
        return run_issues.open_of_workspace(self._database, workspace, before, limit)

    def cancel(self, workspace: str, run_id: str) -> Run:
        """Ask an active run to stop: at once while it waits, else at its next page.

        Asking again changes nothing, also when it has been cancelled meanwhile.

        :raises NotFound: the workspace has no such run.
        :raises FailedPrecondition: it has ended in another way.
        """
        name = record(workspace, "runs", run_id)
        with self._database.transaction():
            # Held, or it could start between the look and the write and never hear of this.
            run = runs.lock(self._database, run_id, workspace)
            if run is None:
                raise NotFound(name)
            if run.state is RunState.CANCELLED:
                return run
            if run.state not in ACTIVE:
                raise _has_ended(run)
            self._stop(run)
            self._database.after_commit(lambda: self._tell(run))
        return self.get(workspace, run_id)

    def _stop(self, run: Run) -> None:
        if not runs.request_cancel(self._database, run.id):
            runs.end(self._database, run, RunState.CANCELLED, self._clock())

    def _tell(self, run: Run) -> None:
        self._notify(RunChanged(run.scope.connection, run.id))
        self._notify(ConnectionChanged(run.scope.connection))


def _has_ended(run: Run) -> FailedPrecondition:
    name = record(run.scope.connection.workspace, "runs", run.id)
    message = f"{name} ended {run.state}: there is nothing to cancel."
    blocker = Blocker(
        reason=Reason.RUN_ENDED, subject=name, title=run.scope.module, description=message
    )
    return FailedPrecondition(message, [blocker])


def cancel_all(database: Database, connection: Connection, now: datetime, reason: str) -> None:
    """End every active run of a connection, inside the transaction that disconnects it.

    A run that is executing finds its row ended at its next page and stops without a trace.

    :param reason: what happened to the connection, for people.
    """
    error = RunError(code="CONNECTION_CHANGED", message=reason)
    for run in runs.lock_active_of(database, connection):
        runs.end(database, run, RunState.CANCELLED, now, error)
