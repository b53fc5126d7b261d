from dataclasses import replace
from functools import partial

import pytest

from bookkeeping import add_customer, map_contact
from connect_bench import in_threads
from running import (
    ACME,
    CUSTOMER_FIELDS,
    KAURI,
    connect,
    master,
    nobody,
    noon,
    numbered_ids,
)
from syncline_sdk import Address, Contact, RecordKind
from syncline_server.core.customer_draft import FIELDS, CustomerDraft
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
)
from syncline_server.core.etags import of
from syncline_server.core.listing import RecordFilter
from syncline_server.core.ownership import FindMaster
from syncline_server.services.customers import Customers
from syncline_server.storage import contacts
from syncline_server.storage.database import Database

KERR = CustomerDraft(
    workspace="acme",
    id="kerr",
    code="K1",
    display_name="Kerr Ltd",
    email="hi@kerr.example",
    address=Address(("1 Quay",), "Nelson"),
)
OTHER = CustomerDraft(workspace="acme", display_name="Other")
XERO = master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"})


def service(database: Database, find: FindMaster = nobody) -> Customers:
    """Return the service."""
    return Customers(database, noon, numbered_ids(), find)


def test_created_customer_is_as_it_was_written(database: Database) -> None:
    """A customer comes back with what was written, active and local."""
    view = service(database).create(KERR)

    assert (view.record.id, view.record.code, view.record.address) == ("kerr", "K1", KERR.address)
    assert (view.record.active, view.owned_fields, view.mapped_to) == (True, (), "")


def test_id_is_made_up_when_none_is_given(database: Database) -> None:
    """Without an id of the caller's the server makes one."""
    view = service(database).create(CustomerDraft(workspace="acme", display_name="Kerr"))

    assert view.record.id == "id0001"


def test_everything_wrong_is_told_at_once(database: Database) -> None:
    """Every malformed field is listed with its path in the request."""
    draft = CustomerDraft(
        workspace="acme",
        id="No",
        code="x" * 51,
        address=Address(("a",) * 5, "c" * 256),
    )

    with pytest.raises(InvalidArgument) as refusal:
        service(database).create(draft)

    assert [each.field for each in refusal.value.violations] == [
        "customer_id",
        "customer.code",
        "customer.display_name",
        "customer.address.lines",
        "customer.address.city",
    ]


@pytest.mark.parametrize("again", [{"id": "kerr"}, {"code": "k1"}], ids=["id", "code"])
def test_taken_id_or_code_is_refused(database: Database, again: dict[str, str]) -> None:
    """A second customer with the id, or the code whatever its case, names the first."""
    customers = service(database)
    customers.create(KERR)

    with pytest.raises(AlreadyExists) as refusal:
        customers.create(replace(OTHER, **again))

    assert refusal.value.resource == "workspaces/acme/customers/kerr"


def test_code_is_given_once_however_many_ask_for_it(database: Database) -> None:
    """Of many who create a customer of one code at the same moment one gets it."""
    calls = [partial(service(database).create, replace(KERR, id=f"kerr{n}")) for n in range(8)]

    outcomes = in_threads(*calls)

    assert sum(isinstance(each, AlreadyExists) for each in outcomes) == len(calls) - 1


def test_customers_are_created_in_the_provider_while_its_sync_is_on(database: Database) -> None:
    """With Sync Contacts on, creating here is refused and nothing is stored."""
    with pytest.raises(FailedPrecondition) as refusal:
        service(database, XERO).create(KERR)

    assert refusal.value.reason is Reason.RECORD_CREATED_IN_PROVIDER
    with pytest.raises(NotFound):
        service(database).get("acme", "kerr")


def test_customer_of_another_workspace_is_not_there(database: Database) -> None:
    """An id means something within its workspace only."""
    service(database).create(KERR)

    with pytest.raises(NotFound):
        service(database).get("other", "kerr")


def test_pages_follow_each_other_by_id(database: Database) -> None:
    """A list can be read page by page, filtered by text and activity."""
    customers = service(database)
    for id_, name, active in (("a", "Kerr", True), ("b", "Kerr & Co", False), ("c", "Tui", True)):
        draft = CustomerDraft(workspace="acme", id=id_, display_name=name, active=active)
        customers.create(draft)

    def ids(wanted: RecordFilter, after: str = "", limit: int = 10) -> list[str]:
        return [view.record.id for view in customers.page("acme", wanted, after, limit)]

    assert ids(RecordFilter(), limit=2) == ["a", "b"]
    assert ids(RecordFilter(), after="b") == ["c"]
    assert ids(RecordFilter(text="KERR ")) == ["a", "b"]
    assert ids(RecordFilter(text="r_&")) == []
    assert ids(RecordFilter(active_only=True)) == ["a", "c"]


def test_only_the_named_fields_are_set(database: Database) -> None:
    """An update leaves every other field as it was."""
    customers = service(database)
    customers.create(KERR)

    draft = CustomerDraft(workspace="acme", id="kerr", notes="calls", display_name="ignored")
    view = customers.update(draft, {"notes"})

    assert (view.record.notes, view.record.display_name) == ("calls", "Kerr Ltd")
    assert view.record.version == 2


def test_stale_etag_is_refused(database: Database) -> None:
    """A change made against an older version changes nothing."""
    customers = service(database)
    etag = of(customers.create(KERR).record.version)
    draft = CustomerDraft(workspace="acme", id="kerr", notes="mine", etag=etag)
    customers.update(draft, {"notes"})

    with pytest.raises(Aborted):
        customers.update(draft, {"notes"})


def mapped(database: Database) -> Contact:
    """Store customer kerr, mapped to a contact of the connected organisation."""
    connect(database)
    contact = Contact(id="c1", name="Kerr Ltd", email="hi@kerr.example")
    add_customer(database, "kerr", contact)
    map_contact(database, contact, "kerr")
    return contact


def test_owned_fields_and_mapping_are_told(database: Database) -> None:
    """A mapped customer tells who owns what, by the names on the wire."""
    mapped(database)

    view = service(database, XERO).get("acme", "kerr")

    assert view.owned_fields == ("active", "address", "code", "display_name", "email")
    assert (view.master and view.master.connection, view.mapped_to) == (
        ACME,
        f"{ACME}/contactMappings/c1",
    )


def test_change_of_owned_fields_is_refused_whole(database: Database) -> None:
    """Each owned field that would change is a blocker, and local fields are not half applied."""
    mapped(database)
    draft = CustomerDraft(
        workspace="acme", id="kerr", display_name="Mine", email="x@y.example", notes="calls"
    )

    with pytest.raises(FailedPrecondition) as refusal:
        service(database, XERO).update(draft, {"display_name", "email", "notes"})

    assert [each.subject for each in refusal.value.blockers] == ["display_name", "email"]
    assert refusal.value.reason is Reason.FIELD_OWNED
    assert service(database).get("acme", "kerr").record.notes == ""


def test_owned_field_written_as_it_is_is_no_change(database: Database) -> None:
    """Sending everything back with only local fields changed is allowed."""
    mapped(database)
    draft = CustomerDraft(
        workspace="acme",
        id="kerr",
        display_name="Kerr Ltd",
        email="hi@kerr.example",
        phone="+64",
        notes="calls",
    )

    record = service(database, XERO).update(draft, FIELDS).record

    assert (record.notes, record.phone) == ("calls", "+64")


def test_local_change_is_undone_by_the_next_read(database: Database) -> None:
    """Once the sync is on again, an unchanged contact brings its values back."""
    mapped(database)
    database.execute("UPDATE contacts SET content_hash = 'same'")

    draft = CustomerDraft(workspace="acme", id="kerr", display_name="Mine")
    service(database).update(draft, {"display_name"})

    assert contacts.read(database, KAURI, ["c1"])["c1"].content_hash == ""
