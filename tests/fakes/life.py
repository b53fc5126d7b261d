"""One life of a server without its gRPC side: it takes up what is left and works until it is done.

What was wished for is asked for again by each life, as a caller does who got no answer.
"""

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import msgspec

from hand_timetable import HandTimetable
from shared_clock import SharedClock
from stepping import Fate, SteppingDatabase, SteppingTransport, Steps
from syncline_sdk import RecordKind
from syncline_server.app.access import build_access
from syncline_server.app.creations import build_creations
from syncline_server.app.outside import Outside
from syncline_server.app.work import Ground, build_execution
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    Reason,
    Refusal,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.core.invoice_draft import InvoiceDraft, LineDraft
from syncline_server.core.model import ACTIVE, PushState, Run, RunState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.relocation import moved
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.services.chain import Chain
from syncline_server.services.customers import Customers
from syncline_server.services.invoices import Invoices
from syncline_server.services.products import Products
from syncline_server.services.syncs import Syncs, TriggerRequest
from syncline_server.storage import customers, invoice_links, products, runs, tax_rates
from syncline_server.storage.database import Database, open_database

ACME: Final = Connection("acme", "xero")
PUSH: Final = Scope(ACME, "invoice_push")
_PATIENCE: Final = timedelta(seconds=10)
_MOST_TRIES: Final = 12
_MOST_PUSHES: Final = 6
_MOST_TURNS: Final = 40
_TURN: Final = timedelta(seconds=31)
_MINUTE: Final = 60.0
_LOOKS: Final = 5
_LEFT_OPEN: Final = (
    "SELECT id FROM creations WHERE state <> 'DONE'",
    "SELECT id FROM grants WHERE lease_holder <> '' OR failures > 0",
)
_VERDICTS: Final = (PushState.LINKED, PushState.REJECTED)


class NewRecord(msgspec.Struct, frozen=True):
    """A customer or product that is wished for; ``key`` is its code or SKU."""

    id: str
    key: str
    name: str


class NewInvoice(msgspec.Struct, frozen=True):
    """An invoice that is wished for, of one line."""

    id: str
    number: str
    customer: str
    """Code of the customer."""
    product: str
    """SKU of the product."""
    price: str


class Wishes(msgspec.Struct, frozen=True):
    """What callers want of a round's lives."""

    name: str
    """Begins the request ids."""
    tax_code: str
    """Resource name."""
    customers: tuple[NewRecord, ...] = ()
    products: tuple[NewRecord, ...] = ()
    invoices: tuple[NewInvoice, ...] = ()
    threads: int = 1
    """How many callers ask for records at once."""


class Place(msgspec.Struct, frozen=True):
    """Where a life takes place."""

    database_url: str
    simulator_url: str


class Unfulfilled(Exception):  # noqa: N818 - told to whoever reads the report
    """A life came to its end and its wishes were not met."""


class Life:
    """One process's services and engine, on a hand-turned timetable.

    :param seconds: how long a call may take to be answered.
    :param tell: is told the step at which fate ends the life.
    """

    def __init__(
        self,
        place: Place,
        config: Config,
        catalogue: Catalogue,
        fate: Fate,
        seconds: float,
        tell: Callable[[str], None],
    ) -> None:
        self.steps = Steps(fate, tell)
        self._clock = SharedClock(place.simulator_url)
        self._transport = SteppingTransport(self.steps, seconds)
        outside = Outside(clock=self._clock, transport=self._transport, wait=self._clock.wait)
        opened = open_database(place.database_url, connections=16)
        self._database: Database = SteppingDatabase(opened, self.steps)
        counters = {RecordKind.TAX_RATE: tax_rates.open_count}
        chain = Chain(self._database, catalogue, self._clock, counters)
        access = build_access(config, outside, self._database, catalogue, _nobody)
        ground = Ground(outside=outside, database=self._database, chain=chain, notify=_nobody)
        self._finish_renewals = access.grants.finish_renewals
        if self._database.is_sqlite:
            # As a server does when it starts.
            access.budgets.forget_dead()
        self._timetable = HandTimetable()
        execute = build_execution(ground, access).execute
        self._engine = EmbeddedEngine(self._database, self._timetable, execute)
        self._creations = build_creations(outside, self._database, chain, access)
        shared = (self._database, self._clock, outside.make_id)
        self._customers = Customers(*shared, chain.find_master, self._creations)
        self._products = Products(*shared, chain.find_master, self._creations)
        self._invoices = Invoices(*shared)
        self._syncs = Syncs(
            database=self._database,
            chain=chain,
            clock=self._clock,
            make_id=outside.make_id,
            accepted=lambda run, _cooldown_end: self._engine.enqueue(run.id),
            notify=_nobody,
        )

    def live(self, wishes: Wishes) -> None:
        """Take up what is left, ask for everything that is wished for, and work until it is there.

        :raises Unfulfilled: a wish was not met although everything had its time.
        """
        self._engine.start()
        self._finish_renewals()
        with ThreadPoolExecutor(wishes.threads) as callers:
            new = [self._customer(each) for each in wishes.customers]
            new += [self._product(each, wishes.tax_code) for each in wishes.products]
            for asked in [callers.submit(self._ask_for, create) for create in new]:
                asked.result()
        for invoice in wishes.invoices:
            self._write_down(invoice, wishes.tax_code)
        self._push(wishes)
        self._let_others_settle()

    def _wait(self, seconds: float) -> None:
        """Spend time as a server does: every minute it looks after renewals that were left open.

        Whatever is to be had is had within a few of them; the rest of a long wait goes by at once.
        """
        for _ in range(_LOOKS):
            now = min(seconds, _MINUTE)
            self._clock.wait(now)
            seconds -= now
            if seconds <= 0:
                return
            self._finish_renewals()
        self._clock.wait(seconds)

    def close(self) -> None:
        """Close what is open."""
        self._database.close()
        self._transport.close()
        self._clock.close()

    def _customer(self, new: NewRecord) -> Callable[[], object]:
        draft = CustomerDraft(
            workspace=ACME.workspace, id=new.id, code=new.key, display_name=new.name
        )
        return lambda: self._customers.create(draft, _PATIENCE)

    def _product(self, new: NewRecord, tax_code: str) -> Callable[[], object]:
        draft = ProductDraft(
            workspace=ACME.workspace,
            id=new.id,
            sku=new.key,
            display_name=new.name,
            tax_code=tax_code,
        )
        return lambda: self._products.create(draft, _PATIENCE)

    def _ask_for(self, create: Callable[[], object]) -> None:
        """Ask for a record until it is there or refused for good, as a patient caller does."""
        for _ in range(_MOST_TRIES):
            try:
                create()
            except AlreadyExists:
                return
            except FailedPrecondition as refused:
                if refused.reason is not Reason.PROVIDER_REFUSED:
                    raise
                return
            except (Aborted, Unavailable) as later:
                self._wait(_seconds(later))
                self._creations.resolve_abandoned()
            else:
                return
        raise Unfulfilled("a record was asked for again and again")

    def _write_down(self, new: NewInvoice, tax_code: str) -> None:
        """Store an invoice and confirm it, if its customer and product came into being."""
        workspace = ACME.workspace
        customer = customers.id_of_code(self._database, workspace, new.customer)
        product = products.id_of_sku(self._database, workspace, new.product)
        if customer is None or product is None:
            return
        line = LineDraft(
            product=f"workspaces/{workspace}/products/{product}",
            quantity="3",
            unit_price=new.price,
            tax_code=tax_code,
        )
        draft = InvoiceDraft(
            workspace=workspace,
            id=new.id,
            number=new.number,
            customer=f"workspaces/{workspace}/customers/{customer}",
            currency_code="NZD",
            invoice_date="2026-10-01",
            line_amounts="EXCLUSIVE",
            lines=(line,),
        )
        with contextlib.suppress(AlreadyExists):
            self._invoices.create(draft)
        self._invoices.confirm(workspace, new.id, "")

    def _push(self, wishes: Wishes) -> None:
        ids = [invoice.id for invoice in wishes.invoices]
        for number in range(_MOST_PUSHES):
            self._finish(self._triggered(f"{wishes.name}-{number}"))
            if not self._left(ids):
                return
        raise Unfulfilled(f"without a verdict: {self._left(ids)}")

    def _triggered(self, request_id: str) -> Run:
        for _ in range(_MOST_TRIES):
            try:
                return self._syncs.trigger(
                    TriggerRequest(scope=PUSH, options={}, caller="caller", request_id=request_id)
                )
            except (Aborted, ResourceExhausted, Unavailable) as later:
                self._wait(_seconds(later))
                self._turn()
        raise Unfulfilled("a push was never accepted")

    def _finish(self, run: Run) -> None:
        for _ in range(_MOST_TURNS):
            self._turn()
            now = runs.get(self._database, run.id)
            if now is None or now.state not in ACTIVE:
                return
            if now.state is RunState.WAITING and now.wake_time:
                self._wait(max((now.wake_time - self._clock()).total_seconds(), 0.5))
            else:
                self._wait(_TURN.total_seconds())
        raise Unfulfilled("a run did not end")

    def _turn(self) -> None:
        self._engine.sweep()
        self._timetable.work(self._clock())

    def _left(self, ids: Iterable[str]) -> list[str]:
        """Return the invoices that were written down and have no verdict."""
        known = {
            link.invoice_id: link.push_state
            for link in invoice_links.anywhere(self._database, ACME.workspace, list(ids))
        }
        stored = self._invoices.by_ids(ACME.workspace, list(ids))
        ids = [view.invoice.id for view in stored]
        return [each for each in ids if known.get(each) not in _VERDICTS]

    def _let_others_settle(self) -> None:
        """Give creations whose caller died the minute they need, and lost renewals theirs.

        What comes next may be half an hour later, when a lost renewal is not to be had any more.
        """
        for _ in range(_MOST_TRIES):
            self._creations.resolve_abandoned()
            self._finish_renewals()
            if not any(self._database.rows(query) for query in _LEFT_OPEN):
                return
            self._clock.wait(_TURN.total_seconds())
        raise Unfulfilled("a creation or a renewal stays open")


def _seconds(refusal: Refusal) -> float:
    after = getattr(refusal, "retry_after", None)
    return max(after.total_seconds(), 1.0) if after else 30.0


def _nobody(_notice: object) -> None:
    """Tell nobody."""


def at(simulator_url: str, installed: Catalogue) -> Catalogue:
    """Return a catalogue whose providers are at the simulator."""
    providers = installed.providers.items()
    return Catalogue(providers={name: moved(each, simulator_url) for name, each in providers})
