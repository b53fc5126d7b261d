from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bookkeeping import add_invoice, an_invoice
from databases import SqliteTemplate, opened
from running import ACME, KAURI, NOON
from syncline_sdk import RecordKind, Trigger
from syncline_server.core.listing import MappingFilter, RecordFilter
from syncline_server.core.model import ConnectionRow, MappingState, Run, RunState
from syncline_server.core.names import Scope
from syncline_server.storage import (
    audit,
    changes,
    connections,
    contacts,
    creations,
    customers,
    erasures,
    external_ids,
    invoice_links,
    invoices,
    items,
    run_history,
    run_issues,
    runs,
    webhook_events,
)
from syncline_server.storage.audit import EntryFilter
from syncline_server.storage.database import Database
from syncline_server.storage.run_history import Ended

CONTACTS = Scope(ACME, "contacts")
RUN = Run(
    id="run1",
    scope=CONTACTS,
    organisation_id=KAURI.id,
    generation=1,
    trigger=Trigger.WEBHOOK,
    state=RunState.RUNNING,
    create_time=NOON,
)
LATELY = EntryFilter(start=NOON, end=NOON)
DOUBTFUL = MappingFilter(states=(MappingState.AMBIGUOUS, MappingState.NEEDS_REVIEW))
HOT: list[tuple[str, Callable[[Database], object]]] = [
    ("runs_active", runs.unfinished),
    ("runs_active", lambda database: runs.active(database, CONTACTS)),
    ("runs_active", lambda database: runs.active_of(database, ACME)),
    ("runs_unprompted", lambda database: runs.newest_unprompted(database, CONTACTS, 6)),
    ("webhook_events_waiting", webhook_events.waiting_connections),
    (
        "webhook_events_waiting",
        lambda database: webhook_events.waiting_modules(database, ConnectionRow(key=ACME)),
    ),
    ("webhook_events_run", lambda database: webhook_events.records(database, RUN, 10)),
    ("webhook_events_run", lambda database: webhook_events.settle(database, RUN, NOON)),
    ("webhook_events_waiting", lambda database: webhook_events.claim(database, RUN)),
    ("erasures_open", lambda database: erasures.open_of(database, "acme")),
    ("erasures_open", erasures.every_open),
    ("runs_ended", lambda database: run_history.ended(database, NOON, Ended(), 10)),
    ("runs_scope", lambda database: runs.last_ended(database, CONTACTS)),
    ("runs_workspace", lambda database: runs.last_organisation(database, ACME)),
    ("invoice_links_unresolved", lambda database: invoice_links.unresolved(database, KAURI)),
    ("invoice_links_unsent", lambda database: invoice_links.unsent(database, KAURI, "run1")),
    ("creations_lease", lambda database: creations.abandoned(database, NOON, 100)),
    (
        "creations_request",
        lambda database: creations.repeated(database, KAURI, RecordKind.CONTACT, "request"),
    ),
    (
        "run_issues_newest",
        lambda database: run_issues.open_of_workspace(database, "acme", ("run1", 7), 50),
    ),
    (
        "run_issues_open",
        lambda database: run_issues.of_records(database, KAURI, RecordKind.CONTACT, ["c1"]),
    ),
    ("run_issues_open", lambda database: run_issues.of_invoices(database, "acme", ["inv1"])),
    (
        "run_issues_open",
        lambda database: run_issues.open_records(database, KAURI, RecordKind.CONTACT),
    ),
    ("contacts_open", lambda database: contacts.page(database, KAURI, DOUBTFUL, "", 50)),
    ("items_open", lambda database: items.page(database, KAURI, DOUBTFUL, "", 50)),
    ("invoices_held", lambda database: invoices.to_push(database, KAURI, "", 50)),
    (
        "customers_external_id",
        lambda database: customers.page(database, "acme", RecordFilter(external_id="1"), "", 2),
    ),
    (
        "sqlite_autoindex_changes_1",
        lambda database: next(changes.read(database, "acme", (0, 10), ()), None),
    ),
    ("changes_time", lambda database: changes.forget(database, NOON)),
    (
        "audit_entries_person",
        lambda database: audit.page(database, "acme", EntryFilter(person="mia"), 0, 50),
    ),
    ("audit_entries_time", lambda database: audit.page(database, "acme", LATELY, 0, 50)),
]
"""Reads that happen again and again, however much a workspace has gathered, with their index."""


class Watched(Database):
    """Keeps what it was asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine)
        self.asked: list[tuple[str, Sequence[object]]] = []

    def _run(self, query: str, parameters: Sequence[object]) -> object:
        self.asked.append((query, parameters))
        return super()._run(query, parameters)


@pytest.mark.parametrize(("index", "read"), HOT)
def test_hot_read_uses_its_index(
    sqlite_template: SqliteTemplate,
    tmp_path: Path,
    index: str,
    read: Callable[[Database], object],
) -> None:
    """SQLite, which knows nothing of how full the tables are, chooses the index made for it."""
    database = Watched(opened(sqlite_template.url(tmp_path)))

    read(database)

    # A trail's listing asks first where it begins, which the next test looks at.
    query, parameters = next(each for each in database.asked if "last_entry" not in each[0])
    plan = [row[-1] for row in database.tuples(f"EXPLAIN QUERY PLAN {query}", parameters)]
    database.close()
    assert f"INDEX {index}" in plan[0]


def test_a_trail_is_listed_behind_its_last_erasure_by_indexes(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """However many erasures there were: their newest is sought, and nothing is sorted."""
    database = Watched(opened(sqlite_template.url(tmp_path)))

    audit.page(database, "acme", EntryFilter(), 0, 50)

    plans = [
        row[-1].split(" (")[0]
        for query, parameters in tuple(database.asked)
        for row in database.tuples(f"EXPLAIN QUERY PLAN {query}", parameters)
    ]
    database.close()
    assert plans == [
        "SEARCH erasures USING COVERING INDEX erasures_last_entry",
        "SEARCH audit_entries USING INDEX sqlite_autoindex_audit_entries_1",
    ]


def test_what_is_left_to_push_is_read_from_its_index(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """With several organisations, too, every step seeks one mark, in order: nothing is sorted."""
    database = Watched(opened(sqlite_template.url(tmp_path)))
    for place in ("kauri", "totara"):
        add_invoice(database, an_invoice(f"at-{place}"))
        invoices.mark_held(database, KAURI._replace(id=place), [f"at-{place}"])
    database.asked.clear()

    found = invoices.to_push(database, KAURI, "", 50)

    plans = [
        row[-1]
        for query, parameters in tuple(database.asked)
        for row in database.tuples(f"EXPLAIN QUERY PLAN {query}", parameters)
    ]
    database.close()
    assert found == ["at-totara"]
    steps = [step for step in plans if "invoices " in step]
    assert len(steps) == 5
    assert all("INDEX invoices_held (workspace=? AND held_at" in step for step in steps)
    assert not [step for step in plans if "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        ("sqlite_autoindex_audit_entries_1", LATELY),
        ("audit_entries_person", replace(LATELY, person="mia")),
        ("audit_entries_subject", replace(LATELY, subject="t1")),
        ("audit_entries_refused", replace(LATELY, refused_only=True)),
    ],
)
def test_entries_of_a_time_are_read_in_order(
    sqlite_template: SqliteTemplate, tmp_path: Path, index: str, wanted: EntryFilter
) -> None:
    """However many a time has, a page of them is read by an index, and nothing is sorted."""
    database = Watched(opened(sqlite_template.url(tmp_path)))

    audit.page(database, "acme", wanted, 0, 50)

    query, parameters = database.asked[-1]
    plan = [row[-1] for row in database.tuples(f"EXPLAIN QUERY PLAN {query}", parameters)]
    database.close()
    assert len(plan) == 1
    assert f"INDEX {index} (" in plan[0]
    assert "number<?" in plan[0]


def test_known_connection_is_locked_by_one_statement(database: Database) -> None:
    """Admission, start and settings pay for making the row only where there is none."""
    watched = Watched(database)
    with watched.transaction():
        first = connections.lock(watched, ACME, NOON)
    watched.asked.clear()

    with watched.transaction():
        again = connections.lock(watched, ACME, NOON)

    assert again == first
    assert len(watched.asked) == 1


def test_import_looks_for_what_is_there_by_indexes(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    """What is known of a batch is found by external ids and codes, never by reading a table."""
    database = Watched(opened(sqlite_template.url(tmp_path)))

    external_ids.holders(database, "acme", ("customers", "code_key"), ["1"], ["k1"])

    query, parameters = database.asked[0]
    plan = " ".join(row[-1] for row in database.tuples(f"EXPLAIN QUERY PLAN {query}", parameters))
    database.close()
    assert "INDEX customers_external_id (workspace=? AND external_id=?)" in plan
    assert "INDEX customers_code (workspace=? AND code_key=?)" in plan
