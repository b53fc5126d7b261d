"""A connected workspace that creates customers and products at its provider first."""

from collections.abc import Callable

import pytest

from creating_provider import Fault, Shelves, creating_catalogue
from syncline_sdk import Address, Contact, Trigger
from syncline_server.core.creation import CreationState
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import Refusal
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Scope
from syncline_server.core.product_draft import ProductDraft
from syncline_server.services.creation_hand import IN_FLIGHT
from syncline_server.services.customers import Customers
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.journal import Journal
from syncline_server.services.products import Products
from syncline_server.storage import connections, runs
from syncline_server.storage.database import Database
from wiring import ACME, Wired, Wishes

KERR = CustomerDraft(
    workspace="acme",
    id="kerr",
    code="K1",
    display_name="Kerr Ltd",
    email="hi@kerr.example",
    address=Address(("1 Quay",), "Nelson"),
    notes="Rings first.",
    web_access=True,
)
TUI = CustomerDraft(workspace="acme", display_name="Tui", notes="Sings.")
MUG = ProductDraft(
    workspace="acme", id="mug", sku="MUG", display_name="Blue mug", category="Kitchen"
)
A_MINUTE = IN_FLIGHT.total_seconds()


class Bench(Wired):
    """A connected workspace whose contacts and items are the ledger's."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Wishes(catalogue=creating_catalogue()))
        self.shelves = Shelves()
        self.ledger.intercept = self.shelves.answer
        self.customers = Customers(
            database, self.clock, self.next_id, self.chain.find_master, self.creations
        )
        self.products = Products(
            database, self.clock, self.next_id, self.chain.find_master, self.creations
        )

    def fail(self, *faults: Fault, reading: Fault | None = None) -> None:
        """Let the next writes go wrong, and every read after the first of them, too, if asked."""
        self.shelves.write_faults = list(faults)
        self.shelves.read_faults = [reading] * 4 if reading else []

    def rows(self) -> list[CreationState]:
        """Return the state of every creation that is stored."""
        return [
            CreationState(row["state"])
            for row in self.database.rows("SELECT state FROM creations ORDER BY id")
        ]

    def stored(self) -> dict[str, str]:
        """Return customers by id, with the contact each is mapped to."""
        found = self.database.rows(
            "SELECT customers.id, contact_id FROM customers LEFT JOIN contacts"
            " ON customer_id = customers.id ORDER BY customers.id"
        )
        return {row["id"]: row["contact_id"] for row in found}

    def pull(self, *contacts: Contact) -> None:
        """Store a page of contacts, as a pull does."""
        ContactSink(self.journal("contacts"), self.chain.find_master, self.next_id).store(
            contacts, cursor=""
        )

    def journal(self, module: str) -> Journal:
        """Return the journal of a run that has begun."""
        row = connections.get(self.database, ACME)
        self.database.execute("UPDATE runs SET state = 'SUCCEEDED'")
        run = Run(
            id=self.next_id(),
            scope=Scope(ACME, module),
            organisation_id=row.organisation_id,
            generation=row.generation,
            trigger=Trigger.MANUAL,
            state=RunState.QUEUED,
            create_time=self.clock(),
        )
        runs.insert(self.database, run)
        return Journal(self.database, self.begin(run.id), self.clock, lambda _: None)


def creating_bench(database: Database) -> Bench:
    """Return a workspace that creates at its provider first."""
    bench = Bench(database)
    bench.approve()
    bench.switch_on("contacts", "items", "tax_rates")
    return bench


def refused(call: Callable[[], object]) -> Refusal:
    """Return how a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value
