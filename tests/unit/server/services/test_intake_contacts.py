import pytest

from bookkeeping import add_customer, map_contact, rows
from running import (
    CUSTOMER_FIELDS,
    KAURI,
    connect,
    master,
    nobody,
    numbered_ids,
    running,
)
from syncline_sdk import Address, Contact, RecordKind, RunFailed
from syncline_server.core.model import Counts
from syncline_server.core.ownership import FindMaster
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.journal import Journal
from syncline_server.storage import contacts as contact_rows
from syncline_server.storage import run_issues, runs
from syncline_server.storage.database import Database

KERR = Contact(
    id="c1",
    name="Kerr Ltd",
    codes=("K1", "ACC1"),
    email="hi@kerr.example",
    phone="+64 3 555 0100",
    address=Address(("1 Quay",), "Nelson"),
)
ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def pull(
    database: Database, *records: Contact, find: FindMaster = ALL, run: str = "run1"
) -> Journal:
    """Store one page in a run of its own and return its journal."""
    journal = running(database, "contacts", id=run)
    ContactSink(journal, find, numbered_ids(run)).store(records, cursor="next")
    return journal


def counts(database: Database, run: str = "run1") -> Counts:
    """Return what a run counted."""
    found = runs.get(database, run)
    assert found
    return found.counts


def codes(database: Database, run: str = "run1") -> list[str]:
    """Return the codes of a run's issues."""
    return [row["code"] for row in run_issues.of_one_run(database, run, 0, 100)]


def mappings(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and customer of every contact."""
    return {
        row["contact_id"]: (row["state"], row["customer_id"])
        for row in rows(database, "contacts", "contact_id")
    }


def test_new_contact_becomes_a_mapped_customer(database: Database) -> None:
    """A contact that nothing fits makes a customer with all its values, mapped to it."""
    pull(database, KERR)

    (customer,) = rows(database, "customers", "id")
    assert (customer["name"], customer["code"], customer["email"], customer["phone"]) == (
        "Kerr Ltd",
        "K1",
        "hi@kerr.example",
        "+64 3 555 0100",
    )
    assert "Nelson" in customer["address"]
    assert mappings(database) == {"c1": ("MAPPED", customer["id"])}
    assert counts(database) == Counts(fetched=1, created=1)


def test_page_moves_the_cursor(database: Database) -> None:
    """The cursor of a stored page is the run's."""
    journal = pull(database, KERR)

    found = runs.get(database, journal.run.id)
    assert found
    assert found.cursor == "next"


def test_same_page_again_changes_nothing(database: Database) -> None:
    """A contact that comes again unchanged costs no write and counts as unchanged."""
    pull(database, KERR)
    before = rows(database, "customers", "id"), rows(database, "contacts", "contact_id")

    pull(database, KERR, run="run2")

    assert (rows(database, "customers", "id"), rows(database, "contacts", "contact_id")) == before
    assert counts(database, "run2") == Counts(fetched=1, unchanged=1)


def test_changed_contact_updates_its_customer(database: Database) -> None:
    """A mapped contact's new values are its customer's."""
    pull(database, KERR)
    pull(database, KERR._replace(name="Kerr & Sons", codes=()), run="run2")

    (customer,) = rows(database, "customers", "id")
    assert (customer["name"], customer["code"], customer["version"]) == ("Kerr & Sons", "", 2)
    assert counts(database, "run2") == Counts(fetched=1, updated=1)


def test_fields_that_stay_local_are_not_taken(database: Database) -> None:
    """A phone the provider does not own keeps the value it has here."""
    add_customer(database, "kerr", KERR._replace(phone="local"))
    map_contact(database, KERR, "kerr")

    pull(database, KERR, find=master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"}))

    (customer,) = rows(database, "customers", "id")
    assert (customer["phone"], customer["email"]) == ("local", "hi@kerr.example")


def test_other_choice_of_fields_updates_unchanged_contacts(database: Database) -> None:
    """When a field becomes the provider's, an unchanged contact brings its value all the same."""
    without = master(RecordKind.CONTACT, CUSTOMER_FIELDS - {"phone"})
    pull(database, KERR, find=without)

    pull(database, KERR, run="run2")

    (customer,) = rows(database, "customers", "id")
    assert customer["phone"] == "+64 3 555 0100"
    assert counts(database, "run2") == Counts(fetched=1, updated=1)


@pytest.mark.parametrize(
    "local",
    [
        Contact(id="", name="x", codes=("acc1",)),
        Contact(id="", name="x", email="HI@kerr.example"),
        Contact(id="", name=" kerr  LTD"),
    ],
    ids=["code", "e-mail", "name"],
)
def test_fitting_customer_is_mapped_and_taken_over(database: Database, local: Contact) -> None:
    """A customer that fits by code, e-mail or name is mapped, and gets the contact's values."""
    add_customer(database, "kerr", local)

    pull(database, KERR)

    assert mappings(database) == {"c1": ("MAPPED", "kerr")}
    assert [row["name"] for row in rows(database, "customers", "id")] == ["Kerr Ltd"]
    assert counts(database) == Counts(fetched=1, updated=1)


def test_two_fitting_customers_are_left_to_a_person(database: Database) -> None:
    """When two customers fit, nothing is mapped, and the issue names both."""
    add_customer(database, "a", Contact(id="", name="Kerr Ltd", codes=("A",)))
    add_customer(database, "b", Contact(id="", name="Kerr Ltd", codes=("B",)))

    pull(database, KERR)

    assert mappings(database) == {"c1": ("AMBIGUOUS", None)}
    (issue,) = run_issues.of_one_run(database, "run1", 0, 10)
    assert issue["code"] == "CONTACT_AMBIGUOUS"
    assert "Kerr Ltd (A)" in issue["message"]
    assert "Kerr Ltd (B)" in issue["message"]
    assert counts(database) == Counts(fetched=1, failed=1)


def test_ambiguous_contact_is_matched_again_when_it_comes_again(database: Database) -> None:
    """Once a person has told the customers apart, the unchanged contact finds its own."""
    add_customer(database, "a", Contact(id="", name="Kerr Ltd"))
    add_customer(database, "b", Contact(id="", name="Kerr Ltd"))
    pull(database, KERR)
    database.execute("UPDATE customers SET name_key = 'other' WHERE id = 'b'")

    pull(database, KERR, run="run2")

    assert mappings(database) == {"c1": ("MAPPED", "a")}


def test_two_contacts_that_want_one_customer_get_none(database: Database) -> None:
    """Two contacts of a page that fit the same customer are both left to a person."""
    add_customer(database, "kerr", Contact(id="", name="x", codes=("K1",)))

    pull(database, KERR, Contact(id="c2", name="Other", codes=("K1",)))

    assert mappings(database) == {"c1": ("AMBIGUOUS", None), "c2": ("AMBIGUOUS", None)}
    assert codes(database) == ["CONTACT_AMBIGUOUS", "CONTACT_AMBIGUOUS"]


def test_mapped_customer_is_no_candidate(database: Database) -> None:
    """A contact with the name of a customer that is another contact's makes a customer."""
    pull(database, KERR)

    pull(database, Contact(id="c2", name="Kerr Ltd"), run="run2")

    assert mappings(database) == {"c1": ("MAPPED", "run10001"), "c2": ("MAPPED", "run20001")}


def test_archived_contact_that_was_never_ours_is_skipped(database: Database) -> None:
    """An archived contact without a customer leaves nothing behind."""
    pull(database, KERR._replace(active=False))

    assert rows(database, "customers", "id") == []
    assert mappings(database) == {}
    assert counts(database) == Counts(fetched=1, skipped=1)


def test_archiving_a_mapped_contact_makes_its_customer_inactive(database: Database) -> None:
    """An archived contact stays mapped, and its customer becomes inactive."""
    pull(database, KERR)
    pull(database, KERR._replace(active=False), run="run2")

    assert [bool(row["active"]) for row in rows(database, "customers", "id")] == [False]
    assert mappings(database)["c1"][0] == "MAPPED"


def test_merged_contact_gives_its_customer_to_the_survivor(database: Database) -> None:
    """The survivor of a merge takes the customer over, also when it was never read before."""
    pull(database, KERR)
    merged = KERR._replace(active=False, merged_into="c9")
    pull(database, merged, run="run2")
    pull(database, Contact(id="c9", name="Kerr Group"), run="run3")

    assert mappings(database) == {"c1": ("UNMAPPED", None), "c9": ("MAPPED", "run10001")}
    (customer,) = rows(database, "customers", "id")
    assert (customer["name"], bool(customer["active"])) == ("Kerr Group", True)


def test_merge_into_a_contact_of_the_same_page(database: Database) -> None:
    """A survivor that comes in the same page updates the customer it takes over."""
    pull(database, KERR)
    merged = KERR._replace(active=False, merged_into="c9")
    pull(database, merged, Contact(id="c9", name="Kerr Group"), run="run2")

    assert mappings(database) == {"c1": ("UNMAPPED", None), "c9": ("MAPPED", "run10001")}
    assert [row["name"] for row in rows(database, "customers", "id")] == ["Kerr Group"]


def test_contact_that_gave_its_customer_away_is_left_alone(database: Database) -> None:
    """A merged contact that comes again is skipped without a write."""
    pull(database, KERR)
    merged = KERR._replace(active=False, merged_into="c9")
    pull(database, merged, run="run2")
    before = rows(database, "contacts", "contact_id")

    pull(database, merged, run="run3")

    assert rows(database, "contacts", "contact_id") == before
    assert counts(database, "run3") == Counts(fetched=1, skipped=1)


def test_merge_of_two_mapped_contacts_needs_review(database: Database) -> None:
    """When both contacts have a customer, neither is moved, and a person is asked."""
    pull(database, KERR, Contact(id="c2", name="Other"))
    pull(database, KERR._replace(active=False, merged_into="c2"), run="run2")

    assert mappings(database) == {
        "c1": ("NEEDS_REVIEW", "run10001"),
        "c2": ("MAPPED", "run10002"),
    }
    assert codes(database, "run2") == ["CONTACT_MERGED"]


def test_contact_coming_twice_in_a_page_counts_once_as_news(database: Database) -> None:
    """Of a contact that comes twice in a page the later one is stored."""
    pull(database, KERR, KERR._replace(name="Later"))

    assert [row["name"] for row in rows(database, "customers", "id")] == ["Later"]
    assert counts(database) == Counts(fetched=2, created=1, unchanged=1)


def test_customer_changed_while_the_sync_was_off_is_taken_over_again(database: Database) -> None:
    """A customer marked as changed here gets the unchanged contact's values again."""
    pull(database, KERR)
    database.execute("UPDATE customers SET name = 'mine'")
    contact_rows.forget_content(database, "acme", ["run10001"])

    pull(database, KERR, run="run2")

    assert [row["name"] for row in rows(database, "customers", "id")] == ["Kerr Ltd"]


def test_sync_turned_off_meanwhile_fails_the_run(database: Database) -> None:
    """Without a master nothing is taken over, and the run ends with a reason."""
    with pytest.raises(RunFailed, match="turned off"):
        pull(database, KERR, find=nobody)

    assert rows(database, "customers", "id") == []
    assert counts(database) == Counts()


def test_organisations_do_not_share_mappings(database: Database) -> None:
    """The customers of one organisation's contacts are candidates for another's."""
    pull(database, KERR)
    other = KAURI._replace(id="rata")
    connect(database, other)
    journal = running(database, "contacts", id="run2", organisation=other)
    find = master(RecordKind.CONTACT, CUSTOMER_FIELDS, other)

    ContactSink(journal, find, numbered_ids()).store([KERR._replace(id="r1")], cursor="")

    assert [row["id"] for row in rows(database, "customers", "id")] == ["run10001"]
    assert mappings(database)["r1"] == ("MAPPED", "run10001")


def test_characters_that_cannot_be_stored_are_left_out(database: Database) -> None:
    """A NUL in a name fails no page."""
    pull(database, KERR._replace(name="Ke\0rr", email="a\0b@example.com"))

    assert counts(database) == Counts(fetched=1, created=1)
