"""Where the values of customers and products came from, whoever set them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bookkeeping import add_customer, add_product, map_contact, rows
from running import (
    CUSTOMER_FIELDS,
    KAURI,
    NOON,
    PRODUCT_FIELDS,
    connect,
    master,
    nobody,
    numbered_ids,
    running,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core import customer_draft, product_draft, provenance
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.ownership import FindMaster
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.provenance import Source
from syncline_server.core.records import Customer, Product
from syncline_server.services.customers import Customers
from syncline_server.services.imports import Imports, Wish
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.journal import Journal
from syncline_server.services.products import Products
from syncline_server.storage import customers, products
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",), email="hi@kerr.example", phone="555")
WIDGET = Item(id="i1", code="W1", name="Widget", price=Decimal("9.99"))
LATER = NOON + timedelta(hours=1)
HERE, HERE_LATER = Source(NOON), Source(LATER)
XERO, XERO_LATER = Source(NOON, "xero", "kauri"), Source(LATER, "xero", "kauri")
CONTACTS = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
ITEMS = master(RecordKind.ITEM, PRODUCT_FIELDS)


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def at(database: Database, module: str, now: datetime) -> Journal:
    """Return the journal of a run at a time."""
    run = running(database, module, id=f"run{len(rows(database, 'runs', 'id'))}").run
    return Journal(database, run, lambda: now, lambda _notice: None)


def pull(
    database: Database, contact: Contact, now: datetime = NOON, find: FindMaster = CONTACTS
) -> None:
    """Store a page of one contact."""
    sink = ContactSink(at(database, "contacts", now), find, numbered_ids("kerr"))
    sink.store([contact], cursor="")


def pull_item(
    database: Database, item: Item, now: datetime = NOON, find: FindMaster = ITEMS
) -> None:
    """Store a list of one item."""
    ItemSink(at(database, "items", now), find, numbered_ids("widget")).replace([item])


def customer(database: Database, id_: str = "kerr0001") -> Customer:
    """Return a customer as it is stored."""
    return customers.by_ids(database, "acme", [id_])[id_]


def product(database: Database, id_: str = "widget0001") -> Product:
    """Return a product as it is stored."""
    return products.by_ids(database, "acme", [id_])[id_]


def sources(record: Customer | Product) -> dict[str, Source]:
    """Return the source of every field."""
    fields = customer_draft.FIELDS if isinstance(record, Customer) else product_draft.FIELDS
    made = record.create_time
    assert made
    return {field: provenance.of_field(record.sources, field, made) for field in fields}


def edit(database: Database, now: datetime = LATER, **values: str) -> None:
    """Change a customer here, while nobody owns it."""
    draft = CustomerDraft(workspace="acme", id="kerr0001", **values)
    Customers(database, lambda: now, numbered_ids(), nobody).update(draft, values.keys())


def test_what_is_made_here_came_from_here(database: Database) -> None:
    """Every field of a new customer or product was set here when it was made."""
    made = Customers(database, lambda: NOON, numbered_ids(), nobody).create(
        CustomerDraft(workspace="acme", display_name="Kerr")
    )
    sold = Products(database, lambda: NOON, numbered_ids(), nobody).create(
        ProductDraft(workspace="acme", sku="W1", display_name="Widget")
    )

    assert set(sources(made.record).values()) == set(sources(sold.record).values()) == {HERE}


def test_change_moves_the_fields_that_change(database: Database) -> None:
    """A field that is written as it is keeps its time."""
    add_customer(database, "kerr0001", KERR)

    edit(database, email="new@kerr.example", display_name="Kerr Ltd")

    found = sources(customer(database))
    assert (found["email"], found["display_name"], found["notes"]) == (HERE_LATER, HERE, HERE)


def test_changed_product_likewise(database: Database) -> None:
    """Fields are named as on the wire, the tax code, too."""
    add_product(database, "widget0001", WIDGET)
    draft = ProductDraft(workspace="acme", id="widget0001", default_price="9.99", category="Tools")

    Products(database, lambda: LATER, numbered_ids(), nobody).update(
        draft, {"default_price", "category", "tax_code"}
    )

    found = sources(product(database))
    assert (found["category"], found["default_price"], found["tax_code"]) == (
        HERE_LATER,
        HERE,
        HERE,
    )


def test_pulled_records_have_the_providers_fields_and_ours(database: Database) -> None:
    """What the provider owns came from its organisation; the rest was set here."""
    pull(database, KERR, find=master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"}))
    pull_item(database, WIDGET)

    found, sold = sources(customer(database)), sources(product(database))
    assert {field for field, source in found.items() if source == XERO} == {
        "code",
        "display_name",
        "email",
        "address",
        "active",
    }
    assert (found["phone"], found["notes"]) == (HERE, HERE)
    assert (sold["sku"], sold["tax_code"], sold["default_price"]) == (XERO, XERO, XERO)
    assert sold["category"] == HERE


def test_pull_moves_the_values_that_changed(database: Database) -> None:
    """An unchanged value keeps the time at which it came; a run that finds no news keeps all."""
    pull(database, KERR)
    pull_item(database, WIDGET)
    pull(database, KERR, now=LATER)
    assert sources(customer(database))["email"] == XERO

    pull(database, KERR._replace(email="new@kerr.example"), now=LATER)
    pull_item(database, WIDGET._replace(price=Decimal(11)), now=LATER)

    found, sold = sources(customer(database)), sources(product(database))
    assert (found["email"], found["code"], found["notes"]) == (XERO_LATER, XERO, HERE)
    assert (sold["default_price"], sold["sku"]) == (XERO_LATER, XERO)


def test_matched_record_is_taken_over_whole(database: Database) -> None:
    """Values that were equal by chance are the provider's from now on; local fields stay ours."""
    add_customer(database, "kerr0001", KERR)
    add_product(database, "widget0001", WIDGET)

    pull(database, KERR, now=LATER)
    pull_item(database, WIDGET, now=LATER)

    found, sold = sources(customer(database)), sources(product(database))
    assert (found["code"], found["email"], found["notes"]) == (XERO_LATER, XERO_LATER, HERE)
    assert (sold["sku"], sold["category"]) == (XERO_LATER, HERE)


def test_field_that_becomes_the_providers_comes_from_it(database: Database) -> None:
    """Another choice of fields takes the phone over; what was the provider's keeps its time."""
    pull(database, KERR, find=master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"}))

    pull(database, KERR, now=LATER)

    found = sources(customer(database))
    assert (found["phone"], found["email"]) == (XERO_LATER, XERO)
    assert customer(database).phone == "555"


def test_sync_that_is_off_leaves_sources_and_on_again_takes_back(database: Database) -> None:
    """What a person changed meanwhile is ours until the next run, and only that moves back."""
    pull(database, KERR)
    edit(database, email="mine@kerr.example")
    assert sources(customer(database))["email"] == HERE_LATER
    assert sources(customer(database))["code"] == XERO

    pull(database, KERR, now=LATER)

    assert customer(database).email == "hi@kerr.example"
    assert sources(customer(database)) | {"notes": XERO} == {
        **dict.fromkeys(customer_draft.FIELDS, XERO),
        "contact_person": HERE,
        "web_access": HERE,
        "external_id": HERE,
        "email": XERO_LATER,
    }


def test_record_from_before_sources_were_kept(database: Database) -> None:
    """It says that everything was set here when it changed last, until a run says otherwise."""
    add_customer(database, "kerr0001", KERR)
    map_contact(database, KERR, "kerr0001")
    database.execute("UPDATE customers SET sources = '', create_time = create_time - 60000000")
    assert set(sources(customer(database)).values()) == {HERE}

    edit(database, notes="Rings first.")
    found = sources(customer(database))
    assert (found["notes"], found["code"]) == (HERE_LATER, HERE)

    database.execute("UPDATE customers SET sources = ''")
    pull(database, KERR, now=LATER)
    found = sources(customer(database))
    assert (found["code"], found["notes"]) == (XERO_LATER, HERE_LATER)


def test_organisations_are_told_apart(database: Database) -> None:
    """A customer that follows another organisation's contact comes from there."""
    pull(database, KERR)
    rata = replace(running(database, "contacts", id="rata").run, organisation_id="rata")
    connect(database, KAURI._replace(id="rata"))
    journal = Journal(database, rata, lambda: LATER, lambda _notice: None)
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS, KAURI._replace(id="rata"))

    ContactSink(journal, find, numbered_ids()).store([KERR._replace(id="r1")], cursor="")

    assert sources(customer(database))["email"] == Source(LATER, "xero", "rata")


def test_first_page_writes_one_text_for_all(database: Database) -> None:
    """Sources cost a new page no thought: every row of it says the same."""
    sink = ContactSink(at(database, "contacts", NOON), CONTACTS, numbered_ids())

    sink.store([KERR._replace(id=f"c{n}", codes=(), email="") for n in range(3)], cursor="")

    assert len({row["sources"] for row in rows(database, "customers", "id")}) == 1


def test_import_moves_the_fields_it_changes(database: Database) -> None:
    """Customers and products that are imported again keep the time of what stays."""
    kerr = CustomerDraft(workspace="acme", external_id="e1", display_name="Kerr", notes="First.")
    widget = ProductDraft(workspace="acme", external_id="e1", sku="W1", display_name="Widget")
    for now, people, goods in (
        (NOON, kerr, widget),
        (LATER, replace(kerr, notes="Second."), replace(widget, category="Tools")),
    ):
        imports = Imports(database, lambda now=now: now, lambda: "kerr0001", nobody)
        imports.customers(Wish(workspace="acme", drafts=[people]))
        imports.products(Wish(workspace="acme", drafts=[goods]))

    found, sold = sources(customer(database)), sources(product(database, "kerr0001"))
    assert (found["notes"], found["display_name"]) == (HERE_LATER, HERE)
    assert (sold["category"], sold["sku"]) == (HERE_LATER, HERE)
