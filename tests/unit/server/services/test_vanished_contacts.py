"""What a full read has seen of contacts, over executions, and what becomes of those it has not."""

from dataclasses import replace

import pytest

from bookkeeping import add_customer, rows
from rehearsing import rehearsing, told
from running import ACME, CUSTOMER_FIELDS, KAURI, NOON, connect, master, noon, numbered_ids, running
from syncline_sdk import Contact, RecordKind, Trigger
from syncline_server.core.model import MappingState, Run, RunState
from syncline_server.core.names import Scope
from syncline_server.services.contact_plan import ContactPlan
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.journal import Journal
from syncline_server.storage import contacts, present_contacts, run_issues, runs
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
FOUR = [Contact(id=f"c{place}", name=f"Kerr {place}") for place in range(4)]


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def sink(database: Database, run: str, journal: Journal | None = None) -> ContactSink:
    """Return the sink of a full read that was just started."""
    return ContactSink(
        journal or running(database, "contacts", id=run), ALL, numbered_ids(f"{run}-")
    )


def pulled(database: Database, *records: Contact) -> None:
    """Have a run bring contacts."""
    sink(database, "first").store(records or FOUR, cursor="end")


def codes(database: Database, run: str) -> list[str]:
    """Return the codes of a run's issues."""
    return [row["code"] for row in run_issues.of_one_run(database, run, 0, 100)]


def states(database: Database) -> dict[str, tuple[str, bool]]:
    """Return state and presence of every contact."""
    found = rows(database, "contacts", "contact_id")
    return {row["contact_id"]: (row["state"], bool(row["present"])) for row in found}


def holders(database: Database) -> dict[str, str | None]:
    """Return the customer of every contact."""
    found = rows(database, "contacts", "contact_id")
    return {row["contact_id"]: row["customer_id"] for row in found}


def test_unseen_is_what_no_page_held(database: Database) -> None:
    """Every page of the run counts, and those of other runs do not."""
    pulled(database)
    second = sink(database, "second")
    second.store(FOUR[:1], cursor="1")
    second.store(FOUR[2:3], cursor="2")

    assert list(second.unseen()) == ["c1", "c3"]


def test_an_execution_knows_the_pages_of_the_one_before(database: Database) -> None:
    """What a killed execution stored is not looked for again."""
    pulled(database)
    journal = running(database, "contacts", id="second")
    sink(database, "second", journal).store(FOUR[:3], cursor="1")
    runs.requeue(database, journal.run)
    queued = runs.get(database, "second")
    again = queued and runs.start(database, queued, NOON, NOON)
    assert again
    assert again.read_since is None

    later = sink(database, "second", Journal(database, again, noon, lambda _notice: None))

    assert list(later.unseen()) == ["c3"]


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED])
def test_an_ended_run_remembers_no_pages(database: Database, state: RunState) -> None:
    """However it ends, nothing is kept of what it has seen."""
    pulled(database)
    journal = running(database, "contacts", id="second")
    sink(database, "second", journal).store(FOUR, cursor="1")
    assert rows(database, "run_pages", "run_id")
    assert runs.end(database, journal.run, state, NOON)

    assert [row for row in rows(database, "run_pages", "run_id") if row["run_id"] == "second"] == []


def test_a_run_with_a_watermark_has_seen_enough(database: Database) -> None:
    """What has not changed is in no page: nothing is unseen, and nothing is kept."""
    pulled(database)
    run = Run(
        id="second",
        scope=Scope(ACME, "contacts"),
        organisation_id=KAURI.id,
        generation=1,
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        create_time=NOON,
    )
    database.execute("UPDATE runs SET state = 'SUCCEEDED'")
    runs.insert(database, replace(run, generation=_generation(database)))
    queued = runs.get(database, "second")
    started = queued and runs.start(database, queued, NOON, NOON)
    assert started
    changes = sink(database, "second", Journal(database, started, noon, lambda _notice: None))
    changes.store(FOUR[:1], cursor="1")

    assert list(changes.unseen()) == []
    kept = [row["run_id"] for row in rows(database, "run_pages", "run_id")]
    assert "second" not in kept


def _generation(database: Database) -> int:
    row = database.row("SELECT generation FROM connections", ())
    assert row
    return int(row["generation"])


def test_a_vanished_contact_needs_review_and_is_told_once(database: Database) -> None:
    """Its mapping stays; the next full read knows already."""
    pulled(database)
    second = sink(database, "second")
    second.store(FOUR[:3], cursor="1")
    second.vanished(second.unseen())

    assert states(database)["c3"] == ("NEEDS_REVIEW", False)
    assert codes(database, "second") == ["CONTACT_VANISHED"]
    (issue,) = run_issues.of_one_run(database, "second", 0, 100)
    gone = rows(database, "contacts", "contact_id")[3]
    assert (issue["record_id"], issue["local_id"]) == ("c3", gone["customer_id"])
    third = sink(database, "third")
    third.store(FOUR[:3], cursor="1")
    assert list(third.unseen()) == []


def test_a_vanished_contact_that_comes_again_is_mapped_again(database: Database) -> None:
    """Whatever run brings it, the issue is settled and the customer follows."""
    pulled(database)
    second = sink(database, "second")
    second.store(FOUR[:3], cursor="1")
    second.vanished(["c3"])

    sink(database, "third").store([FOUR[3]._replace(name="Kerr again")], cursor="1")

    assert states(database)["c3"] == ("MAPPED", True)
    assert run_issues.open_records(database, KAURI, RecordKind.CONTACT) == set()
    names = [row["name"] for row in rows(database, "customers", "id")]
    assert "Kerr again" in names


def test_nobody_waits_for_an_ambiguous_contact_that_vanished(database: Database) -> None:
    """It has no customer, so nothing is to be reviewed and no issue stays open."""
    for id_ in ("one", "two"):
        add_customer(database, id_, Contact(id="", name="Twin"))
    twin = Contact(id="c9", name="Twin")
    pulled(database, twin, *FOUR)
    assert states(database)["c9"][0] == "AMBIGUOUS"

    second = sink(database, "second")
    second.store(FOUR, cursor="1")
    second.vanished(second.unseen())

    assert states(database)["c9"] == ("UNMAPPED", False)
    assert codes(database, "second") == []
    assert run_issues.open_records(database, KAURI, RecordKind.CONTACT) == set()


def test_a_collapse_is_told_once_and_makes_nothing_unseen(database: Database) -> None:
    """Asked again by another execution, it is the same run and the same issue."""
    pulled(database)
    second = sink(database, "second")

    assert list(second.unseen()) == []
    assert list(second.unseen()) == []

    assert codes(database, "second") == ["XERO_LIST_COLLAPSED"]
    found = runs.get(database, "second")
    assert found
    assert found.collapsed
    assert set(states(database).values()) == {("MAPPED", True)}


def many(prefix: str, count: int) -> list[Contact]:
    """Return so many contacts of one kind."""
    return [Contact(id=f"{prefix}{place}", name=f"{prefix} {place}") for place in range(count)]


@pytest.mark.parametrize("kept", [0, 5])
def test_what_a_run_brought_itself_hides_no_collapse(database: Database, kept: int) -> None:
    """Twenty new contacts do not make up for most of twelve, in an execution after a kill too."""
    pulled(database, *many("old", 12))
    journal = running(database, "contacts", id="second")
    first = sink(database, "second", journal)
    first.store(many("new", 12) + many("old", kept), cursor="1")
    runs.requeue(database, journal.run)
    queued = runs.get(database, "second")
    again = queued and runs.start(database, queued, NOON, NOON)
    assert again
    later = ContactSink(
        Journal(database, again, noon, lambda _notice: None), ALL, numbered_ids("later-")
    )
    later.store(many("new", 20), cursor="2")

    assert list(later.unseen()) == []

    (issue,) = run_issues.of_one_run(database, "second", 0, 100)
    assert issue["code"] == "XERO_LIST_COLLAPSED"
    assert f"listed {kept} of the 12 contacts" in issue["message"]


def test_survivors_that_a_run_remembers_were_not_known(database: Database) -> None:
    """Neither does whoever a merged contact went to, and what came back counts as new."""
    pulled(database, *many("old", 12))
    present_contacts.vanish(database, KAURI, ["old11"], NOON)
    second = sink(database, "second")
    merged = Contact(id="old0", name="old 0", active=False, merged_into="elsewhere")
    second.store([merged, *many("old", 12)[1:]], cursor="1")

    assert present_contacts.count_known(database, KAURI, "second") == (11, 0)
    assert list(second.unseen()) == ["elsewhere"]


@pytest.mark.parametrize("kept", [0, 5, 6, 12])
def test_a_plan_believes_what_the_run_believes(database: Database, kept: int) -> None:
    """Whatever new contacts come with those that are left."""
    pulled(database, *many("old", 12))
    records = many("old", kept) + many("new", 20)
    plan = ContactPlan(rehearsing(database, "contacts"), ALL, numbered_ids("new"))
    plan.store(records, cursor="1")
    planned = plan.unseen()
    second = sink(database, "second")
    second.store(records, cursor="1")

    assert list(second.unseen()) == list(planned)
    assert bool(planned) == (kept == 6)


def test_an_accepted_collapse_makes_everything_unseen(database: Database) -> None:
    """A person says that it is true."""
    pulled(database)
    journal = running(database, "contacts", id="second")
    journal.run = replace(journal.run, accept_collapse=True)

    assert len(sink(database, "second", journal).unseen()) == 4
    assert codes(database, "second") == []


def test_a_plan_tells_what_would_vanish(database: Database) -> None:
    """As the run would: those with a customer need review, and a collapse is one failure."""
    pulled(database)
    lone = ContactRow(Contact(id="c8", name="Lone"), "", MappingState.UNMAPPED)
    contacts.write(database, KAURI, [lone], NOON)
    rehearsal = rehearsing(database, "contacts")
    plan = ContactPlan(rehearsal, ALL, numbered_ids("new"))
    plan.store(FOUR[:3], cursor="1")
    plan.vanished(plan.unseen())

    assert told(rehearsal.sketch) == {"UNCHANGED": 3, "REVIEW": 1, "SKIP": 1}
    assert len(present_contacts.every(database, KAURI)) == 5

    empty = rehearsing(database, "contacts")
    assert list(ContactPlan(empty, ALL, numbered_ids("new")).unseen()) == []
    assert told(empty.sketch) == {"FAIL": 1}


def test_a_contact_made_again_under_a_new_id_is_matched_like_a_new_one(database: Database) -> None:
    """The customer of the one that is gone is no candidate while it is mapped."""
    pulled(database)
    second = sink(database, "second")
    second.store(FOUR[:3], cursor="1")
    second.vanished(["c3"])
    old = {
        row["contact_id"]: row["customer_id"] for row in rows(database, "contacts", "contact_id")
    }

    sink(database, "third").store([FOUR[3]._replace(id="c9")], cursor="1")

    new = {
        row["contact_id"]: row["customer_id"] for row in rows(database, "contacts", "contact_id")
    }
    assert new["c3"] == old["c3"]
    assert new["c9"] not in old.values()
    assert states(database)["c3"] == ("NEEDS_REVIEW", False)


def test_a_contact_taken_apart_that_vanished_stays_so_when_it_is_back(database: Database) -> None:
    """What a person took apart stays apart, and nobody is told of it."""
    pulled(database)
    contacts.detach(database, KAURI, "c3", NOON)
    second = sink(database, "second")
    second.store(FOUR[:3], cursor="1")
    second.vanished(second.unseen())
    assert states(database)["c3"] == ("UNMAPPED", False)
    assert codes(database, "second") == []

    sink(database, "third").store(FOUR, cursor="1")

    found = contacts.get(database, KAURI, "c3")
    assert found
    assert (found.detached, found.contact_present, found.customer_id) == (True, True, None)
