from functools import partial

import pytest

from bookkeeping import add_customer, map_contact, map_item, ready_to_push
from running import ACME, KAURI, NOON, connect, noon, numbered_ids, running
from syncline_sdk import Contact, Item
from syncline_server.core.listing import LinkFilter, MappingFilter
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
    add_customer(database, "kerr", Contact(id="", name="Kerr"))
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
        ("c2", None, ("a", "b")),
    ]
    assert [each.customer_name for each in found] == ["Kerr", ""]
    assert mappings.page(ACME, MappingFilter(), "c1", 10) == found[1:]
    assert mappings.page(ACME, MappingFilter(text="TUI"), "", 10) == found[1:]
    wanted = MappingFilter(states=(MappingState.MAPPED, MappingState.NEEDS_REVIEW))
    assert mappings.page(ACME, wanted, "", 10) == found[:1]


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
