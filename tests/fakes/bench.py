"""The services and the executor over a real database, with everything outside played by the test.

No thread, no timer, no network: time is a :class:`Clockwork`, runs are executed by calling
:meth:`Bench.execute`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count

import httpx

from clockwork import Clockwork
from syncline_sdk import InvoiceState, OutgoingInvoice, RecordKind, RunStopped
from syncline_server.app import Outside
from syncline_server.app.planning import plan_doors
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow, ConnectionState, ModuleState, Run
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import Notice, Notify
from syncline_server.core.plan import Plan
from syncline_server.engine.context import Doors
from syncline_server.engine.execution import Execution
from syncline_server.engine.planning import Planner
from syncline_server.services.chain import Chain, NodeView
from syncline_server.services.journal import Journal
from syncline_server.services.plans import Patience
from syncline_server.services.runs import Runs, cancel_all
from syncline_server.services.settings import SettingsChange, SettingsOutcome, SettingsService
from syncline_server.services.syncs import Syncs, TriggerRequest
from syncline_server.services.webhook_runs import WebhookRuns
from syncline_server.services.webhooks import Delivery, Receipt, WebhookDeliveries
from syncline_server.storage import connections, module_states, runs
from syncline_server.storage.database import Database
from told import WEBHOOK_KEY, Told, body_of, headers_of


class JournalSink:
    """A sink that counts every record as created, and stores its page through the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def store(self, records: Sequence[object], *, cursor: str) -> None:
        """Store one page."""
        with self._journal.page(cursor) as tally:
            tally.fetched += len(records)
            tally.created += len(records)

    def unseen(self) -> Sequence[str]:
        """Return none."""
        return ()

    def vanished(self, ids: Sequence[str]) -> None:
        """Ignore what comes."""

    def replace(self, records: Sequence[object], *, unreadable: Sequence[str] = ()) -> None:
        """Store a whole list."""
        with self._journal.page() as tally:
            tally.fetched += len(records)
            tally.skipped += len(unreadable)


class NoInvoices:
    """The doors of invoices, with nothing behind them."""

    def ids(self) -> Iterator[str]:
        """Yield none."""
        return iter(())

    def unseen(self) -> Sequence[str]:
        """Return none."""
        return ()

    def store(self, states: Sequence[InvoiceState], *, cursor: str) -> None:
        """Ignore what comes."""

    def missing(self, ids: Sequence[str]) -> None:
        """Ignore what comes."""

    def unresolved(self) -> Sequence[OutgoingInvoice]:
        """Return none."""
        return ()

    def prepare(self, _limit: int) -> Sequence[OutgoingInvoice]:
        """Return none."""
        return ()

    def sent(self, invoices: Sequence[OutgoingInvoice]) -> None:
        """Ignore what comes."""

    def linked(self, attempt_id: str, state: InvoiceState) -> None:
        """Ignore what comes."""

    def rejected(self, attempt_id: str, code: str, message: str, *, holder: str = "") -> None:
        """Ignore what comes."""

    def absent(self, attempt_id: str) -> None:
        """Ignore what comes."""

    def uncertain(self, attempt_ids: Sequence[str]) -> None:
        """Ignore what comes."""


def open_doors(journal: Journal) -> Doors:
    """Open the doors of a run."""
    sink, invoices = JournalSink(journal), NoInvoices()
    return Doors(
        contacts=sink, items=sink, tax_rates=sink, linked_invoices=invoices, outbox=invoices
    )


@dataclass(frozen=True)
class Accepted:
    """What the engine was told of a trigger."""

    run_id: str
    cooldown_end: datetime


def never() -> bool:
    """Tell that nothing is stopping."""
    return False


class Bench:
    """One workspace connected to one provider.

    :param database: migrated; whatever it holds already stays.
    :param notify: told what changes; ``notices`` gathers it otherwise.
    """

    def __init__(
        self,
        database: Database,
        installed: Catalogue,
        clock: Clockwork | None = None,
        notify: Notify | None = None,
    ) -> None:
        self.database = database
        self.clock = clock or Clockwork()
        self.catalogue = installed
        self.connection = Connection("acme", next(iter(installed.providers)))
        self.open_mappings = 0
        """How many mappings every manual step still waits for."""
        self.notices: list[Notice] = []
        self.accepted: list[Accepted] = []
        self.opened: list[tuple[int, bool]] = []
        """Generation and urgency of each client that was opened."""
        self.lost: list[str] = []
        """Why access was lost, each time it was."""
        self.started: list[str] = []
        """Ids of the runs that webhooks started."""
        self.woken: list[datetime] = []
        """When somebody was told that events wait."""
        tell = notify or self.notices.append
        self._numbers = numbers = count(1)
        self.chain = Chain(database, installed, self.clock, self._counters())
        self.settings = SettingsService(database, self.chain, self.clock, tell)
        self.runs = Runs(database, self.clock, tell)
        self.syncs = Syncs(
            database=database,
            chain=self.chain,
            clock=self.clock,
            make_id=lambda: f"run{next(numbers):06d}",
            accepted=lambda run, end: self.accepted.append(Accepted(run.id, end)),
            notify=tell,
        )
        self.execution = Execution(
            database=database,
            chain=self.chain,
            clock=self.clock,
            open_client=self._open_client,
            open_doors=open_doors,
            lose_access=self.lose_access,
            notify=tell,
        )
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(404)
        """How the provider answers a module's calls."""

    @cached_property
    def planner(self) -> Planner:
        """What makes plans."""
        outside = Outside(clock=self.clock)
        return Planner(
            database=self.database,
            chain=self.chain,
            clock=self.clock,
            make_id=outside.make_id,
            open_client=self._open_client,
            open_doors=plan_doors(outside, self.chain),
            lose_access=self.lose_access,
        )

    @property
    def row(self) -> ConnectionRow:
        """The connection as it is stored."""
        return connections.get(self.database, self.connection)

    @cached_property
    def deliveries(self) -> WebhookDeliveries:
        """What takes webhooks; two keys fit."""
        return WebhookDeliveries(
            database=self.database,
            catalogue=self.catalogue,
            keys={name: ["new-key", WEBHOOK_KEY] for name in self.catalogue.providers},
            clock=self.clock,
            wake=lambda: self.woken.append(self.clock()),
        )

    @cached_property
    def webhook_runs(self) -> WebhookRuns:
        """What starts the runs of webhooks."""
        return WebhookRuns(
            database=self.database,
            chain=self.chain,
            clock=self.clock,
            make_id=lambda: f"run{next(self._numbers):06d}",
            start_run=self.started.append,
            notify=self.notices.append,
        )

    def connect(self, organisation: str = "kauri") -> None:
        """Connect to an organisation, ending what ran before."""
        self._move(ConnectionState.CONNECTED, organisation)

    def disconnect(self) -> None:
        """Disconnect."""
        self._move(ConnectionState.NOT_CONNECTED, "")

    def lose_access(self, connection: Connection, generation: int, reason: str) -> None:
        """Mark the connection RECONNECT_REQUIRED."""
        self.lost.append(reason)
        with self.database.transaction():
            row = connections.lock(self.database, connection, self.clock())
            if row.generation == generation:
                lost = replace(row, state=ConnectionState.RECONNECT_REQUIRED)
                connections.save(self.database, lost, self.clock())

    def switch(self, **toggles: bool) -> SettingsOutcome:
        """Set toggles."""
        return self.settings.update(self.connection, SettingsChange(toggles=toggles))

    def scope(self, module: str) -> Scope:
        """Return the scope of a module."""
        return Scope(self.connection, module)

    def trigger(
        self,
        module: str,
        *,
        request_id: str = "",
        validate_only: bool = False,
        options: Mapping[str, object] | None = None,
    ) -> Run:
        """Trigger a module."""
        request = TriggerRequest(
            scope=self.scope(module),
            options=options or {},
            caller="tester",
            request_id=request_id,
            validate_only=validate_only,
        )
        return self.syncs.trigger(request)

    def tell(self, *events: Told) -> Receipt:
        """Have the provider tell what has changed."""
        body = body_of(*events)
        provider = self.connection.provider
        return self.deliveries.deliver(
            Delivery(provider=provider, headers=headers_of(body), body=body)
        )

    def look(self) -> list[Run]:
        """Look for what was told; returns the runs that start by it."""
        before = len(self.started)
        self.webhook_runs.look()
        return [self.run(id_) for id_ in self.started[before:]]

    def plan(
        self,
        module: str,
        *,
        left: timedelta = timedelta(minutes=1),
        is_awaited: Callable[[], bool] = lambda: True,
        options: Mapping[str, object] | None = None,
    ) -> Plan:
        """Plan a module."""
        run = self.trigger(module, validate_only=True, options=options)
        return self.planner.plan(run, Patience(left=left, is_awaited=is_awaited))

    def execute(self, run: Run, stopping: Callable[[], bool] = never) -> Run:
        """Execute a run and return it as it is then."""
        self.execution.execute(run.id, stopping)
        return self.run(run.id)

    def complete(self, *modules: str) -> None:
        """Trigger and execute modules, each behind its cooldown."""
        for name in modules:
            self.execute(self.trigger(name))
        self.clock.advance(seconds=3600)

    def run(self, run_id: str) -> Run:
        """Return a run as it is stored."""
        found = runs.get(self.database, run_id)
        if found is None:
            raise LookupError(run_id)
        return found

    def node(self, name: str) -> NodeView:
        """Return a node as a page shows it."""
        (found,) = (
            each for each in self.chain.view(self.connection).nodes if each.node.name == name
        )
        return found

    def state(self, module: str) -> ModuleState:
        """Return what a module has achieved for the organisation connected now."""
        return module_states.of_connection(self.database, self.row).get(module, ModuleState())

    def everything(self) -> dict[str, list[object]]:
        """Return every row a trigger, a change of settings or a run could write."""
        tables = ("connections", "settings", "module_states", "cooldowns", "runs", "run_issues")
        return {
            table: sorted(self.database.rows(f"SELECT * FROM {table}"), key=repr)
            for table in tables
        }

    def _move(self, state: ConnectionState, organisation: str) -> None:
        now = self.clock()
        with self.database.transaction():
            row = connections.lock(self.database, self.connection, now)
            cancel_all(self.database, self.connection, self.clock(), "Disconnected.")
            moved = replace(
                row, state=state, organisation_id=organisation, generation=row.generation + 1
            )
            connections.save(self.database, moved, now)

    def _counters(self) -> Mapping[RecordKind, Callable[[Database, Connection, str], int]]:
        def counted(_database: Database, _connection: Connection, _organisation: str) -> int:
            return self.open_mappings

        return {RecordKind.TAX_RATE: counted}

    def _open_client(
        self, row: ConnectionRow, stop: Callable[[], bool], *, urgent: bool
    ) -> httpx.Client:
        self.opened.append((row.generation, urgent))

        def answer(request: httpx.Request) -> httpx.Response:
            if stop():
                raise RunStopped
            return self.answer(request)

        transport = httpx.MockTransport(answer)
        return httpx.Client(transport=transport, base_url="https://books.example/api/")
