from dataclasses import replace

import pytest

from bookkeeping import add_customer, add_product, add_tax_code, map_contact, map_item
from creating_bench import KERR as AT_PROVIDER
from creating_bench import MUG, creating_bench
from importing import load, outcomes
from running import CUSTOMER_FIELDS, PRODUCT_FIELDS, connect, master, nobody, noon, numbered_ids
from syncline_sdk import Address, Contact, Item, RecordKind
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.importing import Outcome
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.records import Customer
from syncline_server.services.customers import Customers
from syncline_server.storage import contacts, postal
from syncline_server.storage.database import Database

CONTACTS = master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"})
ITEMS = master(RecordKind.ITEM, PRODUCT_FIELDS)
KERR = CustomerDraft(
    workspace="acme",
    external_id="C-1",
    code="K1",
    display_name="Kerr Ltd",
    email="hi@kerr.example",
    notes="Rings first.",
)


def stored(database: Database, identifier: str = "id0001") -> Customer:
    """Return a customer as it is stored."""
    return Customers(database, noon, numbered_ids(), nobody).get("acme", identifier).record


@pytest.fixture
def owned(database: Database) -> Database:
    """A workspace that imported a customer, which Xero then took over and renamed."""
    connect(database)
    load(database, KERR)
    map_contact(database, Contact(id="c1", name="Kerr Limited"), "id0001")
    database.execute(
        "UPDATE customers SET name = 'Kerr Limited', email = '', active = FALSE, phone = '1',"
        " address = ?",
        (postal.to_column(Address(("1 Quay",), "Nelson")),),
    )
    return database


def test_same_batch_again_passes_over_what_the_provider_changed(owned: Database) -> None:
    """The very same file is no wish to take anything back."""
    (result,) = load(owned, KERR, find=CONTACTS)

    assert result.outcome is Outcome.UNCHANGED
    assert stored(owned).display_name == "Kerr Limited"


def test_local_fields_are_imported_beside_owned_ones(owned: Database) -> None:
    """With a changed note the file goes through: its old name came before, and is no wish."""
    (result,) = load(owned, replace(KERR, notes="Rings twice."), find=CONTACTS)

    assert result.outcome is Outcome.UPDATED
    record = stored(owned)
    assert (record.notes, record.display_name, record.active) == (
        "Rings twice.",
        "Kerr Limited",
        False,
    )


def test_changed_value_of_an_owned_field_is_refused(owned: Database) -> None:
    """What is new in the file and the provider's is refused, each field, and nothing is applied."""
    draft = replace(KERR, display_name="Kerr & Sons", email="x@kerr.example", notes="no", phone="2")

    (result,) = load(owned, draft, find=CONTACTS)

    assert isinstance(result.refusal, FailedPrecondition)
    assert result.refusal.reason is Reason.FIELD_OWNED
    assert [each.subject for each in result.refusal.blockers] == ["display_name", "email"]
    assert (stored(owned).notes, stored(owned).phone) == ("Rings first.", "1")


def test_refused_change_is_refused_again(owned: Database) -> None:
    """A refusal does not count as imported."""
    draft = replace(KERR, display_name="Kerr & Sons")
    load(owned, draft, find=CONTACTS)

    (result,) = load(owned, draft, find=CONTACTS)

    assert result.outcome is Outcome.REFUSED


def test_owned_values_may_follow_the_provider_or_be_left_away(owned: Database) -> None:
    """A value that is the provider's own, or none, asks for nothing, a required name included."""
    nowhere = Address()
    followed = replace(
        KERR, display_name="Kerr Limited", email="", notes="a", address=nowhere, active=True
    )
    absent = CustomerDraft(workspace="acme", external_id="C-1", notes="b")

    results = [*load(owned, followed, find=CONTACTS), *load(owned, absent, find=CONTACTS)]

    assert outcomes(results) == [Outcome.UPDATED, Outcome.UPDATED]
    assert (stored(owned).display_name, stored(owned).notes) == ("Kerr Limited", "b")


def test_ownership_ends_with_the_sync(owned: Database) -> None:
    """Once the sync is off a changed file sets everything, and the next sync takes it back."""
    owned.execute("UPDATE contacts SET content_hash = 'same'")

    (result,) = load(owned, replace(KERR, notes="Rings twice."))

    assert result.outcome is Outcome.UPDATED
    assert (stored(owned).display_name, stored(owned).active) == ("Kerr Ltd", True)
    key = ("acme", "xero", "kauri")
    (hashed,) = owned.tuples(
        "SELECT content_hash FROM contacts"
        " WHERE workspace = ? AND provider = ? AND organisation_id = ?",
        key,
    )
    assert hashed == ("",)


def test_nothing_is_created_while_the_sync_is_on(database: Database) -> None:
    """A new record is refused with what to do; a broken one hears of its own mistakes first."""
    broken = replace(KERR, external_id="C-2", display_name="")

    new, wrong = load(database, KERR, broken, find=CONTACTS)
    (product,) = load(
        database,
        ProductDraft(workspace="acme", external_id="P-1", sku="W1", display_name="W"),
        find=ITEMS,
    )

    for refused in (new, product):
        assert isinstance(refused.refusal, FailedPrecondition)
        assert refused.refusal.reason is Reason.RECORD_CREATED_IN_PROVIDER
    assert wrong.refusal is not None
    assert wrong.refusal.reason is Reason.INVALID_FIELD
    assert [
        *database.rows("SELECT * FROM customers"),
        *database.rows("SELECT * FROM products"),
    ] == []


def test_pulled_customer_is_adopted_while_the_sync_is_on(database: Database) -> None:
    """A customer that came from Xero gets the caller's id and local fields, and stays Xero's."""
    connect(database)
    contact = Contact(id="c1", name="Kerr Limited", codes=("K1",))
    add_customer(database, "pulled", contact)
    map_contact(database, contact, "pulled")
    local = CustomerDraft(workspace="acme", external_id="C-1", code="K1", notes="Rings first.")

    (differing,) = load(database, KERR, find=CONTACTS, adopt=True)
    (adopted,) = load(database, local, find=CONTACTS, adopt=True)

    assert differing.refusal is not None
    assert differing.refusal.reason is Reason.FIELD_OWNED
    assert (adopted.outcome, adopted.name) == (
        Outcome.UPDATED,
        "workspaces/acme/customers/pulled",
    )
    record = stored(database, "pulled")
    assert (record.external_id, record.display_name) == ("C-1", "Kerr Limited")
    assert contacts.of_customers_anywhere(database, "acme", ["pulled"])


def test_owned_tax_code_of_a_product_is_passed_over(database: Database) -> None:
    """What is imported of products goes the same way, references included."""
    connect(database)
    add_tax_code(database, "gst")
    add_tax_code(database, "zero", "0")
    item = Item(id="i1", code="W1", name="Widget")
    add_product(database, "widget", item, "gst")
    map_item(database, item, "widget")
    draft = ProductDraft(workspace="acme", external_id="P-1", sku="W1", category="Tools")
    other = replace(draft, tax_code="workspaces/acme/taxCodes/zero")

    (adopted,) = load(database, draft, find=ITEMS, adopt=True)
    (refused,) = load(database, other, find=ITEMS)
    (same,) = load(database, replace(draft, tax_code="workspaces/acme/taxCodes/gst"), find=ITEMS)

    assert outcomes([adopted, refused, same]) == [
        Outcome.UPDATED,
        Outcome.REFUSED,
        Outcome.UNCHANGED,
    ]
    assert isinstance(refused.refusal, FailedPrecondition)
    assert [each.subject for each in refused.refusal.blockers] == ["tax_code"]


def test_product_changed_while_the_sync_is_off_is_taken_back(database: Database) -> None:
    """The next list of items brings the product's values again."""
    item = Item(id="i1", code="W1", name="Widget")
    add_product(database, "widget", item)
    map_item(database, item, "widget")
    database.execute("UPDATE items SET content_hash = 'same'")
    draft = ProductDraft(workspace="acme", external_id="P-1", sku="W1", display_name="Mine")

    load(database, draft, adopt=True)

    assert database.tuples("SELECT content_hash FROM items") == [("",)]


def test_what_was_created_at_the_provider_is_known_to_imports(database: Database) -> None:
    """One by one created records are unchanged by the file, however the provider wrote them."""
    bench = creating_bench(database)
    customer = bench.customers.create(replace(AT_PROVIDER, external_id="C-1"))
    product = bench.products.create(replace(MUG, external_id="P-1"))
    database.execute("UPDATE customers SET name = 'KERR LTD'")
    database.execute("UPDATE products SET name = 'BLUE MUG'")

    results = [
        *load(
            database, replace(AT_PROVIDER, id="", external_id="C-1"), find=bench.chain.find_master
        ),
        *load(database, replace(MUG, id="", external_id="P-1"), find=bench.chain.find_master),
    ]

    assert (customer.record.external_id, product.record.external_id) == ("C-1", "P-1")
    assert outcomes(results) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
