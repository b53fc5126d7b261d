"""Runs that read what providers told: one for each module that events wait for."""

from functools import partial

import structlog

from syncline_sdk import ModuleSpec, RecordKind, Trigger
from syncline_server.core import readiness
from syncline_server.core.clock import Clock
from syncline_server.core.errors import NotFound
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow, ConnectionState, Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.webhooks import rests
from syncline_server.services.automatic import StartRun
from syncline_server.services.chain import Chain
from syncline_server.storage import connections, runs, webhook_events
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)


class WebhookRuns:
    """Starts them. Manual cooldowns do not hold them back; the chain does."""

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
        """Look at every connection that events wait for, each in a transaction of its own."""
        for connection in webhook_events.waiting_connections(self._database):
            try:
                self._look_at(connection)
            except Exception:  # one workspace must not keep those behind it from their runs
                log.exception(
                    "webhook look failed", action="webhooks_failed", connection=str(connection)
                )

    def _look_at(self, connection: Connection) -> None:
        with self._database.transaction():
            row = connections.lock(self._database, connection, self._clock())
            if row.state is ConnectionState.CONNECTED:
                for run in self._ready(row):
                    runs.insert(self._database, run)
                    self._start_run(run.id)
                    self._database.after_commit(partial(self._tell, run))

    def _ready(self, row: ConnectionRow) -> list[Run]:
        """Return new runs for the modules that events wait for and whose ground is ready.

        While a run of a module works, or of one it builds on, its events wait for the end of that.
        """
        try:
            catalogue = self._chain.provider(row.key)
        except NotFound:  # its plugin is not installed any more
            return []
        waiting = webhook_events.waiting_modules(self._database, row)
        facts = self._chain.facts(row, settings_rows.get(self._database, row.key))
        busy = {run.scope.module for run in runs.active_of(self._database, row.key)}
        found = []
        for module in catalogue.modules:  # prerequisites come first
            ground = {module, *readiness.prerequisites(catalogue, facts.enabled, module)}
            begun = module in facts.succeeded or _refreshes(catalogue.modules[module])
            if module not in waiting or not begun or busy & ground:
                continue
            last = runs.newest(self._database, Scope(row.key, module))
            if rests(last, row.generation, waiting[module], self._clock()):
                continue
            if not readiness.blockers(catalogue, facts, module):
                found.append(self._run(row, module))
                busy.add(module)
        return found

    def _run(self, row: ConnectionRow, module: str) -> Run:
        return Run(
            id=self._make_id(),
            scope=Scope(row.key, module),
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=Trigger.WEBHOOK,
            state=RunState.QUEUED,
            create_time=self._clock(),
        )

    def _tell(self, run: Run) -> None:
        self._notify(ConnectionChanged(run.scope.connection))


def _refreshes(module: ModuleSpec) -> bool:
    """Return whether a module only brings up to date what was sent from here.

    One that makes records does not begin with a few of them, before anybody has run it.
    """
    return module.kind is RecordKind.INVOICE
