from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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
from clockwork import Clockwork
from running import (
    ACME,
    CUSTOMER_FIELDS,
    KAURI,
    NOON,
    connect,
    master,
    nobody,
    noon,
    numbered_ids,
    running,
)
from syncline_sdk import Contact, Item, RecordKind
from syncline_server.core.changes import ChangeKind
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.model import MappingState, Settings
from syncline_server.core.organisations import Organisation
from syncline_server.services.changed_resources import ChangedResources
from syncline_server.services.changes import MOST_CHANGES, Changes
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.invoices import Invoices
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import contacts, customers, settings
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

KERR = Contact(id="c1", name="Kerr Ltd")
WIDGET = Item(id="i1", code="W1", name="Widget")
RIMU = Organisation("acme", "xero", "rimu")
WEEK = timedelta(days=7)


def service(database: Database, clock: Clockwork | None = None) -> Changes:
    """Return the service; changes are kept for a week."""

    def find(connection: object) -> Organisation | None:
        return find_organisation(database, ACME) if connection == ACME else None

    resources = ChangedResources(
        database,
        nobody,
        find,
        Invoices(database, noon, numbered_ids()),
        TaxMappings(database, noon, find, lambda _: None),
    )
    return Changes(database, clock or noon, resources, WEEK)


def told(
    database: Database, after: int = 0, kinds: Sequence[ChangeKind] = ()
) -> list[tuple[ChangeKind, str, bool]]:
    """Return kind, name and whether the resource came along, of all changes behind a number."""
    views = service(database).page("acme", after, kinds).changes
    return [
        (view.change.place.kind, view.change.place.name(view.change.id), view.resource is not None)
        for view in views
    ]


def test_every_kind_is_told_with_its_resource(database: Database) -> None:
    """Records, mappings and links come with what they are now; a connection by its name."""
    connect(database)
    settings.save(database, ACME, Settings(on=frozenset({"contacts"})), NOON)
    add_tax_code(database, "gst")
    add_customer(database, "kerr", KERR)
    add_product(database, "widget", WIDGET)
    map_contact(database, KERR, "kerr")
    map_item(database, WIDGET, "widget")
    add_tax_rate(database, "OUTPUT2", tax_code="gst")
    add_invoice(database, an_invoice())
    Outbox(running(database, "invoice_push"), numbered_ids()).prepare(1)

    assert told(database) == [
        (ChangeKind.CONNECTION, str(ACME), False),
        (ChangeKind.TAX_CODE, "workspaces/acme/taxCodes/gst", True),
        (ChangeKind.CUSTOMER, "workspaces/acme/customers/kerr", True),
        (ChangeKind.PRODUCT, "workspaces/acme/products/widget", True),
        (ChangeKind.CONTACT_MAPPING, f"{ACME}/contactMappings/c1", True),
        (ChangeKind.ITEM_MAPPING, f"{ACME}/itemMappings/i1", True),
        (ChangeKind.TAX_MAPPING, f"{ACME}/taxMappings/OUTPUT2", True),
        (ChangeKind.INVOICE, "workspaces/acme/invoices/inv1", True),
        (ChangeKind.INVOICE_LINK, f"{ACME}/invoiceLinks/inv1", True),
    ]


def test_pull_tells_what_it_wrote_and_nothing_else(database: Database) -> None:
    """A page tells each new or changed customer and contact once; an unchanged page tells none."""
    connect(database)
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
    page = [Contact(id=f"c{number}", name=f"Name {number}") for number in range(3)]
    begin = service(database).newest("acme")
    ContactSink(running(database, "contacts"), find, numbered_ids()).store(page, cursor="1")
    first = told(database, begin)

    then = service(database).newest("acme")
    again = [page[0], page[1], page[2]._replace(email="new@example.org")]
    ContactSink(running(database, "contacts", id="run2"), find, numbered_ids("x")).store(
        again, cursor="1"
    )

    assert [kind for kind, _, _ in first] == [ChangeKind.CUSTOMER] * 3 + [
        ChangeKind.CONTACT_MAPPING
    ] * 3
    assert [name for _, name, _ in told(database, then)] == [
        "workspaces/acme/customers/id0003",
        f"{ACME}/contactMappings/c2",
    ]


def test_hands_on_mappings_are_told(database: Database) -> None:
    """Assigning and removing a mapping are changes of it."""
    connect(database)
    add_customer(database, "kerr", KERR)
    map_contact(database, KERR, "kerr")
    begin = service(database).newest("acme")

    contacts.detach(database, KAURI, "c1", NOON)
    contacts.assign(database, KAURI, "c1", "kerr", NOON)

    assert service(database).newest("acme") == begin + 2
    assert told(database, begin) == [
        (ChangeKind.CONTACT_MAPPING, f"{ACME}/contactMappings/c1", True)
    ]


def test_mappings_of_an_organisation_before_are_not_told(database: Database) -> None:
    """What belongs to an organisation that is not connected any more cannot be shown, so is not."""
    connect(database)
    begin = service(database).newest("acme")
    contacts.write(database, RIMU, [ContactRow(KERR, "", MappingState.UNMAPPED)], NOON)

    page = service(database).page("acme", begin, ())

    assert (page.changes, page.position) == ([], begin + 1)


def test_position_moves_over_kinds_that_are_not_wanted(database: Database) -> None:
    """A reader of one kind comes as far as everybody, so that its token does not grow old."""
    add_tax_code(database, "gst")
    add_customer(database, "kerr", KERR)

    page = service(database).page("acme", 0, [ChangeKind.PRODUCT])

    assert (page.changes, page.position) == ([], 2)


def test_long_history_comes_in_pages(database: Database) -> None:
    """Page after page gives everything once, in order."""
    ids = [f"c{number:04d}" for number in range(2 * MOST_CHANGES + 50)]
    for id_ in ids:
        add_customer(database, id_, KERR)
    found: list[str] = []
    position, pages = 0, 0
    while position < len(ids):
        page = service(database).page("acme", position, ())
        found += [view.change.id for view in page.changes]
        position, pages = page.position, pages + 1

    assert (found, pages) == (ids, 3)


def test_only_a_workspaces_own_changes_are_told(database: Database) -> None:
    """Another workspace's records are nobody else's news."""
    add_customer(database, "kerr", KERR)
    customer = customers.by_ids(database, "acme", ["kerr"])["kerr"]
    customers.insert(database, replace(customer, workspace="globex"), NOON)

    assert [name for _, name, _ in told(database)] == ["workspaces/acme/customers/kerr"]


def test_forgotten_history_is_refused(database: Database) -> None:
    """After the week a position before it is refused, a later one is not."""
    clock = Clockwork(NOON)
    add_tax_code(database, "gst")
    add_customer(database, "kerr", KERR)
    clock.advance(seconds=WEEK.total_seconds() + 1)

    assert service(database, clock).forget_old() == 2
    with pytest.raises(FailedPrecondition) as refusal:
        service(database).page("acme", 1, ())
    assert refusal.value.reason is Reason.CHANGE_TOKEN_EXPIRED
    assert service(database).page("acme", 2, ()).changes == []


def test_nothing_is_told_of_an_attempt_that_is_undone(database: Database) -> None:
    """A push whose transaction fails leaves no change of a link."""
    connect(database)
    ready_to_push(database, "inv1")
    begin = service(database).newest("acme")
    with pytest.raises(KeyError), database.transaction():
        Outbox(running(database, "invoice_push"), numbered_ids()).prepare(1)
        raise KeyError

    assert service(database).newest("acme") == begin
