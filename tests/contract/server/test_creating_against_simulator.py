"""Creating records in Xero first, against the simulator: all but a socket."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from clockwork import Clockwork
from simulated_xero import ORIGIN, DroppingTransport
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline_sdk import Address, RecordKind
from syncline_server.app import Outside
from syncline_server.app.access import build_access
from syncline_server.app.creations import build_creations
from syncline_server.config import read_config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import FailedPrecondition, Reason, Refusal
from syncline_server.core.model import Settings
from syncline_server.core.names import Connection
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.relocation import moved
from syncline_server.registry import Source, catalogue
from syncline_server.services.chain import Chain
from syncline_server.services.consents import Return
from syncline_server.services.customers import Customers
from syncline_server.services.products import Products
from syncline_server.storage import settings, tax_rates
from syncline_server.storage.database import Database
from syncline_xero import syncline_plugin
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact
from syncline_xero_simulator.faults import Fault, FaultKind

ACME = Connection("acme", "xero")
CONFIG = read_config(
    {
        "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
        "SYNCLINE_REDIRECT_URIS": REDIRECT,
        "SYNCLINE_XERO_CLIENT_ID": CLIENT[0],
        "SYNCLINE_XERO_CLIENT_SECRET": CLIENT[1],
    }
)
RIMU = CustomerDraft(
    workspace="acme",
    id="rimu",
    code="RIMU-1",
    display_name="Rimu Joinery",
    email="hi@rimu.example",
    phone="+64 3 555 0199",
    address=Address(("1 Quay",), "Nelson", "", "7010", "New Zealand", "Mia"),
    notes="Rings first.",
)
BARE = CustomerDraft(workspace="acme", display_name="Totara Ltd", notes="New.")
PIPE = ProductDraft(
    workspace="acme", sku="PIPE-9", display_name="Pipe", default_price="12.3456", category="Tubes"
)


class SharedTime(Clockwork):
    """Time that passes for the server and the simulator alike."""

    def __init__(self, driver: SimulatorDriver) -> None:
        super().__init__()
        self._driver = driver

    def advance(self, *, seconds: float) -> None:
        """Let time pass for both."""
        super().advance(seconds=seconds)
        self._driver.clock.advance(seconds)


class Stack:
    """A server connected to one simulated Xero, with contacts, items and prices synced."""

    def __init__(self, database: Database, driver: SimulatorDriver) -> None:
        self.driver = driver
        self.clock = SharedTime(driver)
        way = DroppingTransport(httpx.WSGITransport(app=driver.simulator.app))
        outside = Outside(
            clock=self.clock, transport=way, wait=self.clock.wait, randomness=secrets.token_bytes
        )
        installed = _installed()
        chain = Chain(database, installed, self.clock, {RecordKind.TAX_RATE: tax_rates.open_count})
        access = build_access(CONFIG, outside, database, installed, lambda _: None)
        self.connections = access.connections
        self.creations = build_creations(outside, database, chain, access)
        parts = (database, self.clock, outside.make_id, chain.find_master, self.creations)
        self.customers, self.products = Customers(*parts), Products(*parts)
        self._approve()
        on = frozenset({"contacts", "tax_rates", "items"})
        with database.transaction():
            wanted = Settings(on=on, options={"base_price_sync": True})
            settings.save(database, ACME, wanted, self.clock())

    @property
    def books(self) -> Books:
        """What Xero holds."""
        return self.driver.simulator.parts.organisations.all()[0]

    def called(self, name: str) -> list[Contact]:
        """Return Xero's contacts of this name."""
        return [each for each in self.books.contacts.values() if each.name == name]

    def fault(self, kind: FaultKind, method: str = "PUT", count: int = 1) -> None:
        """Order a fault for the next calls about contacts or items."""
        for path in ("/Contacts", "/Items"):
            fault = Fault(fault_id=0, kind=kind, path=path, method=method, count=count)
            self.driver.simulator.parts.faults.add(fault)

    def _approve(self) -> None:
        started = self.connections.start("acme", "xero", REDIRECT, "admin")
        body = {"authorize_url": started.url, "organisations": ["Harbour Goods Ltd"]}
        back = redirect_parameters(self.driver.control("POST", "consent", body)["location"])
        self.connections.complete(Return(state=back["state"]), back["code"], "", "admin")


def _installed() -> Catalogue:
    installed = catalogue([Source("syncline-xero", syncline_plugin())]).providers
    return Catalogue(providers={name: moved(each, ORIGIN) for name, each in installed.items()})


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def stack(database: Database, signing_key: SigningKey) -> Iterator[Stack]:
    """A server and a Xero that know each other."""
    driver = SimulatorDriver(signing_key)
    yield Stack(database, driver)
    driver.http.close()


def refused(call: Callable[[], object]) -> Refusal:
    """Return how a call is refused."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def test_customer_is_created_in_xero(stack: Stack) -> None:
    """Every field arrives where the workspace chose, and comes back as Xero has it."""
    view = stack.customers.create(RIMU)

    (contact,) = stack.called("Rimu Joinery")
    assert (contact.contact_number, contact.email) == ("RIMU-1", "hi@rimu.example")
    assert [(each.type, each.number) for each in contact.phones] == [("DEFAULT", "+64 3 555 0199")]
    assert [(each.type, each.city) for each in contact.addresses] == [("POBOX", "Nelson")]
    record = view.record
    assert (record.code, record.phone, record.address) == ("RIMU-1", RIMU.phone, RIMU.address)
    assert (record.id, record.notes) == ("rimu", "Rings first.")
    assert view.mapped_to == f"{ACME}/contactMappings/{contact.contact_id}"


def test_product_is_created_in_xero(stack: Stack) -> None:
    """With base price sync the price goes along, with four decimals."""
    view = stack.products.create(PIPE)

    item = stack.books.items.find("code", "pipe-9")
    assert item is not None
    assert item.sales.unit_price == view.record.default_price
    assert (str(view.record.default_price), view.record.category) == ("12.3456", "Tubes")
    assert view.mapped_to == f"{ACME}/itemMappings/{item.item_id}"


def test_name_that_is_taken_is_refused_with_the_reason(stack: Stack) -> None:
    """Xero's active contacts have one name each."""
    taken = next(each for each in stack.books.contacts.values() if each.status == "ACTIVE")

    refusal = refused(lambda: stack.customers.create(replace(RIMU, display_name=taken.name)))

    assert isinstance(refusal, FailedPrecondition)
    assert refusal.reason is Reason.PROVIDER_REFUSED
    assert [each.subject for each in refusal.blockers] == ["XERO_CONTACT_TAKEN"]
    assert taken.name in refusal.metadata["provider_message"]
    assert stack.creations.database.rows("SELECT id FROM customers") == []
    assert stack.creations.database.rows("SELECT id FROM creations") == []


def test_archived_contact_keeps_its_number(stack: Stack) -> None:
    """The refusal says so, and what to do."""
    contact = next(each for each in stack.books.contacts.values() if each.status == "ACTIVE")
    archived = replace(contact, contact_number="RIMU-1", status=type(contact.status)("ARCHIVED"))
    stack.books.contacts.put(archived)

    refusal = refused(lambda: stack.customers.create(RIMU))

    assert isinstance(refusal, FailedPrecondition)
    assert [each.subject for each in refusal.blockers] == ["XERO_CONTACT_ARCHIVED"]
    assert "Restore it" in refusal.metadata["provider_message"]


def test_code_that_is_taken_is_refused(stack: Stack) -> None:
    """Items have one code each."""
    item = next(iter(stack.books.items.values()))

    refusal = refused(lambda: stack.products.create(replace(PIPE, sku=item.code)))

    assert isinstance(refusal, FailedPrecondition)
    assert [each.subject for each in refusal.blockers] == ["XERO_ITEM_TAKEN"]


def test_everything_wrong_is_told(stack: Stack) -> None:
    """Xero's messages come together."""
    refusal = refused(
        lambda: stack.customers.create(replace(RIMU, email="not one", display_name="<Rimu>"))
    )

    assert "Email address must be valid" in refusal.metadata["provider_message"]
    assert "characters < or >" in refusal.metadata["provider_message"]


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.TRUNCATED_JSON])
@pytest.mark.parametrize("draft", [RIMU, BARE], ids=["with a code", "with a name only"])
def test_lost_answer_is_found_by_the_same_call(
    stack: Stack, kind: FaultKind, draft: CustomerDraft
) -> None:
    """What Xero saved and could not say is read."""
    stack.fault(kind)

    view = stack.customers.create(draft)

    (contact,) = stack.called(draft.display_name)
    assert view.mapped_to.endswith(contact.contact_id)
    assert view.record.notes == draft.notes


@pytest.mark.parametrize("draft", [RIMU, BARE], ids=["with a code", "with a name only"])
def test_lost_answer_that_cannot_be_read_is_found_by_a_retry(
    stack: Stack, draft: CustomerDraft
) -> None:
    """Exactly one contact, whatever happened."""
    stack.fault(FaultKind.DROP_AFTER)
    stack.fault(FaultKind.DROP_BEFORE, method="GET", count=4)

    refusal = refused(lambda: stack.customers.create(draft))
    view = stack.customers.create(draft)

    assert refusal.reason is Reason.OUTCOME_UNKNOWN
    assert len(stack.called(draft.display_name)) == 1
    assert view.record.notes == draft.notes


def test_lost_request_is_sent_again_after_a_minute(stack: Stack) -> None:
    """Until then the call might still be at work in Xero."""
    stack.fault(FaultKind.DROP_BEFORE)

    first = refused(lambda: stack.customers.create(RIMU))
    second = refused(lambda: stack.customers.create(RIMU))
    stack.clock.advance(seconds=61)
    stack.customers.create(RIMU)

    assert (first.reason, second.reason) == (Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN)
    assert len(stack.called("Rimu Joinery")) == 1


def test_crash_is_settled_by_housekeeping(stack: Stack) -> None:
    """A product whose answer nobody heard is there a minute later, mapped."""
    stack.fault(FaultKind.DROP_AFTER)
    stack.fault(FaultKind.DROP_BEFORE, method="GET", count=4)
    refused(lambda: stack.products.create(PIPE))

    stack.clock.advance(seconds=61)
    stack.creations.resolve_abandoned()

    (row,) = stack.creations.database.rows("SELECT category, default_price FROM products")
    assert (row["category"], row["default_price"]) == ("Tubes", "12.3456")
    assert stack.products.create(PIPE).mapped_to


def test_maintenance_creates_nothing(stack: Stack) -> None:
    """Xero answered, so that nothing is found is proof."""
    stack.fault(FaultKind.ERROR_500)

    refusal = refused(lambda: stack.customers.create(RIMU))

    assert refusal.reason is Reason.PROVIDER_UNAVAILABLE
    assert stack.called("Rimu Joinery") == []
    assert stack.customers.create(RIMU).record.id == "rimu"


def test_lost_access_asks_for_a_new_connection(stack: Stack) -> None:
    """Nothing is left behind."""
    stack.fault(FaultKind.DISCONNECT)

    refusal = refused(lambda: stack.customers.create(RIMU))

    assert refusal.reason is Reason.RECONNECT_REQUIRED
    assert stack.creations.database.rows("SELECT id FROM creations") == []
