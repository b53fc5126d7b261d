"""Which records a comparison looks at, and what it makes of them."""

import pytest

from bookkeeping import rows
from running import CUSTOMER_FIELDS, KAURI, NOON, connect, master, numbered_ids, running
from syncline_sdk import Census, Contact, Issue, RecordKind
from syncline_server.core.parity import Difference
from syncline_server.services.books import Books
from syncline_server.services.comparing import SAMPLE, choose_sample, compare
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.storage import contacts, present_contacts
from syncline_server.storage.database import Database

ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)


@pytest.fixture
def books(database: Database) -> Books:
    """A hundred contacts, pulled."""
    connect(database)
    pull(database, [Contact(id=f"c{place:03d}", name=f"Kerr {place}") for place in range(100)])
    return Books(database=database, organisation=KAURI, fields=CUSTOMER_FIELDS)


def pull(database: Database, records: list[Contact]) -> None:
    """Have a run bring contacts."""
    ContactSink(running(database, "contacts"), ALL, numbered_ids()).store(records, cursor="end")


def sampled(books: Books, walked_to: str, *suspects: str) -> tuple[tuple[str, ...], str]:
    """Return what is looked at next."""
    before = [Difference("Contacts", "2", "1", suspects)]
    return choose_sample(books, RecordKind.CONTACT, before, walked_to)


def test_comparisons_walk_through_all_records(books: Books) -> None:
    """Behind the last one they begin again."""
    first, walked_to = sampled(books, "")
    assert (len(first), first[0], walked_to) == (SAMPLE, "c000", "c079")
    second, walked_to = sampled(books, walked_to)
    assert (second[0], second[19], second[20]) == ("c080", "c099", "c000")
    assert walked_to == "c059"


def test_what_differed_is_looked_at_again(books: Books) -> None:
    """First, and whatever comes next."""
    sample, _ = sampled(books, "c010", "c099", "c001")

    assert sample[:3] == ("c099", "c001", "c011")
    assert len(sample) == SAMPLE


def test_a_few_records_are_all_looked_at_each_time(database: Database) -> None:
    """There is nowhere to walk to."""
    connect(database)
    pull(database, [Contact(id="a", name="Kerr")])
    books = Books(database=database, organisation=KAURI, fields=CUSTOMER_FIELDS)

    assert choose_sample(books, RecordKind.CONTACT, (), "") == (("a",), "")


def test_short_lists_need_no_sample(books: Books) -> None:
    """They are compared as a whole."""
    assert choose_sample(books, RecordKind.ITEM, (), "") == ((), "")


def test_a_contact_that_is_read_anew_anyway_is_only_looked_for(books: Books) -> None:
    """What a person assigned, its next read brings; until then it may differ."""
    customer = rows(books.database, "customers", "id")[0]["id"]
    mapped = contacts.of_customers(books.database, KAURI, [customer])[customer].id
    contacts.detach(books.database, KAURI, mapped, NOON)
    census = Census(records=(Contact(id=mapped, name="Quite another"),))

    found = compare(books, RecordKind.CONTACT, census, (mapped,))

    assert (found.records, found.differences) == (0, ())


def test_a_contact_that_could_not_be_stored_is_counted_for(books: Books) -> None:
    """An issue tells of it already: one more over there is no drift, two are."""
    journal = running(books.database, "contacts", id="second")
    journal.issue(
        Issue(
            code="XERO_CONTACT_NAME_MISSING",
            message="It has no name.",
            action="Name it.",
            kind=RecordKind.CONTACT,
            record_id="nameless",
            record_name="",
        )
    )

    assert compare(books, RecordKind.CONTACT, Census(active=101), ()).differences == ()
    (difference,) = compare(books, RecordKind.CONTACT, Census(active=102), ()).differences
    assert (difference.local, difference.provider) == ("100", "102")
    assert compare(books, RecordKind.CONTACT, Census(active=99), ()).differences


def test_a_vanished_contact_is_not_looked_for(books: Books) -> None:
    """It is known to be gone."""
    present_contacts.vanish(books.database, KAURI, ["c000"], NOON)

    found = compare(books, RecordKind.CONTACT, Census(active=99), ("c000",))

    assert found.differences == ()
    assert sampled(books, "")[0][0] == "c001"
