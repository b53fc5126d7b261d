import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from running import KAURI, NOON
from syncline_server.core.changes import ChangeKind, History
from syncline_server.core.notices import Notice, WorkspaceChanged
from syncline_server.storage import changes
from syncline_server.storage.database import Database

WRITERS = 8
EACH = 25
LONG = 60


def note(database: Database, *ids: str, workspace: str = "acme", at: datetime = NOON) -> None:
    """Note customers in a transaction of their own."""
    with database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, workspace, ids, at)


def told(database: Database, after: int = 0, *kinds: ChangeKind) -> list[tuple[int, str]]:
    """Return number and id of everything behind a number."""
    last = changes.history(database, "acme").last
    found = changes.read(database, "acme", (after, last), kinds)
    return [(change.number, change.id) for change in found]


def test_changes_are_numbered_in_order_without_gaps(database: Database) -> None:
    """Each workspace's changes count from 1, one number each, however they were written."""
    note(database, "a", "b")
    note(database, "x", workspace="globex")
    note(database, "c")

    assert told(database) == [(1, "a"), (2, "b"), (3, "c")]
    assert changes.history(database, "globex") == History(last=1)


def test_reading_begins_behind_any_change(database: Database) -> None:
    """A reader goes on in the middle of what was written at once."""
    note(database, "a", "b", "c")

    assert told(database, 1) == [(2, "b"), (3, "c")]
    assert told(database, 3) == []


def test_only_wanted_kinds_are_read(database: Database) -> None:
    """A reader of mappings sees no records, and numbers stay what they are."""
    note(database, "a")
    with database.transaction():
        changes.note_at(database, ChangeKind.CONTACT_MAPPING, KAURI, ["c1"], NOON)

    assert told(database, 0, ChangeKind.CONTACT_MAPPING) == [(2, "c1")]


def test_what_is_undone_is_never_told(database: Database) -> None:
    """Neither a transaction nor a savepoint that is undone leaves a change."""
    with pytest.raises(KeyError), database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, "acme", ["lost"], NOON)
        raise KeyError
    with database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, "acme", ["kept"], NOON)
        with pytest.raises(KeyError), database.transaction():
            changes.note(database, ChangeKind.CUSTOMER, "acme", ["lost"], NOON)
            raise KeyError

    assert told(database) == [(1, "kept")]


def test_listener_is_told_once_behind_the_commit(database: Database) -> None:
    """Whoever listens hears of a workspace once a transaction, when the changes can be read."""
    notices: list[Notice] = []
    lengths: list[int] = []

    def listen(notice: Notice) -> None:
        notices.append(notice)
        lengths.append(len(told(database)))

    database.listen(listen)
    with database.transaction():
        changes.note(database, ChangeKind.CUSTOMER, "acme", ["a"], NOON)
        changes.note(database, ChangeKind.PRODUCT, "acme", ["b"], NOON)

    assert (notices, lengths) == ([WorkspaceChanged("acme")], [2])


def test_large_write_is_read_whole(database: Database) -> None:
    """What was written at once lies in several rows, and is read in order all the same."""
    ids = [f"c{number:05d}" for number in range(12_345)]
    note(database, *ids)

    assert [id_ for _, id_ in told(database)] == ids
    assert told(database, 12_344) == [(12_345, ids[-1])]


def test_nothing_noted_is_no_change(database: Database) -> None:
    """An empty page moves no number and tells nobody."""
    notices: list[Notice] = []
    database.listen(notices.append)
    note(database)

    assert (changes.history(database, "acme"), notices) == (History(), [])


def test_reader_misses_nothing_while_many_write(database: Database) -> None:
    """However transactions overlap, who has read up to a number finds every later one behind it."""
    begun = threading.Barrier(WRITERS + 1)

    def write(writer: int) -> None:
        begun.wait(LONG)
        for number in range(EACH):
            with database.transaction():
                changes.note(database, ChangeKind.CUSTOMER, "acme", [f"{writer}-{number}"], NOON)
                changes.note(database, ChangeKind.PRODUCT, "acme", [f"{writer}-{number}"], NOON)

    found: list[tuple[int, str]] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, writer) for writer in range(WRITERS)]
        begun.wait(LONG)
        while not all(each.done() for each in writing):
            found += told(database, len(found))
        for each in writing:
            each.result()
    found += told(database, len(found))

    assert [number for number, _ in found] == list(range(1, 2 * WRITERS * EACH + 1))
    assert len({id_ for _, id_ in found}) == WRITERS * EACH


def test_old_changes_are_forgotten_and_remembered_to_be(database: Database) -> None:
    """What is older goes, newer ones keep their numbers, and it is known how far it went."""
    note(database, "a", "b", at=NOON - timedelta(days=8))
    note(database, "c")
    note(database, "x", workspace="globex", at=NOON - timedelta(days=8))

    forgotten = changes.forget(database, NOON - timedelta(days=7))

    assert forgotten == 2
    assert told(database) == [(3, "c")]
    assert changes.history(database, "acme") == History(last=3, forgotten=2)
    assert changes.history(database, "globex") == History(last=1, forgotten=1)
    assert changes.forget(database, NOON - timedelta(days=7)) == 0
