"""Issues of runs, and what settles them, over a connected organisation."""

from functools import partial

from bookkeeping import (
    add_customer,
)
from running import (
    ACME,
    CUSTOMER_FIELDS,
    PRODUCT_FIELDS,
    master,
    noon,
    numbered_ids,
    running,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core.tax_mapping import TaxDecision
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import connections, module_states, run_issues
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",))
RATA = Contact(id="c2", name="Rata Ltd", codes=("R1",))
WIDGET = Item(id="i1", code="W1", name="Widget", tax_type="OUTPUT2")
CONTACT_MISSING = "XERO_EXPORT_CONTACT_MAPPING_REQUIRED"
ITEM_MISSING = "XERO_EXPORT_ITEM_MAPPING_REQUIRED"
TAX_MISSING = "XERO_EXPORT_TAX_MAPPING_REQUIRED"
FREIGHT_OPEN = "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT"


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


def refuse(database: Database) -> None:
    """Have the provider refuse the only invoice there is."""
    outbox = Outbox(running(database, "invoice_push", id="push1"), numbered_ids("push1"))
    (sent,) = outbox.prepare(1)
    outbox.sent([sent])
    outbox.rejected(sent.attempt_id, "NO", "It says no.")
