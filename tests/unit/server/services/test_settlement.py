from dataclasses import replace

import pytest

from bookkeeping import (
    add_customer,
    add_invoice,
    add_product,
    add_tax_code,
    add_tax_rate,
    an_invoice,
    map_contact,
    map_item,
    ready_to_push,
)
from running import (
    ACME,
    KAURI,
    NOON,
    connect,
    noon,
    numbered_ids,
)
from settling import (
    CONTACT_MISSING,
    FREIGHT_OPEN,
    ITEM_MISSING,
    KERR,
    RATA,
    TAX_MISSING,
    WIDGET,
    contact_mappings,
    item_mappings,
    map_tax_type,
    pull_contacts,
    pull_items,
    push,
    refuse,
    resolutions,
    standing,
    two_customers,
    woken,
)
from syncline_sdk import Contact, Item
from syncline_server.core.invoice import Freight, FreightState, InvoiceStage
from syncline_server.core.invoice_draft import FreightDraft, InvoiceDraft
from syncline_server.core.model import MappingState
from syncline_server.core.notices import ConnectionChanged, Notice
from syncline_server.services.invoices import Invoices
from syncline_server.storage import contacts, run_issues
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


@pytest.fixture
def notices() -> list[Notice]:
    """What watchers were told."""
    return []


@pytest.fixture
def invoices(database: Database, notices: list[Notice]) -> Invoices:
    """The service."""
    database.listen(notices.append)
    return Invoices(database, noon, numbered_ids())


def test_assigning_settles_the_contacts_issue_and_no_other(database: Database) -> None:
    """The issue of that very contact is closed by whom it went to; the other contact's stays."""
    two_customers(database)
    pull_contacts(database, KERR, RATA)

    contact_mappings(database).assign(ACME, "c1", "kerr", "")

    assert standing(database) == {("c2", "CONTACT_AMBIGUOUS")}
    assert resolutions(database, "pull1") == ["Assigned to customer Local kerr (K1).", ""]
    assert woken(database) == {"contacts"}


def test_assigning_frees_the_invoices_that_waited_for_the_contact(database: Database) -> None:
    """Only the code it solves, of this customer's invoices; what else blocks them stays open."""
    ready_to_push(database)
    two_customers_of_invoices(database)
    push(database)
    both = {("one", CONTACT_MISSING), ("two", CONTACT_MISSING), ("other", CONTACT_MISSING)}
    assert standing(database) == both | {("two", FREIGHT_OPEN)}

    contact_mappings(database).assign(ACME, "c2", "rata", "")

    assert standing(database) == {("two", FREIGHT_OPEN), ("other", CONTACT_MISSING)}
    assert woken(database) == {"invoice_push"}


def two_customers_of_invoices(database: Database) -> None:
    """Store two invoices of an unmapped customer, one with a second problem, and a stranger's."""
    add_customer(database, "rata", Contact(id="", name="Rata Ltd"))
    add_customer(database, "nobody", Contact(id="", name="Nobody"))
    contacts.write(database, KAURI, [ContactRow(RATA, "", MappingState.UNMAPPED)], NOON)
    unknown = Freight(state=FreightState.TO_BE_CONFIRMED)
    add_invoice(database, an_invoice("one", customer_id="rata"))
    add_invoice(database, an_invoice("two", customer_id="rata", freight=unknown))
    add_invoice(database, an_invoice("other", customer_id="nobody"))


def test_archived_contact_does_not_free_what_it_cannot_carry(database: Database) -> None:
    """The invoice lacks no contact any more; that this one is archived is met by the next push."""
    ready_to_push(database)
    add_customer(database, "rata", Contact(id="", name="Rata Ltd"))
    archived = RATA._replace(active=False)
    contacts.write(database, KAURI, [ContactRow(archived, "", MappingState.UNMAPPED)], NOON)
    add_invoice(database, an_invoice("one", customer_id="rata"))
    push(database)

    contact_mappings(database).assign(ACME, "c2", "rata", "")
    push(database, "push2")

    assert standing(database) == {("one", "XERO_EXPORT_CONTACT_ARCHIVED")}


def test_removing_settles_the_mappings_own_issue(database: Database) -> None:
    """A merged contact that is taken apart needs nobody any more; nothing else is closed."""
    add_customer(database, "kerr", KERR)
    add_customer(database, "rata", RATA)
    map_contact(database, KERR, "kerr")
    map_contact(database, RATA, "rata")
    pull_contacts(database, KERR._replace(active=False, merged_into="c2"))
    assert standing(database) == {("c1", "CONTACT_MERGED")}

    contact_mappings(database).remove(ACME, "c1", "")

    assert standing(database) == set()
    assert resolutions(database, "pull1") == ["Left without a customer."]


def test_assigning_an_item_frees_invoices_over_its_product(database: Database) -> None:
    """An invoice that lacks another item as well stays open under the same code."""
    ready_to_push(database)
    for id_, code in (("gadget", "G1"), ("gizmo", "Z1")):
        add_product(database, id_, Item(id="", code=code, name=id_.title()))
    line = an_invoice().lines[0]
    lines = (replace(line, product_id="gadget"), replace(line, product_id="gizmo"))
    add_invoice(database, an_invoice("one", lines=lines[:1]))
    add_invoice(database, an_invoice("two", lines=lines))
    push(database)
    map_item(database, Item(id="i9", code="X", name="Unclear"), "")

    item_mappings(database).assign(ACME, "i9", "gadget", "")

    assert standing(database) == {("two", ITEM_MISSING)}
    assert resolutions(database, "push1")[0] == "Assigned to product Gadget (G1)."
    assert woken(database) == {"invoice_push"}


def test_mapping_a_tax_type_frees_its_items_and_the_invoices(database: Database) -> None:
    """Items of another tax type, and invoices over another tax code, go on waiting."""
    ready_to_push(database)
    add_tax_code(database, "reduced", rate="5")
    add_tax_rate(database, "REDUCED", rate="5")
    add_tax_rate(database, "ODD", rate="7")
    pull_items(
        database,
        WIDGET._replace(tax_type="REDUCED"),
        Item(id="i2", code="O1", name="Odd", tax_type="ODD"),
    )
    line = an_invoice().lines[0]
    add_invoice(database, an_invoice("one", lines=(replace(line, tax_code_id="reduced"),)))
    add_invoice(database, an_invoice("two", lines=(replace(line, tax_code_id="unknown"),)))
    push(database)
    waiting = {("i1", "TAX_TYPE_NOT_MAPPED"), ("i2", "TAX_TYPE_NOT_MAPPED")}
    assert standing(database) == waiting | {("one", TAX_MISSING), ("two", TAX_MISSING)}

    map_tax_type(database, "REDUCED", "reduced")

    assert standing(database) == {("i2", "TAX_TYPE_NOT_MAPPED"), ("two", TAX_MISSING)}
    assert woken(database) == {"items", "invoice_push"}


def test_confirming_settles_that_the_invoice_was_a_draft(
    database: Database, invoices: Invoices, notices: list[Notice]
) -> None:
    """What else blocks the invoice stays open; whoever watches is told, and the push woken."""
    ready_to_push(database)
    unknown = Freight(state=FreightState.TO_BE_CONFIRMED)
    add_invoice(database, an_invoice("one", stage=InvoiceStage.DRAFT, freight=unknown))
    push(database, "push1", "one")

    invoices.confirm("acme", "one", "")

    assert standing(database) == {("one", FREIGHT_OPEN)}
    assert ConnectionChanged(ACME) in notices
    assert woken(database) == {"invoice_push"}


def test_changing_settles_what_is_not_true_any_more(database: Database, invoices: Invoices) -> None:
    """Once the freight is known nobody waits for it."""
    ready_to_push(database)
    unknown = Freight(state=FreightState.TO_BE_CONFIRMED)
    add_invoice(database, an_invoice("one", freight=unknown, customer_id="nobody"))
    add_customer(database, "nobody", Contact(id="", name="Nobody"))
    push(database)

    draft = InvoiceDraft(workspace="acme", id="one", freight=FreightDraft(state="NONE"))
    invoices.update(draft, {"freight"})

    assert standing(database) == {("one", CONTACT_MISSING)}


def test_mending_settles_the_providers_refusal(database: Database, invoices: Invoices) -> None:
    """A refusal is about the invoice as it was: once it is another one the push is woken."""
    ready_to_push(database, "one")
    refuse(database)
    assert standing(database) == {("one", "NO")}

    invoices.update(InvoiceDraft(workspace="acme", id="one", reference="PO 7"), {"reference"})

    assert standing(database) == set()
    assert woken(database) == {"invoice_push"}


def test_voiding_settles_everything_about_the_invoice(
    database: Database, invoices: Invoices
) -> None:
    """Nothing is left to do about an invoice that is never sent."""
    ready_to_push(database)
    unknown = Freight(state=FreightState.TO_BE_CONFIRMED)
    add_invoice(database, an_invoice("one", freight=unknown, customer_id="nobody"))
    push(database)

    invoices.void("acme", "one", "")

    assert standing(database) == set()
    assert resolutions(database, "push1") == ["The invoice was voided."] * 2


def test_naming_what_is_not_there_leaves_nothing_to_settle(database: Database) -> None:
    """Whoever asked is told by the run; nobody else needs to do anything."""
    ready_to_push(database)
    add_invoice(database, an_invoice("gone", stage=InvoiceStage.VOID))

    push(database, "push1", "gone", "nope")

    rows = run_issues.of_one_run(database, "push1", 0, 10)
    assert [row["code"] for row in rows] == ["INVOICE_VOID", "INVOICE_UNKNOWN"]
    assert standing(database) == set()
