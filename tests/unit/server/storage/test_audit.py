from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import peewee
import pytest

from auditing import ACT, appended, entries
from running import NOON
from syncline_server.core.audit import REMOVED, Draft, Fault, Head, Stage
from syncline_server.core.changes import ChangeKind
from syncline_server.services.audit import Trail
from syncline_server.services.audit_checks import Checked, verify, verify_chain
from syncline_server.storage import acts, audit, changes
from syncline_server.storage.acts import Acting
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

UNTOLD_REMOVAL = (
    "INSERT INTO audit_checkpoints SELECT chain, number, hash, 0, '' FROM audit_entries"
    " WHERE number = 2"
)
WRITERS = 8
EACH = 25


@pytest.fixture
def trail(database: Database) -> Trail:
    """What has transactions carry entries."""
    return Trail(database, lambda: NOON)


@pytest.fixture
def acting(trail: Trail) -> Iterator[Acting]:
    """An act that is under way."""
    begun = trail.begin(ACT)
    yield begun
    acts.leave(begun)


def write(database: Database, identifier: str = "c1") -> None:
    """Note one customer in a transaction."""
    with database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, "acme", [identifier], NOON)


def stages(database: Database) -> list[tuple[Stage, str, int]]:
    """Return stage, code and earlier entry of every entry of acme."""
    return [(entry.stage, entry.code, entry.begun) for entry in entries(database)]


def test_first_transaction_carries_the_entry(
    database: Database, trail: Trail, acting: Acting
) -> None:
    """An act that succeeds has one entry, stored with its change, and none of its own."""
    write(database)

    assert stages(database) == [(Stage.DONE, "OK", 0)]
    write(database)
    trail.end(acting, "OK")
    assert stages(database) == [(Stage.DONE, "OK", 0)]


def test_what_is_undone_has_no_entry_and_the_next_transaction_has(
    database: Database, acting: Acting
) -> None:
    """A transaction that fails takes the entry with it; the one that succeeds carries it."""
    with pytest.raises(KeyError), database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, "acme", ["c1"], NOON)
        raise KeyError
    assert acting.stage is None
    assert entries(database) == []

    write(database)

    assert stages(database) == [(Stage.DONE, "OK", 0)]


def test_an_act_of_several_transactions_says_ok_only_at_its_end(
    database: Database, trail: Trail, acting: Acting
) -> None:
    """Its first entry says BEGUN and no code, and the last one how it ended."""
    acts.go_on()
    write(database)
    assert stages(database) == [(Stage.BEGUN, "", 0)]

    trail.end(acting, "UNAVAILABLE", "PROVIDER_UNAVAILABLE")

    assert stages(database) == [(Stage.BEGUN, "", 0), (Stage.ENDED, "UNAVAILABLE", 1)]


def test_what_is_stored_before_a_failure_is_told(
    database: Database, trail: Trail, acting: Acting
) -> None:
    """An act that fails in the end has the edits that were committed, and no others."""
    acts.go_on()
    write(database)
    acts.edited("state", "NOT_CONNECTED", "CONNECTED")
    write(database)
    acts.edited("organisation", "", "kauri")
    trail.end(acting, "INTERNAL")

    (_, ended) = entries(database)
    assert ended.edits == (("state", "NOT_CONNECTED", "CONNECTED"),)


def test_an_answer_that_fails_behind_the_change_is_told(
    database: Database, trail: Trail, acting: Acting
) -> None:
    """The change is stored, so its entry stays, and another says what the caller was told."""
    write(database)
    trail.end(acting, "INTERNAL", "INTERNAL")

    assert stages(database) == [(Stage.DONE, "OK", 0), (Stage.ENDED, "INTERNAL", 1)]


def test_a_refusal_has_an_entry_of_its_own(
    database: Database, trail: Trail, acting: Acting
) -> None:
    """What wrote nothing is told afterwards, without edits that never came to be."""
    acts.edited("toggles.invoices", "off", "on")
    trail.end(acting, "FAILED_PRECONDITION", "TOGGLE_LOCKED")

    (entry,) = entries(database)
    assert (entry.code, entry.reason, entry.edits) == ("FAILED_PRECONDITION", "TOGGLE_LOCKED", ())


def test_brief_transactions_carry_nothing(database: Database, acting: Acting) -> None:
    """What a power cut may take back is no place for an entry."""
    with database.brief_transaction():
        database.row("SELECT 1 AS one")

    assert acting.stage is None
    assert entries(database) == []


def test_what_happens_outside_of_an_act_has_no_entry(database: Database, trail: Trail) -> None:
    """Transactions of timers are nobody's acts, also on a thread that carried one before."""
    acting = trail.begin(ACT)
    trail.end(acting, "OK")
    write(database)

    assert len(entries(database)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET subject = 'nobody'",
        "UPDATE audit_entries SET body = 'nothing' WHERE number = 2",
        "DELETE FROM audit_entries WHERE number = 3",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_chains",
        "UPDATE audit_checkpoints SET number = 3",
        "DELETE FROM audit_checkpoints",
    ],
)
def test_the_database_refuses_to_change_or_remove(database: Database, statement: str) -> None:
    """Entries, heads and checkpoints stay as they are, whoever asks."""
    appended(database, 3)
    audit.remove_through(database, 1, replace(ACT, method=REMOVED), "test", NOON)

    with pytest.raises(peewee.IntegrityError, match="append-only"):
        database.execute(statement)

    assert isinstance(verify_chain(database, "acme", {}), Checked)


def test_an_entry_cannot_be_replaced(database: Database) -> None:
    """Neither an insertion of the same number nor SQLite's REPLACE gets past."""
    appended(database, 1)
    verbs = ("INSERT", "INSERT OR REPLACE") if database.is_sqlite else ("INSERT",)

    for verb in verbs:
        with pytest.raises(peewee.IntegrityError):
            database.execute(f"{verb} INTO audit_entries SELECT * FROM audit_entries")

    assert isinstance(verify_chain(database, "acme", {}), Checked)


def test_removed_entries_leave_a_chain_that_is_right(database: Database) -> None:
    """What is older goes behind a checkpoint; the chain and its numbers go on."""
    for day in range(5):
        appended(database, 2, at=NOON + timedelta(days=day))
    through = audit.number_before(database, "acme", NOON + timedelta(days=3))

    gone = audit.remove_through(
        database, through, replace(ACT, method=REMOVED), "older than allowed", NOON
    )

    assert (through, gone) == (6, 6)
    assert [entry.number for entry in entries(database)] == [7, 8, 9, 10, 11]
    assert isinstance(verify_chain(database, "acme", {}), Checked)
    again = audit.remove_through(database, through, replace(ACT, method=REMOVED), "again", NOON)
    assert again == 0
    assert len(entries(database)) == 5


class Meanwhile(Database):
    """Has somebody write an entry behind every query."""

    def tuples(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what was there, and write."""
        found = super().tuples(query, parameters)
        appended(Database(self.engine), 1, at=NOON + timedelta(days=3))
        return found


def test_what_is_written_meanwhile_is_not_old(database: Database) -> None:
    """An entry that comes while the old ones are looked for is none of them."""
    appended(database, 2)

    assert audit.number_before(Meanwhile(database.engine), "acme", NOON + timedelta(days=1)) == 2


def test_all_of_a_chain_can_be_removed(database: Database) -> None:
    """A workspace that is erased keeps the entry that says so, and can go on."""
    appended(database, 4)
    audit.remove_through(database, 1_000, replace(ACT, method=REMOVED), "erased", NOON)
    appended(database, 1)

    assert [entry.number for entry in entries(database)] == [5, 6]
    assert isinstance(verify_chain(database, "acme", {}), Checked)


def unguarded(database: Database, statement: str) -> None:
    """Change rows as somebody does who owns the database."""
    if database.is_sqlite:
        triggers = [
            row["name"]
            for row in database.rows(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"
            )
        ]
        for name in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
    else:
        with database.transaction():
            database.execute("SET LOCAL session_replication_role = replica")
            database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit_entries SET body = replace(body, 'Mia', 'Eve') WHERE number = 2", 2),
        ("UPDATE audit_entries SET subject = 'nobody' WHERE number = 2", 2),
        ("DELETE FROM audit_entries WHERE number = 2", 2),
        ("DELETE FROM audit_entries WHERE number = 4", 4),
        ("UPDATE audit_entries SET number = number + 10 WHERE number > 2", 3),
        ("UPDATE audit_chains SET last = 3", 4),
        ("DELETE FROM audit_chains", 1),
        (UNTOLD_REMOVAL, 2),
    ],
)
def test_tampering_with_rows_is_found(database: Database, statement: str, number: int) -> None:
    """Whoever gets past the database's own refusal is found by what the rows say."""
    appended(database, 4)
    unguarded(database, statement)

    fault = verify_chain(database, "acme", {})

    assert isinstance(fault, Fault)
    assert fault.number == number


def test_a_chain_that_is_gone_is_found_by_its_anchor(database: Database) -> None:
    """Without an anchor nobody can know of it; with one it is missed."""
    appended(database, 2)
    head = audit.head(database, "acme")
    unguarded(database, "DELETE FROM audit_entries")
    unguarded(database, "DELETE FROM audit_chains")

    assert list(verify(database, {})) == []
    (fault,) = verify(database, {"acme": {head.number: head.hash}})
    assert isinstance(fault, Fault)


def test_concurrent_writers_make_one_chain(database: Database) -> None:
    """Threads that write at once never fork a chain, leave a gap or wait for each other for ever.

    Each notes changes and entries of two workspaces, in another order than its neighbour; and
    entries without changes, which nothing else keeps apart.
    """

    def changed(workspace: str, index: int) -> None:
        if index % 2:
            changes.note(database, ChangeKind.CUSTOMER, workspace, [str(index)], NOON)

    def told(workspace: str, _index: int) -> None:
        audit.note(database, draft(workspace, NOON))

    def writer(number: int) -> None:
        order = ("acme", "globex") if number % 2 else ("globex", "acme")
        steps = (changed, told) if number % 4 > 1 else (told, changed)
        for index in range(EACH):
            with database.transaction():
                for workspace in order:
                    for step in steps:
                        step(workspace, index)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(writer, range(WRITERS)))

    found = list(verify(database, {}))
    assert [each.chain for each in found] == ["acme", "globex"]
    assert all(isinstance(each, Checked) for each in found)
    assert audit.head(database, "acme").number == WRITERS * EACH


def draft(workspace: str, at: datetime) -> Draft:
    """Return an entry of a workspace."""
    return Draft(act=replace(ACT, workspace=workspace), time=to_micros(at))


def test_heads_are_told_by_chain(database: Database) -> None:
    """Every chain has one head: its last entry's number and hash."""
    appended(database, 2)

    assert audit.heads(database) == {"acme": audit.head(database, "acme")}
    assert audit.head(database, "globex") == Head()
