import pytest

from bookkeeping import add_customer, add_product, map_contact, map_item, rows
from running import (
    CUSTOMER_FIELDS,
    KAURI,
    NOON,
    PRODUCT_FIELDS,
    connect,
    master,
    numbered_ids,
    running,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core.model import Counts
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.storage import contacts, items, run_issues, runs
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",))
TUI = Contact(id="c2", name="Tui Ltd")
WIDGET = Item(id="i1", code="W1", name="Widget")


@pytest.fixture(autouse=True)
def apart(database: Database) -> None:
    """Every test begins with a contact and an item that a person took from their records."""
    connect(database)
    add_customer(database, "kerr", KERR)
    map_contact(database, KERR, "kerr")
    contacts.detach(database, KAURI, "c1", NOON)
    add_product(database, "widget", WIDGET)
    map_item(database, WIDGET, "widget")
    items.detach(database, KAURI, "i1", NOON)


def pull(database: Database, *records: Contact, run: str = "run1") -> Counts:
    """Store one page of contacts and return what it came to."""
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
    journal = running(database, "contacts", id=run)
    ContactSink(journal, find, numbered_ids(run)).store(records, cursor="next")
    return counts(database, run)


def pull_items(database: Database, *records: Item, run: str = "run1") -> Counts:
    """Store a list of items and return what it came to."""
    find = master(RecordKind.ITEM, PRODUCT_FIELDS)
    journal = running(database, "items", id=run)
    ItemSink(journal, find, numbered_ids(run)).replace(records)
    return counts(database, run)


def counts(database: Database, run: str) -> Counts:
    """Return what a run counted."""
    found = runs.get(database, run)
    assert found
    return found.counts


def standing(database: Database, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Return state, mark and these columns of every row of a table."""
    found = rows(database, table, "1, 2, 3, 4")
    return [(each["state"], bool(each["detached"]), *map(each.get, columns)) for each in found]


def test_detached_contact_is_neither_mapped_nor_made_again(database: Database) -> None:
    """A contact a person took apart stays so, although its old customer fits by code and name."""
    assert pull(database, KERR) == Counts(fetched=1, skipped=1)

    assert standing(database, "contacts", "customer_id") == [("UNMAPPED", True, None)]
    assert [row["id"] for row in rows(database, "customers", "id")] == ["kerr"]


def test_detached_contact_is_shown_as_it_is_now(database: Database) -> None:
    """Its own name and activity follow the provider's; what has not changed costs no write."""
    pull(database, KERR._replace(name="Kerr & Sons", active=False))
    pull(database, KERR._replace(name="Kerr & Sons", active=False), run="run2")

    (found,) = rows(database, "contacts", "contact_id")
    assert (found["name"], bool(found["active"]), bool(found["detached"])) == (
        "Kerr & Sons",
        False,
        True,
    )
    assert found["version"] == 3


def test_customer_of_a_detached_contact_is_free_for_another(database: Database) -> None:
    """The person took one contact away; another that fits is mapped as ever."""
    pull(database, KERR, KERR._replace(id="c9"))

    assert standing(database, "contacts", "customer_id") == [
        ("UNMAPPED", True, None),
        ("MAPPED", False, "kerr"),
    ]


def test_merge_never_gives_a_customer_to_a_detached_contact(database: Database) -> None:
    """A contact merged into one that a person took apart needs review, and keeps its customer."""
    add_customer(database, "tui", TUI)
    map_contact(database, TUI, "tui")

    pull(database, TUI._replace(active=False, merged_into="c1"))

    assert standing(database, "contacts", "customer_id") == [
        ("UNMAPPED", True, None),
        ("NEEDS_REVIEW", False, "tui"),
    ]
    (issue,) = run_issues.of_one_run(database, "run1", 0, 10)
    assert issue["code"] == "CONTACT_MERGED"
    assert "which a person left without a customer" in issue["message"]


def test_detached_item_is_neither_mapped_nor_made_again(database: Database) -> None:
    """An item a person took apart stays so, although its old product has its code."""
    assert pull_items(database, WIDGET._replace(name="Gadget")) == Counts(fetched=1, skipped=1)

    assert standing(database, "items", "product_id", "name") == [("UNMAPPED", True, None, "Gadget")]
    assert [row["id"] for row in rows(database, "products", "id")] == ["widget"]


def test_detached_item_that_comes_back_stays_apart(database: Database) -> None:
    """Vanishing and coming back changes nothing about what a person decided."""
    pull_items(database, run="run1")
    assert pull_items(database, WIDGET, run="run2") == Counts(fetched=1, skipped=1)

    assert standing(database, "items", "product_id") == [("UNMAPPED", True, None)]
    assert [bool(row["present"]) for row in rows(database, "items", "item_id")] == [True]
