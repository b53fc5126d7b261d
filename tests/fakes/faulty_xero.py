"""The services and the executor over a real database, the real plugin and a simulated Xero.

Nothing but the socket and the passing of time is played: runs go through tokens, limits, repeats
and bounds as in a server, on the test's own thread.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count

import httpx

from bookkeeping import add_invoice, an_invoice
from databases import opened
from simulated_xero import ORIGIN
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline_sdk import RecordKind
from syncline_server import registry
from syncline_server.app import Outside
from syncline_server.app.access import build_access
from syncline_server.config import read_config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow, Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.records import TaxCode
from syncline_server.core.relocation import moved
from syncline_server.core.tax_mapping import TaxDecision
from syncline_server.engine.context import Doors
from syncline_server.engine.execution import Execution
from syncline_server.services.chain import Chain
from syncline_server.services.consents import Return
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.intake_tax_rates import TaxRateSink
from syncline_server.services.journal import Journal
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.services.runs import Runs
from syncline_server.services.settings import SettingsChange, SettingsService
from syncline_server.services.syncs import Syncs, TriggerRequest
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import connections, run_issues, runs, tax_codes, tax_rates
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.config import OrganisationSpec, SimulatorConfig
from syncline_xero_simulator.faults import Fault, FaultKind
from whole_server import SharedTime, Way

XERO = Connection("acme", "xero")
CONFIG = {
    "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
    "SYNCLINE_REDIRECT_URIS": REDIRECT,
    "SYNCLINE_XERO_CLIENT_ID": CLIENT[0],
    "SYNCLINE_XERO_CLIENT_SECRET": CLIENT[1],
    "SYNCLINE_XERO_BASE_URL": ORIGIN,
}
MOST_CHANGES = 200


def never() -> bool:
    """Tell that nothing is stopping."""
    return False


class FaultyXero:
    """Workspace acme, connected to a simulated organisation with a few contacts and items.

    :param key: signs tokens; slow to make.
    """

    def __init__(self, database_url: str, key: SigningKey, *, contacts: int = 12) -> None:
        spec = OrganisationSpec(name="Harbour Goods Ltd", contacts=contacts, items=6)
        config = SimulatorConfig(public_url=ORIGIN, organisations=(spec,))
        self.driver = SimulatorDriver(key, config)
        self.clock = SharedTime(self.driver)
        self.way = Way(self.driver, self.clock)
        self.driver.clock._wait = lambda seconds: self.clock.advance(seconds=seconds)
        self.database = opened(database_url)
        self.meanwhile: Callable[[], None] = _nothing
        """Happens whenever the server waits."""
        self.outside = Outside(clock=self.clock, transport=self.way, wait=self._wait)
        catalogue = _catalogue()
        self.chain = Chain(
            self.database, catalogue, self.clock, {RecordKind.TAX_RATE: tax_rates.open_count}
        )
        self.access = build_access(
            read_config(CONFIG), self.outside, self.database, catalogue, _ignore
        )
        self.runs = Runs(self.database, self.clock, _ignore)
        self.settings = SettingsService(self.database, self.chain, self.clock, _ignore)
        self.execution = self.executor()
        self._numbers = count(1)
        self.syncs = Syncs(
            database=self.database,
            chain=self.chain,
            clock=self.clock,
            make_id=lambda: f"run{next(self._numbers):06d}",
            accepted=lambda _run, _end: None,
            notify=_ignore,
        )

    def executor(self) -> Execution:
        """Return what executes runs, as another process would have it."""
        return Execution(
            database=self.database,
            chain=self.chain,
            clock=self.clock,
            open_client=self._open_client,
            open_doors=self._doors,
            lose_access=self.access.connections.mark_reconnect_required,
            notify=_ignore,
        )

    def close(self) -> None:
        """Close what is open."""
        self.database.close()
        self.driver.http.close()

    def connect(self) -> None:
        """Connect through the consent of the simulated Xero, with everything on."""
        started = self.access.connections.start(XERO.workspace, XERO.provider, REDIRECT, "admin")
        body = {"authorize_url": started.url, "organisations": ["Harbour Goods Ltd"]}
        back = redirect_parameters(self.driver.control("POST", "consent", body)["location"])
        self.access.connections.complete(Return(state=back["state"]), back["code"], "", "admin")
        toggles = dict.fromkeys(("tax_rates", "contacts", "items", "invoices"), True)
        self.settings.update(XERO, SettingsChange(toggles=toggles))

    @property
    def row(self) -> ConnectionRow:
        """The connection."""
        return connections.get(self.database, XERO)

    @property
    def organisation(self) -> Organisation:
        """The organisation that is connected."""
        return Organisation(XERO.workspace, XERO.provider, self.row.organisation_id)

    def order(self, kind: FaultKind, path: str = "", **how: object) -> None:
        """Order a fault for the next call with this path, unless told otherwise."""
        fault = Fault(fault_id=0, kind=kind, path=path, **how)  # type: ignore[arg-type]  # by name
        self.driver.simulator.parts.faults.add(fault)

    def mend(self) -> None:
        """Take back every fault."""
        self.driver.simulator.parts.faults.clear()

    def trigger(self, module: str, **options: object) -> Run:
        """Queue a run behind its cooldown."""
        self.clock.advance(seconds=120)
        return self.syncs.trigger(
            TriggerRequest(scope=Scope(XERO, module), options=options, caller="tester")
        )

    def execute(self, run: Run, stopping: Callable[[], bool] = never) -> Run:
        """Execute a run and return it as it is then."""
        self.execution.execute(run.id, stopping)
        return self.run(run.id)

    def run(self, run_id: str) -> Run:
        """Return a run as it is stored."""
        found = runs.get(self.database, run_id)
        if found is None:
            raise LookupError(run_id)
        return found

    def once(self, module: str, **options: object) -> Run:
        """Run a module until it ends or is parked."""
        return self.execute(self.trigger(module, **options))

    def to_the_end(self, run: Run) -> Run:
        """Execute a run again and again, each time when it wakes, until it ends."""
        for _ in range(MOST_CHANGES):
            if run.end_time is not None:
                return run
            run = self.wake(run)
        raise AssertionError(f"{run.id} goes on and on: {run}")

    def wake(self, run: Run) -> Run:
        """Execute a run once more, when it wakes."""
        if run.wake_time is not None:
            left = run.wake_time - self.clock()
            self.clock.advance(seconds=max(left.total_seconds(), 0))
        return self.execute(run)

    def sync(self, module: str, **options: object) -> Run:
        """Run a module to its end."""
        return self.to_the_end(self.trigger(module, **options))

    def set_up(self, invoices: int = 0) -> list[str]:
        """Complete the chain up to the invoices; return the ids of so many confirmed ones."""
        self.set_up_taxes()
        self._succeed("contacts")
        self._succeed("items")
        return [self.add_invoice(number) for number in range(invoices)]

    def set_up_taxes(self) -> None:
        """Complete what everything else builds on."""
        self._succeed("tax_rates")
        self._map_taxes()

    def add_invoice(self, number: int, **changes: object) -> str:
        """Store a confirmed invoice over a synced product for a synced customer."""
        at = self.organisation
        query = (
            "SELECT customers.id FROM customers JOIN contacts ON contacts.customer_id ="
            " customers.id WHERE customers.active AND customers.workspace = ? ORDER BY customers.id"
        )
        customers = [row[0] for row in self.database.tuples(query, (at.workspace,))]
        line = replace(
            an_invoice().lines[0],
            product_id=None,
            tax_code_id="output2",
            tax_rate=Decimal(15),
            unit_price=Decimal(20),
        )
        values = {"customer_id": customers[number % len(customers)], "lines": (line,)}
        id_ = f"inv{number:04d}"
        add_invoice(self.database, an_invoice(id_, **(values | changes)))
        return id_

    def sent(self, *numbers: str) -> list[str]:
        """Return the numbers of all invoices that were sent so far, or how often of these."""
        bodies = [
            request.content.decode()
            for request in self.way.requests
            if request.method == "PUT" and request.url.path.endswith("/Invoices")
        ]
        return [number for body in bodies for number in numbers if f'"{number}"' in body]

    def calls(self) -> int:
        """Return how many calls to the accounting API were made, and forget all calls."""
        return self.way.reads()

    def issues(self, run: Run) -> list[str]:
        """Return the codes of what a run met."""
        return [row["code"] for row in run_issues.of_one_run(self.database, run.id, 0, 1000)]

    def standing(self) -> set[tuple[str, str]]:
        """Return record and code of everything that is open."""
        rows = run_issues.open_of_workspace(self.database, XERO.workspace, None, 1000)
        return {(row["record_id"], row["code"]) for row in rows}

    def links(self) -> dict[str, str]:
        """Return the state of every invoice that was attempted, by id."""
        rows = self.database.rows("SELECT invoice_id, push_state FROM invoice_links")
        return {row["invoice_id"]: row["push_state"] for row in rows}

    def held(self) -> list[str]:
        """Return the numbers of the invoices that Xero holds."""
        books = self.driver.simulator.parts.organisations.all()[0]
        return sorted(invoice.number for invoice in books.invoices.values())

    def choose(self, **options: object) -> None:
        """Change settings."""
        self.settings.update(XERO, SettingsChange(options=options))  # type: ignore[arg-type]

    def age_token(self) -> None:
        """Let the access token run out."""
        self.clock.advance(seconds=timedelta(minutes=31).total_seconds())

    def _wait(self, seconds: float) -> None:
        self.meanwhile()
        self.clock.wait(seconds)

    def _succeed(self, module: str) -> None:
        run = self.sync(module)
        if run.state not in {RunState.SUCCEEDED, RunState.PARTIAL}:
            raise AssertionError(f"{module} ended {run.state}: {run.error}")

    def _map_taxes(self) -> None:
        find = partial(find_organisation, self.database)
        service = TaxMappings(self.database, self.clock, find, _ignore)
        for row in self.database.rows("SELECT * FROM tax_rates ORDER BY tax_type"):
            usable = row["active"] and row["applies_to_sales"]
            tax_type, id_ = row["tax_type"], row["tax_type"].casefold()
            if usable:
                code = TaxCode(
                    workspace=XERO.workspace,
                    id=id_,
                    code=tax_type,
                    display_name=tax_type,
                    rate=Decimal(row["rate"]),
                )
                tax_codes.insert(self.database, code, self.clock())
            named = (
                {"tax_code": f"workspaces/acme/taxCodes/{id_}"} if usable else {"not_used": True}
            )
            decision = TaxDecision(tax_type=tax_type, fields=frozenset(named), **named)  # type: ignore[arg-type]
            service.update(XERO, decision)

    def _open_client(
        self, row: ConnectionRow, stop: Callable[[], bool], *, urgent: bool
    ) -> httpx.Client:
        return self.access.open_client(row, stop, urgent=urgent)

    def _doors(self, journal: Journal) -> Doors:
        make_id, find_master = self.outside.make_id, self.chain.find_master
        return Doors(
            contacts=ContactSink(journal, find_master, make_id),
            items=ItemSink(journal, find_master, make_id),
            tax_rates=TaxRateSink(journal, _ignore),
            linked_invoices=LinkedInvoiceSink(journal),
            outbox=Outbox(journal, make_id),
        )


def _catalogue() -> Catalogue:
    catalogue = registry.load(frozenset())
    xero = catalogue.providers[XERO.provider]
    return Catalogue(providers={XERO.provider: moved(xero, ORIGIN)})


def _nothing() -> None:
    return None


def _ignore(_notice: object) -> None:
    return None
