"""What becomes of contacts that are out of the ordinary, as docs/matching.md tells it."""

import json
from dataclasses import replace

import pytest

from bookkeeping import add_customer, map_contact, rows
from running import ACME, CUSTOMER_FIELDS, NOON, connect, master, numbered_ids, running
from syncline_sdk import Contact, RecordKind
from syncline_server.core.model import Counts, MappingState
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.storage import connections, module_states, run_issues, runs
from syncline_server.storage.database import Database, Row

KERR = Contact(id="c1", name="Kerr Ltd", codes=("K1",), email="hi@kerr.example")
TUI = Contact(id="c2", name="Tui Ltd")
RATA = Contact(id="c3", name="Rata Ltd")
ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def pull(database: Database, *records: Contact, run: str = "run1") -> Counts:
    """Store one page in a run of its own, or one more in a run that was, and return its counts."""
    journal = running(database, "contacts", id=run)
    ContactSink(journal, ALL, numbered_ids(run)).store(records, cursor="next")
    found = runs.get(database, run)
    assert found
    return found.counts


def merged(record: Contact, survivor: str) -> Contact:
    """Return a contact as it is after it was merged into another."""
    return record._replace(active=False, merged_into=survivor)


def issues(database: Database, run: str) -> list[Row]:
    """Return what a run could not settle."""
    return run_issues.of_one_run(database, run, 0, 100)


def candidates(issue: Row) -> list[str]:
    """Return the ids of ours that an issue offers."""
    found: list[str] = json.loads(issue["candidates"])
    return found


def mappings(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return state and customer of every contact."""
    return {
        row["contact_id"]: (row["state"], row["customer_id"])
        for row in rows(database, "contacts", "contact_id")
    }


def names(database: Database) -> dict[str, tuple[str, bool]]:
    """Return name and activity of every customer."""
    return {
        row["id"]: (row["name"], bool(row["active"])) for row in rows(database, "customers", "id")
    }


def full_read_asked(database: Database) -> bool:
    """Return whether the next run reads everything."""
    states = module_states.of_connection(database, connections.get(database, ACME))
    return "contacts" in states and states["contacts"].full_read_asked_time == NOON


class TestDoubt:
    """Several of ours fit, or several of theirs want the same one."""

    def test_issue_lists_the_candidates(self, database: Database) -> None:
        """Whoever settles it finds the customers in the issue, as in the mapping."""
        for id_ in ("b", "a"):
            add_customer(database, id_, Contact(id="", name="Kerr Ltd"))

        pull(database, KERR)

        (issue,) = issues(database, "run1")
        assert candidates(issue) == ["a", "b"]

    def test_issue_lists_twenty_candidates_at_most(self, database: Database) -> None:
        """However many fit."""
        for number in range(25):
            add_customer(database, f"kerr{number:02}", Contact(id="", name="Kerr Ltd"))

        pull(database, KERR)

        (issue,) = issues(database, "run1")
        assert len(candidates(issue)) == 20

    def test_code_that_fits_one_decides_against_an_email_that_fits_another(
        self, database: Database
    ) -> None:
        """The customer of the code is mapped; the other stays ours, untouched."""
        add_customer(database, "code", Contact(id="", name="x", codes=("K1",)))
        add_customer(database, "mail", Contact(id="", name="Kerr Ltd", email="hi@kerr.example"))

        pull(database, KERR)

        assert mappings(database) == {"c1": ("MAPPED", "code")}
        assert names(database)["mail"] == ("Kerr Ltd", True)

    def test_two_codes_that_fit_different_customers_are_left_to_a_person(
        self, database: Database
    ) -> None:
        """Number and account number are of one rank: neither is believed more."""
        add_customer(database, "number", Contact(id="", name="x", codes=("K1",)))
        add_customer(database, "account", Contact(id="", name="y", codes=("ACC1",)))

        pull(database, KERR._replace(codes=("K1", "ACC1")))

        assert mappings(database) == {"c1": ("AMBIGUOUS", None)}
        (issue,) = issues(database, "run1")
        assert candidates(issue) == ["account", "number"]

    def test_two_contacts_of_one_name_in_a_page_that_fit_a_customer(
        self, database: Database
    ) -> None:
        """Both are left to a person, and both issues name the customer."""
        add_customer(database, "kerr", Contact(id="", name="Kerr Ltd"))

        pull(database, KERR._replace(codes=()), TUI._replace(name="KERR  ltd"))

        assert mappings(database) == {"c1": ("AMBIGUOUS", None), "c2": ("AMBIGUOUS", None)}
        assert [candidates(issue) for issue in issues(database, "run1")] == [["kerr"], ["kerr"]]

    def test_two_contacts_of_one_name_that_fit_none(self, database: Database) -> None:
        """Each becomes a customer of its own: the provider keeps them apart by id."""
        pull(database, KERR, TUI._replace(name="kerr ltd"))

        assert mappings(database) == {
            "c1": ("MAPPED", "run10001"),
            "c2": ("MAPPED", "run10002"),
        }

    def test_two_contacts_of_one_name_in_different_pages(self, database: Database) -> None:
        """The one that comes first takes the customer over; the other gets one of its own."""
        add_customer(database, "kerr", Contact(id="", name="Kerr Ltd"))

        pull(database, KERR)
        pull(database, TUI._replace(name="Kerr Ltd"), run="run2")

        assert mappings(database) == {"c1": ("MAPPED", "kerr"), "c2": ("MAPPED", "run20001")}

    def test_case_and_spaces_do_not_matter(self, database: Database) -> None:
        """Not in codes, nor in e-mail addresses."""
        add_customer(database, "code", Contact(id="", name="x", codes=(" k1 ",)))
        add_customer(database, "mail", Contact(id="", name="y", email=" HI@Tui.Example"))

        pull(database, KERR, TUI._replace(email="hi@tui.example "))

        assert mappings(database) == {"c1": ("MAPPED", "code"), "c2": ("MAPPED", "mail")}


class TestArchived:
    """Archived at the provider, and restored."""

    def test_archived_contact_takes_no_customer_over(self, database: Database) -> None:
        """A customer that fits one is left alone."""
        add_customer(database, "kerr", KERR)

        assert pull(database, KERR._replace(active=False)) == Counts(fetched=1, skipped=1)

        assert names(database) == {"kerr": ("Kerr Ltd", True)}
        assert mappings(database) == {}

    def test_restored_contact_that_was_never_ours_is_matched(self, database: Database) -> None:
        """It is new to us."""
        add_customer(database, "kerr", KERR)
        pull(database, KERR._replace(active=False), TUI._replace(active=False))

        pull(database, KERR, TUI, run="run2")

        assert mappings(database) == {"c1": ("MAPPED", "kerr"), "c2": ("MAPPED", "run20001")}

    def test_restored_contact_makes_its_customer_active_again(self, database: Database) -> None:
        """It was mapped all the time."""
        pull(database, KERR)
        pull(database, KERR._replace(active=False), run="run2")

        pull(database, KERR, run="run3")

        assert mappings(database) == {"c1": ("MAPPED", "run10001")}
        assert names(database) == {"run10001": ("Kerr Ltd", True)}

    def test_ambiguous_contact_that_is_archived_waits_for_nobody(self, database: Database) -> None:
        """It is no question any more; restored, it is matched anew."""
        for id_ in ("a", "b"):
            add_customer(database, id_, Contact(id="", name="Kerr Ltd"))
        pull(database, KERR)

        pull(database, KERR._replace(active=False), run="run2")
        assert mappings(database) == {"c1": ("UNMAPPED", None)}
        pull(database, KERR, run="run3")

        assert mappings(database) == {"c1": ("AMBIGUOUS", None)}
        assert len(issues(database, "run3")) == 1


class TestMerged:
    """Merged at the provider."""

    def test_chain_of_merges_in_a_page_is_followed_to_its_end(self, database: Database) -> None:
        """The last survivor takes the customer, in whatever order they come."""
        pull(database, KERR)

        pull(database, RATA, merged(TUI, "c3"), merged(KERR, "c2"), run="run2")

        assert mappings(database) == {
            "c1": ("UNMAPPED", None),
            "c2": ("UNMAPPED", None),
            "c3": ("MAPPED", "run10001"),
        }
        assert names(database) == {"run10001": ("Rata Ltd", True)}

    def test_chain_of_merges_over_pages_is_followed_to_its_end(self, database: Database) -> None:
        """Who an archived contact became is remembered, although it was never ours."""
        pull(database, KERR)

        pull(database, merged(TUI, "c3"), run="run2")
        pull(database, merged(KERR, "c2"), run="run3")
        pull(database, RATA, run="run4")

        assert mappings(database) == {
            "c1": ("UNMAPPED", None),
            "c2": ("UNMAPPED", None),
            "c3": ("MAPPED", "run10001"),
        }
        assert names(database) == {"run10001": ("Rata Ltd", True)}

    def test_merged_contact_that_was_never_ours_is_written_once(self, database: Database) -> None:
        """It counts as skipped, and costs no write when it comes again."""
        pull(database, merged(TUI, "c3"))
        before = rows(database, "contacts", "contact_id")

        assert pull(database, merged(TUI, "c3"), run="run2") == Counts(fetched=1, skipped=1)

        assert rows(database, "contacts", "contact_id") == before
        assert names(database) == {}

    def test_survivor_that_is_merged_later_passes_the_customer_on(self, database: Database) -> None:
        """Run after run the customer stays with whoever is left."""
        pull(database, KERR)
        pull(database, merged(KERR, "c2"), TUI, run="run2")

        pull(database, merged(TUI, "c3"), RATA, run="run3")

        assert mappings(database)["c3"] == ("MAPPED", "run10001")
        assert names(database) == {"run10001": ("Rata Ltd", True)}

    def test_two_customers_for_one_survivor_are_a_persons_to_settle(
        self, database: Database
    ) -> None:
        """The first merged contact gives its customer; of the second both customers are named."""
        pull(database, KERR, TUI)

        pull(database, merged(KERR, "c3"), merged(TUI, "c3"), RATA, run="run2")

        assert mappings(database) == {
            "c1": ("UNMAPPED", None),
            "c2": ("NEEDS_REVIEW", "run10002"),
            "c3": ("MAPPED", "run10001"),
        }
        (issue,) = issues(database, "run2")
        assert (issue["code"], issue["local_id"]) == ("CONTACT_MERGED", "run10002")
        assert candidates(issue) == ["run10002", "run10001"]

    def test_circle_of_merges_ends(self, database: Database) -> None:
        """What cannot be is a person's to look at, and moves nothing."""
        pull(database, KERR)

        pull(database, merged(KERR, "c2"), merged(TUI, "c1"), run="run2")

        assert mappings(database)["c1"] == ("NEEDS_REVIEW", "run10001")
        assert [issue["code"] for issue in issues(database, "run2")] == ["CONTACT_MERGED"]

    def test_ambiguous_survivor_takes_the_customer(self, database: Database) -> None:
        """A merge answers the question; its values follow with a full read."""
        pull(database, KERR)
        for id_ in ("a", "b"):
            add_customer(database, id_, TUI)
        pull(database, TUI, run="run2")

        pull(database, merged(KERR, "c2"), run="run3")
        assert mappings(database)["c2"] == ("MAPPED", "run10001")
        assert full_read_asked(database)
        pull(database, TUI, run="run4")

        assert names(database)["run10001"] == ("Tui Ltd", True)

    def test_survivor_of_the_same_page_needs_no_full_read(self, database: Database) -> None:
        """Its values are taken at once."""
        pull(database, KERR)

        pull(database, merged(KERR, "c2"), TUI, run="run2")

        assert not full_read_asked(database)

    def test_survivor_beyond_the_targets_of_a_run_is_read_by_the_next(
        self, database: Database
    ) -> None:
        """A webhook told of the merged contact alone: a full read has never come past the other."""
        pull(database, KERR)
        journal = running(database, "contacts", id="run2")
        journal.run = replace(journal.run, targets=("c1",))

        ContactSink(journal, ALL, numbered_ids()).store([merged(KERR, "c2")], cursor="next")

        assert mappings(database)["c2"] == ("MAPPED", "run10001")
        assert full_read_asked(database)

    def test_merged_contact_that_is_restored_gets_a_customer_of_its_own(
        self, database: Database
    ) -> None:
        """What it gave away stays with the survivor."""
        pull(database, KERR)
        pull(database, merged(KERR, "c2"), TUI, run="run2")

        pull(database, KERR, run="run3")

        assert mappings(database) == {"c1": ("MAPPED", "run30001"), "c2": ("MAPPED", "run10001")}

    def test_restored_contact_under_review_is_mapped_again(self, database: Database) -> None:
        """Nothing is left to decide: both contacts are there, and so are both customers."""
        pull(database, KERR, TUI)
        pull(database, merged(KERR, "c2"), run="run2")

        pull(database, KERR, run="run3")

        assert mappings(database)["c1"] == ("MAPPED", "run10001")
        assert names(database)["run10001"] == ("Kerr Ltd", True)
        assert issues(database, "run3") == []


class TestCodes:
    """A mapped contact's code changes."""

    def test_code_of_another_customer_is_taken_and_told(self, database: Database) -> None:
        """The provider owns it; whose it is to be is for a person."""
        pull(database, KERR)
        add_customer(database, "other", Contact(id="", name="Other", codes=("k9",)))

        counts = pull(database, KERR._replace(codes=("K9",)), run="run2")

        assert counts == Counts(fetched=1, updated=1)
        (issue,) = issues(database, "run2")
        assert (issue["code"], issue["local_id"]) == ("CONTACT_CODE_SHARED", "run10001")
        assert candidates(issue) == ["run10001", "other"]
        assert "Other (k9)" in issue["message"]
        assert pull(database, KERR._replace(codes=("K9",)), run="run3").unchanged == 1
        assert issues(database, "run3") == []

    def test_codes_that_the_provider_moves_are_no_news(self, database: Database) -> None:
        """Among its own contacts it keeps them apart, even while half of a move is read."""
        pull(database, KERR, TUI._replace(codes=("T1",)))

        pull(database, KERR._replace(codes=("T1",)), run="run2")

        assert issues(database, "run2") == []

    def test_customer_that_is_mapped_without_a_code_of_its_own(self, database: Database) -> None:
        """A contact that was mapped by name brings its code; nobody else has it."""
        add_customer(database, "kerr", Contact(id="", name="Kerr Ltd"))
        map_contact(database, KERR._replace(id="c9"), "kerr", MappingState.MAPPED)

        pull(database, KERR._replace(id="c9"))

        assert [row["code"] for row in rows(database, "customers", "id")] == ["K1"]
        assert issues(database, "run1") == []
