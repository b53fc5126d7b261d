"""Runs nobody asks for: what is due by a workspace's intervals, in the order of the chain."""

from collections.abc import Callable
from functools import partial

import structlog

from syncline_sdk import Trigger
from syncline_server.core import automatic
from syncline_server.core.clock import Clock
from syncline_server.core.errors import NotFound
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow, ConnectionState, Run, RunState, Settings
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.services.chain import Chain, automatic_of
from syncline_server.storage import connections, runs
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

StartRun = Callable[[str], None]
"""Has a run executed, by id, once the current transaction commits; never waits for it."""


class AutomaticSyncs:
    """Starts what is due. Manual cooldowns do not hold it back; the chain does."""

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
        """Look at every workspace with an interval, each in a transaction of its own."""
        for connection in settings_rows.with_intervals(self._database):
            try:
                self._look_at(connection)
            except Exception:  # one workspace must not keep those behind it from their runs
                log.exception(
                    "automatic look failed", action="automatic_failed", connection=str(connection)
                )

    def _look_at(self, connection: Connection) -> None:
        with self._database.transaction():
            row = connections.lock(self._database, connection, self._clock())
            settings = settings_rows.get(self._database, connection)
            if row.state is ConnectionState.CONNECTED:
                for run in self._due(row, settings):
                    runs.insert(self._database, run)
                    self._start_run(run.id)
                    self._database.after_commit(partial(self._tell, run))

    def _due(self, row: ConnectionRow, settings: Settings) -> list[Run]:
        """Return new runs for the modules whose time has come and whose ground is ready."""
        try:
            catalogue = self._chain.provider(row.key)
        except NotFound:  # its plugin is not installed any more
            return []
        facts = self._chain.facts(row, settings)
        timed = automatic_of(self._database, row, settings, self._clock())
        busy = {run.scope.module for run in runs.active_of(self._database, row.key)}
        found = []
        for module in catalogue.modules:
            is_due = module in timed and timed[module].next_time <= self._clock()
            held = module in busy or automatic.holds(catalogue, facts, module, busy)
            if is_due and not held:
                found.append(self._run(row, module))
                busy.add(module)
        return found

    def _run(self, row: ConnectionRow, module: str) -> Run:
        return Run(
            id=self._make_id(),
            scope=Scope(row.key, module),
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=Trigger.AUTOMATIC,
            state=RunState.QUEUED,
            create_time=self._clock(),
        )

    def _tell(self, run: Run) -> None:
        self._notify(ConnectionChanged(run.scope.connection))
