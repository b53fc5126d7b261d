"""Runs no caller asks for: found due and started, a workspace at a time."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

import structlog

from syncline_sdk import Trigger
from syncline_server.core.clock import Clock
from syncline_server.core.errors import NotFound
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow, ConnectionState, Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.services import audit
from syncline_server.services.chain import Chain
from syncline_server.storage import connections, runs
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

StartRun = Callable[[str], None]
"""Has a run executed, by id, once the current transaction commits; never waits for it."""


class UnpromptedRuns(ABC):
    """Starts what is due. Manual cooldowns do not hold it back; the chain does.

    Any number of processes may look: who holds a connection's row decides for it.
    """

    trigger: ClassVar[Trigger]
    """Why they run."""

    def __init__(
        self,
        *,
        database: Database,
        chain: Chain,
        clock: Clock,
        make_id: MakeId,
        start_run: StartRun,
        notify: Notify,
    ) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._make_id = make_id
        self._start_run = start_run
        self._notify = notify

    def look(self) -> None:
        """Look at every connection that may have something due, each in its own transaction."""
        for connection in self._candidates():
            try:
                self._look_at(connection)
            except Exception:  # one workspace must not keep those behind it from their runs
                log.exception(
                    "look failed",
                    action="look_failed",
                    trigger=self.trigger,
                    connection=str(connection),
                )

    @abstractmethod
    def _candidates(self) -> Sequence[Connection]:
        """Return the connections to look at."""

    @abstractmethod
    def _due(self, row: ConnectionRow) -> Collection[str]:
        """Return the modules of a connected, locked connection that are to run, in order.

        :raises NotFound: the provider's plugin is not installed any more.
        """

    def _look_at(self, connection: Connection) -> None:
        with self._database.transaction():
            row = connections.lock(self._database, connection, self._clock())
            if row.state is not ConnectionState.CONNECTED:
                return
            try:
                due = self._due(row)
            except NotFound:
                return
            for module in due:
                self._start(row, module)
            if due:
                self._database.after_commit(lambda: self._notify(ConnectionChanged(connection)))

    def _start(self, row: ConnectionRow, module: str) -> None:
        run = Run(
            id=self._make_id(),
            scope=Scope(row.key, module),
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=self.trigger,
            state=RunState.QUEUED,
            create_time=self._clock(),
        )
        runs.insert(self._database, run)
        audit.run_started(self._database, run)
        self._start_run(run.id)
