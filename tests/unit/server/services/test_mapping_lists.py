from functools import partial

import pytest

from bookkeeping import add_customer, add_product, map_contact, map_item, ready_to_push
from running import ACME, KAURI, NOON, connect, noon, numbered_ids, running
from syncline_sdk import Contact, Item
from syncline_server.core.listing import LinkFilter, MappingFilter
from syncline_server.core.mappings import Candidate
from syncline_server.core.model import MappingState, PushState
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.invoice_links import InvoiceLinks
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.storage import contacts
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def test_contacts_are_listed_with_their_customers(database: Database) -> None:
    """Mappings come in the order of contact ids, filtered by state and name."""
    add_customer(database, "kerr", Contact(id="", name="Kerr", codes=("K1",)))
    add_customer(database, "a", Contact(id="", name="Tui North", codes=("T1",)))
    map_contact(database, Contact(id="c1", name="Kerr", codes=("K",), email="a@b.example"), "kerr")
    doubtful = ContactRow(
        Contact(id="c2", name="Tui"), "", MappingState.AMBIGUOUS, candidates=("a", "b")
    )
    contacts.write(database, KAURI, [doubtful], NOON)
    find = partial(find_organisation, database)
    mappings = ContactMappings(database, noon, find, lambda *_: (), lambda _notice: None)

    found = mappings.page(ACME, MappingFilter(), "", 10)
    assert [(each.contact_id, each.customer_id, each.candidates) for each in found] == [
        ("c1", "kerr", ()),
        ("c2", None, (Candidate("a", "Tui North", "T1"), Candidate("b", "", ""))),
    ]
    assert [(each.customer_name, each.customer_code) for each in found] == [
        ("Kerr", "K1"),
        ("", ""),
    ]
    assert mappings.page(ACME, MappingFilter(), "c1", 10) == found[1:]
    assert mappings.page(ACME, MappingFilter(text="TUI"), "", 10) == found[1:]
    wanted = MappingFilter(states=(MappingState.MAPPED, MappingState.NEEDS_REVIEW))
    assert mappings.page(ACME, wanted, "", 10) == found[:1]
    doubtful_only = MappingFilter(states=(MappingState.AMBIGUOUS, MappingState.UNMAPPED))
    assert mappings.page(ACME, doubtful_only, "", 10) == found[1:]


@pytest.mark.parametrize(
    "text", ["theirs ltd", "TH-1", "Office@Theirs", "our own", "our-7", "OURS"]
)
def test_contact_is_found_by_either_side(database: Database, text: str) -> None:
    """What is known of the contact or of its customer leads to it, whatever the case."""
    ours = Contact(id="", name="Our Own Ltd", codes=("OURS-OUR-7",))
    theirs = Contact(id="c1", name="Theirs Ltd", codes=("TH-1",), email="office@theirs.example")
    add_customer(database, "our", ours)
    map_contact(database, theirs, "our")
    map_contact(database, Contact(id="c2", name="Another"), "else")
    find = partial(find_organisation, database)
    mappings = ContactMappings(database, noon, find, lambda *_: (), lambda _notice: None)

    found = mappings.page(ACME, MappingFilter(text=text), "", 10)

    assert [each.contact_id for each in found] == ["c1"]
    assert mappings.page(ACME, MappingFilter(text=text), "c1", 10) == []


@pytest.mark.parametrize("text", ["theirs", "th-1", "our own", "sku-7"])
def test_item_is_found_by_either_side(database: Database, text: str) -> None:
    """What is known of the item or of its product leads to it, whatever the case."""
    add_product(database, "our", Item(id="", code="SKU-7", name="Our Own Widget"))
    map_item(database, Item(id="i1", code="TH-1", name="Theirs"), "our")
    map_item(database, Item(id="i2", code="X", name="Another"), "else")
    find = partial(find_organisation, database)
    mappings = ItemMappings(database, noon, find, lambda _notice: None)

    (found,) = mappings.page(ACME, MappingFilter(text=text), "", 10)

    assert (found.item_id, found.product_name, found.product_sku) == (
        "i1",
        "Our Own Widget",
        "SKU-7",
    )


def test_items_are_listed_with_their_products(database: Database) -> None:
    """Mappings are found by what the item's code contains."""
    map_item(database, Item(id="i1", code="W1", name="Widget"), "widget")
    find = partial(find_organisation, database)
    mappings = ItemMappings(database, noon, find, lambda _notice: None)

    (found,) = mappings.page(ACME, MappingFilter(text="w1"), "", 10)

    assert (found.item_code, found.product_id, found.item_active) == ("W1", "widget", True)
    assert mappings.page(ACME, MappingFilter(text="w2"), "", 10) == []


def test_links_are_listed_by_invoice(database: Database) -> None:
    """Links come in the order of invoice ids, filtered by state and variance."""
    ready_to_push(database, "inv1", "inv2")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    first, _ = outbox.prepare(10)
    outbox.rejected(first.attempt_id, "NO", "It says no.")
    links = InvoiceLinks(database, partial(find_organisation, database))

    found = links.page(ACME, LinkFilter(), "", 10)
    assert [(each.invoice_id, each.push_state) for each in found] == [
        ("inv1", PushState.REJECTED),
        ("inv2", PushState.PENDING),
    ]
    assert links.page(ACME, LinkFilter(states=(PushState.PENDING,)), "", 10) == found[1:]
    assert links.page(ACME, LinkFilter(), "inv1", 10) == found[1:]
    assert links.page(ACME, LinkFilter(variance_only=True), "", 10) == []
