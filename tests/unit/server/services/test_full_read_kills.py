"""A full read that is killed before any of its writes, and taken up again."""

from mortal import Killed, MortalDatabase
from running import CUSTOMER_FIELDS, KAURI, NOON, connect, master, noon, numbered_ids, running
from syncline_sdk import Contact, RecordKind
from syncline_server.core.model import Run
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.journal import Journal
from syncline_server.storage import run_issues, run_pages, runs
from syncline_server.storage.database import Database

ALL = master(RecordKind.CONTACT, CUSTOMER_FIELDS)
CONTACTS = [Contact(id=f"c{place}", name=f"Kerr {place}") for place in range(6)]
PAGES = (CONTACTS[:2], CONTACTS[2:4])
THERE = {"c4"}
"""Whom the provider has of those in no page; c5 is gone."""
MANY = 200
"""More steps than a run has; the loop below ends by itself."""


def full_read(database: Database, run: Run) -> None:
    """Read on from the cursor, then look for whoever was in no page."""
    journal = Journal(database, run, noon, lambda _notice: None)
    sink = ContactSink(journal, ALL, numbered_ids(f"{run.id}-{run.attempt}-"))
    for number in range(int(run.cursor or 0), len(PAGES)):
        sink.store(PAGES[number], cursor=str(number + 1))
    unseen = sink.unseen()
    assert set(unseen) <= {"c4", "c5"}, "what a page held was looked for"
    found = [each for each in CONTACTS if each.id in THERE.intersection(unseen)]
    sink.store(found, cursor=str(len(PAGES)))
    sink.vanished([id_ for id_ in unseen if id_ not in THERE])


def again(database: Database, run: Run) -> Run:
    """Return the next attempt of a run whose process died."""
    assert runs.requeue(database, run)
    queued = runs.get(database, run.id)
    started = queued and runs.start(database, queued, NOON, NOON)
    assert started
    return started


def test_a_full_read_survives_a_kill_before_any_write(database: Database) -> None:
    """Nobody vanishes who was in a page before the kill, and who is gone is told once."""
    connect(database)
    kills = 0
    for step in range(1, MANY):
        for table in ("contacts", "customers", "runs", "run_issues", "run_pages"):
            database.execute(f"DELETE FROM {table}")
        first = running(database, "contacts", id="first")
        ContactSink(first, ALL, numbered_ids("first-")).store(CONTACTS, cursor="end")
        run = running(database, "contacts", id="second").run
        try:
            full_read(MortalDatabase(database, step), run)
        except Killed:
            kills += 1
            full_read(database, again(database, run))
        rows = database.rows("SELECT * FROM contacts ORDER BY contact_id")
        assert [row["state"] for row in rows] == ["MAPPED"] * 5 + ["NEEDS_REVIEW"]
        found = run_issues.of_one_run(database, "second", 0, 100, open_only=True)
        assert [(row["code"], row["record_id"]) for row in found] == [("CONTACT_VANISHED", "c5")]
        assert run_pages.read(database, "second") == {"c0", "c1", "c2", "c3", "c4"}
        if kills < step:
            break
    assert kills > 8
    assert run_issues.open_records(database, KAURI, RecordKind.CONTACT) == {"c5"}
