from collections.abc import Callable
from dataclasses import replace
from functools import partial

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
    CUSTOMER_FIELDS,
    KAURI,
    NOON,
    PRODUCT_FIELDS,
    connect,
    master,
    noon,
    numbered_ids,
    running,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core.invoice import Freight, FreightState, InvoiceStage
from syncline_server.core.invoice_draft import FreightDraft, InvoiceDraft
from syncline_server.core.model import MappingState
from syncline_server.core.notices import ConnectionChanged, Notice
from syncline_server.core.tax_mapping import TaxDecision
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.invoices import Invoices
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.services.settlement import settle_behind
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import connections, contacts, module_states, run_issues
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",))
RATA = Contact(id="c2", name="Rata Ltd", codes=("R1",))
WIDGET = Item(id="i1", code="W1", name="Widget", tax_type="OUTPUT2")
CONTACT_MISSING = "XERO_EXPORT_CONTACT_MAPPING_REQUIRED"
ITEM_MISSING = "XERO_EXPORT_ITEM_MAPPING_REQUIRED"
TAX_MISSING = "XERO_EXPORT_TAX_MAPPING_REQUIRED"
FREIGHT_OPEN = "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT"


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


def contact_mappings(database: Database) -> ContactMappings:
    """Return the service."""
    find = partial(find_organisation, database)
    return ContactMappings(database, noon, find, lambda *_: ("contacts",), lambda _notice: None)


def item_mappings(database: Database) -> ItemMappings:
    """Return the service."""
    return ItemMappings(database, noon, partial(find_organisation, database), lambda _notice: None)


def map_tax_type(database: Database, tax_type: str, tax_code: str) -> None:
    """Map a tax type."""
    find = partial(find_organisation, database)
    TaxMappings(database, noon, find, lambda _notice: None).update(
        ACME,
        TaxDecision(
            tax_type=tax_type,
            tax_code=f"workspaces/acme/taxCodes/{tax_code}",
            fields=frozenset({"tax_code"}),
        ),
    )


def pull_contacts(database: Database, *records: Contact, run: str = "pull1") -> None:
    """Store one page of contacts."""
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
    sink = ContactSink(running(database, "contacts", id=run), find, numbered_ids(run))
    sink.store(records, cursor="next")


def pull_items(database: Database, *records: Item, run: str = "pull1") -> None:
    """Store the list of items."""
    find = master(RecordKind.ITEM, PRODUCT_FIELDS)
    ItemSink(running(database, "items", id=run), find, numbered_ids(run)).replace(records)


def push(database: Database, run: str = "push1", *named: str) -> Outbox:
    """Let a push look at every invoice, or at those named; returns what it works with."""
    options = {"invoices": named} if named else None
    journal = running(database, "invoice_push", id=run, options=options)  # type: ignore[arg-type]  # texts are values
    outbox = Outbox(journal, numbered_ids(run))
    outbox.prepare(50)
    return outbox


def standing(database: Database) -> set[tuple[str, str]]:
    """Return record and code of every open issue of the workspace."""
    rows = run_issues.open_of_workspace(database, "acme", None, 100)
    return {(row["record_id"], row["code"]) for row in rows}


def resolutions(database: Database, run: str) -> list[str]:
    """Return what settled each issue of a run."""
    return [row["resolution"] for row in run_issues.of_one_run(database, run, 0, 100)]


def woken(database: Database) -> set[str]:
    """Return the modules that are due at once."""
    states = module_states.of_connection(database, connections.get(database, ACME))
    return {module for module, state in states.items() if state.wake_time}


def two_customers(database: Database) -> None:
    """Store customers that two contacts cannot be told from, and one that none fits."""
    for id_ in ("kerr", "kerr-2"):
        add_customer(database, id_, Contact(id="", name=f"Local {id_}", codes=("K1",)))
        add_customer(database, f"rata{id_[4:]}", Contact(id="", name=id_, codes=("R1",)))


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


def refuse(database: Database) -> None:
    """Have the provider refuse the only invoice there is."""
    outbox = Outbox(running(database, "invoice_push", id="push1"), numbered_ids("push1"))
    (sent,) = outbox.prepare(1)
    outbox.sent([sent])
    outbox.rejected(sent.attempt_id, "NO", "It says no.")


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


def test_same_issue_met_again_takes_the_older_ones_place(database: Database) -> None:
    """However many runs meet it, one issue is open: the newest."""
    two_customers(database)
    for run in ("pull1", "pull2", "pull3"):
        pull_contacts(database, KERR, run=run)

    (row,) = run_issues.open_of_workspace(database, "acme", None, 10)

    assert row["run_id"] == "pull3"
    assert resolutions(database, "pull2") == ["Met again by run pull3."]
    assert woken(database) == set()


@pytest.mark.parametrize("change", [{"codes": ("NEW",)}, {"active": False}])
def test_run_that_finds_a_contact_settled_closes_its_issue(
    database: Database, change: dict[str, object]
) -> None:
    """A contact that was given a code of its own, or archived, needs nobody any more."""
    two_customers(database)
    pull_contacts(database, KERR, RATA)

    pull_contacts(database, KERR._replace(**change), run="pull2")  # type: ignore[arg-type]  # any field of it

    assert standing(database) == {("c2", "CONTACT_AMBIGUOUS")}
    assert resolutions(database, "pull1") == ["Run pull2 found it settled.", ""]


def test_contact_that_is_not_read_again_stays_open(database: Database) -> None:
    """A run that reads what changed says nothing about the others."""
    two_customers(database)
    pull_contacts(database, KERR)

    pull_contacts(database, Contact(id="c9", name="Somebody"), run="pull2")

    assert standing(database) == {("c1", "CONTACT_AMBIGUOUS")}


@pytest.mark.parametrize("back", [WIDGET, WIDGET._replace(id="i9")])
def test_item_that_comes_back_settles_that_it_was_gone(database: Database, back: Item) -> None:
    """Under its own id, or made again under its code; until then it stays open."""
    add_tax_code(database, "gst")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")
    pull_items(database, WIDGET)
    pull_items(database, run="pull2")
    pull_items(database, run="pull3")
    assert standing(database) == {("i1", "ITEM_VANISHED")}

    pull_items(database, back, run="pull4")

    assert standing(database) == set()


def test_push_that_can_send_an_invoice_closes_what_blocked_it(database: Database) -> None:
    """However it came about: here a contact was mapped by a pull."""
    ready_to_push(database)
    add_customer(database, "rata", Contact(id="", name="Rata Ltd", codes=("R1",)))
    add_invoice(database, an_invoice("one", customer_id="rata"))
    push(database)
    assert standing(database) == {("one", CONTACT_MISSING)}
    pull_contacts(database, RATA)

    push(database, "push2")

    assert standing(database) == set()


def test_run_that_maps_a_contact_wakes_the_push_that_waited_for_it(database: Database) -> None:
    """The invoice needs nobody any more, and does not wait for the push's next time."""
    ready_to_push(database)
    for id_ in ("rata", "rimu"):
        add_customer(database, id_, Contact(id="", name=id_.title(), codes=(id_.upper(),)))
        add_invoice(database, an_invoice(f"of-{id_}", customer_id=id_))
    push(database)
    journal = running(database, "contacts", id="pull1")
    sink = ContactSink(journal, master(RecordKind.CONTACT, CUSTOMER_FIELDS), numbered_ids("pull1"))
    sink.store([RATA._replace(codes=("RATA",))], cursor="next")

    settle_behind(database, journal.run, NOON)

    assert standing(database) == {("of-rimu", CONTACT_MISSING)}
    assert resolutions(database, "push1") == ["Run pull1 found it settled.", ""]
    assert woken(database) == {"invoice_push"}


def test_refusal_stays_open_while_the_invoice_is_left_as_it_was(database: Database) -> None:
    """A push that leaves a refused invoice out has not settled it."""
    ready_to_push(database, "one")
    refuse(database)

    push(database, "push2")

    assert standing(database) == {("one", "NO")}


def test_another_organisations_issues_are_its_own(database: Database) -> None:
    """Assigning settles nothing elsewhere, and what cannot be settled now is not listed."""
    two_customers(database)
    pull_contacts(database, KERR)
    totara = replace_organisation(database, "totara")
    totara(KERR)
    assert [row["run_id"] for row in run_issues.open_of_workspace(database, "acme", None, 10)] == [
        "totara1"
    ]

    contact_mappings(database).assign(ACME, "c1", "kerr", "")

    assert standing(database) == set()
    assert resolutions(database, "pull1") == [""]


def replace_organisation(database: Database, id_: str) -> Callable[[Contact], None]:
    """Connect another organisation; returns what pulls one of its contacts."""
    other = KAURI._replace(id=id_)
    connect(database, other)

    def pull(record: Contact) -> None:
        journal = running(database, "contacts", id=f"{id_}1", organisation=other)
        find = master(RecordKind.CONTACT, CUSTOMER_FIELDS, other)
        ContactSink(journal, find, numbered_ids(id_)).store([record], cursor="next")

    return pull
