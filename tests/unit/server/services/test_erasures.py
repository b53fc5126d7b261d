import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from clockwork import Clockwork
from connect_bench import ACME, Bench, in_threads, refused
from dumps import dump
from erasing import add, erased, eraser
from planting import plant
from syncline_sdk import Trigger
from syncline_server.core.data_inventory import INVENTORY, Owner
from syncline_server.core.erasure import Erasure
from syncline_server.core.errors import Aborted, FailedPrecondition, NotFound, Reason
from syncline_server.core.model import Run, RunState, Settings
from syncline_server.core.names import Scope
from syncline_server.core.records import Customer
from syncline_server.services.erasures import SCRUB_PAUSE, Erasures
from syncline_server.storage import connections, customers, runs, settings
from syncline_server.storage.database import Database
from syncline_server.storage.erasures import every_open, keep_out

CANARY = "canary-of-acme"
OTHER = "canary-of-globex"
KEPT = ("erasures", "change_heads", "access_tokens", "schema_migration")


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def erasures(database: Database) -> Erasures:
    """What erases."""
    return eraser(database)


def texts(database: Database, *without: str) -> str:
    """Return everything the database holds."""
    return repr(dump(database, *without))


def test_nothing_of_a_workspace_is_left_in_any_table(
    database: Database, erasures: Erasures
) -> None:
    """Every table loses what it held; the receipt counts it; another workspace is as before."""
    plant(database, "acme", CANARY)
    plant(database, "globex", OTHER)
    before = texts(database)
    assert CANARY in before

    receipt = erased(erasures)

    assert CANARY not in texts(database)
    left = dump(database, *KEPT)
    assert "acme" not in repr(left)
    owned = {each.table for each in INVENTORY if each.owner is not Owner.SERVER and not each.kept}
    assert receipt.row_counts == dict.fromkeys(owned, 1)
    assert receipt.finish_time is not None
    assert dict.fromkeys(owned, 1) == {table: len(rows) for table, rows in left.items() if rows}


def test_more_than_fits_one_step_goes_in_steps(database: Database) -> None:
    """What does not fit into one transaction takes several, with a pause behind each."""
    with database.transaction():
        for number in range(2_500):
            customer = Customer(workspace="acme", id=f"c{number}", display_name="Kerr")
            customers.insert(database, customer, Clockwork()())
    clock = Clockwork()
    begun = eraser(database).begin("acme", "me")

    assert eraser(database, clock.wait).finish(begun)

    assert eraser(database).get("acme", begun.id).row_counts["customers"] == 2_500
    assert len(clock.waits) >= 3


def test_files_hold_nothing_that_was_erased(tmp_path: Path, database: Database) -> None:
    """On SQLite neither the file nor its log has a trace, also of what was overwritten before."""
    if not database.is_sqlite:
        return
    # Some systems' SQLite overwrites what is deleted by default.
    database.execute("PRAGMA secure_delete = OFF")
    plant(database, "acme", CANARY)
    add(database, "earlier-name")
    database.execute("UPDATE customers SET name = 'later' WHERE id = 'earlier-name'")
    database.execute("DELETE FROM customers WHERE id = 'earlier-name'")
    assert CANARY.encode() in contents(tmp_path)

    erased(eraser(database))

    assert CANARY.encode() not in contents(tmp_path)
    assert b"earlier-name" not in contents(tmp_path)


def contents(folder: Path) -> bytes:
    """Return all bytes of a database's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("syncline.db*")))


def test_readers_in_the_way_leave_the_last_step_for_later(
    tmp_path: Path, database: Database
) -> None:
    """While somebody still reads the old log it is not finished; it is when it is repeated."""
    if not database.is_sqlite:
        return
    clock = Clockwork()
    erasures = replace(eraser(database), clock=clock)
    plant(database, "acme", CANARY)
    reader = sqlite3.connect(tmp_path / "syncline.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM customers").fetchall()
    begun = erasures.begin("acme", "me")

    assert not erasures.finish(begun)
    assert erasures.get("acme", begun.id).finish_time is None
    reader.close()
    clock.advance(seconds=SCRUB_PAUSE.total_seconds())
    erasures.go_on()

    assert erasures.get("acme", begun.id).finish_time is not None
    assert CANARY.encode() not in contents(tmp_path)


def waste(database: Database) -> None:
    """Leave free pages in SQLite's file, which go when it is written anew."""
    database.execute("CREATE TABLE wasted (text TEXT)")
    database.execute("INSERT INTO wasted VALUES (?)", ("x" * 100_000,))
    database.execute("DROP TABLE wasted")


def is_scrubbed(database: Database) -> bool:
    """Return whether SQLite's file has no free page."""
    return database.tuples("PRAGMA freelist_count") == [(0,)]


def test_where_nothing_was_deleted_nothing_is_scrubbed(
    database: Database, erasures: Erasures
) -> None:
    """Who erases what is empty, again and again, makes nobody wait, and is finished at once."""
    if not database.is_sqlite:
        return
    waste(database)

    for _ in range(2):
        assert erased(erasures).finish_time is not None

    assert not is_scrubbed(database)


def test_many_are_scrubbed_once_and_then_not_for_a_while(database: Database) -> None:
    """Two that are open take one scrub; the next with rows waits, one without does not."""
    if not database.is_sqlite:
        return
    clock = Clockwork()
    erasures = replace(eraser(database), clock=clock)
    for workspace in ("acme", "globex"):
        add(database, workspace=workspace)
        erasures.begin(workspace, "me")
    erasures.go_on()
    assert every_open(database) == []
    assert is_scrubbed(database)

    waste(database)
    add(database)
    begun = [erasures.begin(workspace, "me") for workspace in ("acme", "globex")]
    erasures.go_on()
    assert every_open(database) == [erasures.get("acme", begun[0].id)]
    assert not is_scrubbed(database)

    clock.advance(seconds=SCRUB_PAUSE.total_seconds())
    erasures.go_on()
    assert every_open(database) == []
    assert is_scrubbed(database)


def test_one_that_cannot_be_finished_is_in_nobodys_way(
    tmp_path: Path, database: Database, erasures: Erasures
) -> None:
    """Of those behind it everything is deleted, too, however long a reader stays."""
    if not database.is_sqlite:
        return
    add(database, workspace="acme")
    plant(database, "globex", OTHER)
    reader = sqlite3.connect(tmp_path / "syncline.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM customers").fetchall()
    first, second = erasures.begin("acme", "me"), erasures.begin("globex", "me")

    erasures.go_on()
    reader.close()

    assert erasures.get("acme", first.id).finish_time is None
    assert erasures.get("globex", second.id).row_counts["customers"] == 1
    assert OTHER not in texts(database)


@pytest.mark.parametrize("at", range(1, 30, 4))
def test_killed_at_any_step_it_goes_on(database: Database, at: int) -> None:
    """Whenever a process dies, the next one finishes and counts all once; nobody came in."""
    plant(database, "acme", CANARY)
    waits = 0

    def wait(_seconds: float) -> None:
        nonlocal waits
        waits += 1
        if waits == at:
            raise Killed

    begun = eraser(database).begin("acme", "me")
    try:
        eraser(database, wait).go_on()
    except Killed:
        with pytest.raises(FailedPrecondition):
            add(database)
    eraser(database).go_on()

    receipt = eraser(database).get("acme", begun.id)
    assert receipt.finish_time is not None
    assert receipt.row_counts["customers"] == receipt.row_counts["run_issues"] == 1
    assert CANARY not in texts(database)


def test_a_process_that_ends_leaves_the_rest_to_the_next(database: Database) -> None:
    """It stops behind the step it is at, and says that it has not finished."""
    plant(database, "acme", CANARY)
    begun = eraser(database).begin("acme", "me")

    assert not replace(eraser(database), is_over=lambda: True).finish(begun)
    assert eraser(database).get("acme", begun.id).finish_time is None


def test_begun_twice_it_is_the_same(erasures: Erasures) -> None:
    """Whoever asks again while it is under way is told of it; afterwards it is another one."""
    first = erasures.begin("acme", "me")

    assert erasures.begin("acme", "you") == erasures.get("acme", first.id)
    erasures.finish(first)
    assert erasures.begin("acme", "you").id != first.id


def test_a_connected_workspace_is_refused(database: Database) -> None:
    """Each connection that has access is named; nothing changes; disconnected, it is erased."""
    bench, erasures = Bench(database), eraser(database)
    bench.connect()
    before = dump(database)

    refusal = refused(lambda: erasures.begin("acme", "me"), Reason.WORKSPACE_CONNECTED)

    assert refusal.metadata == {"subjects": str(ACME)}
    assert dump(database) == before
    bench.connections.disconnect(ACME)
    erased(erasures)
    assert connections.of_workspace(database, "acme") == []


def test_an_organisation_to_choose_counts_as_connected(database: Database) -> None:
    """Somebody who may still choose an organisation has given access."""
    bench = Bench(database)
    bench.connect(ACME, "kauri", "totara")

    refused(lambda: eraser(database).begin("acme", "me"), Reason.WORKSPACE_CONNECTED)


def test_an_active_run_is_in_the_way(database: Database, erasures: Erasures) -> None:
    """It is named."""
    with database.transaction():
        connections.lock(database, ACME, Clockwork()())
    run = Run(
        id="run1",
        scope=Scope(ACME, "contacts"),
        organisation_id="kauri",
        generation=1,
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        create_time=Clockwork()(),
    )
    runs.insert(database, run)

    with pytest.raises(Aborted) as caught:
        erasures.begin("acme", "me")

    assert caught.value.reason is Reason.RUN_ACTIVE
    assert caught.value.resource == "workspaces/acme/runs/run1"


def lock_anew(database: Database) -> None:
    """Do what connecting and settings begin with where there is no row yet."""
    with database.transaction():
        connections.lock(database, ACME, Clockwork()())


def choose(database: Database) -> None:
    """Save settings."""
    with database.transaction():
        settings.save(database, ACME, Settings(), Clockwork()())


@pytest.mark.parametrize(
    "write", [add, lock_anew, choose], ids=["record", "connection", "settings"]
)
def test_nothing_is_written_while_it_lasts(
    database: Database, erasures: Erasures, write: Callable[[Database], None]
) -> None:
    """Writers are refused by the rows, whatever process they are in; others write as always."""
    begun = erasures.begin("acme", "me")
    before = dump(database)

    refused(lambda: write(database), Reason.WORKSPACE_ERASING)

    assert dump(database) == before
    add(database, workspace="globex")
    erasures.finish(begun)
    write(database)


def test_writers_at_its_beginning_are_before_it_or_refused(
    database: Database, erasures: Erasures
) -> None:
    """However many write just then: what went through is erased, everything else was refused."""
    went_through: list[str] = []
    busy = threading.Barrier(5)

    def write(writer: int) -> None:
        for number in range(100_000):  # until it is refused
            add(database, f"w{writer}-{number}")
            went_through.append(f"w{writer}-{number}")
            if number == 3:
                busy.wait()

    def begin() -> Erasure:
        busy.wait()
        return erasures.begin("acme", "me")

    begun, *ends = in_threads(begin, *[partial(write, writer) for writer in range(4)])

    assert isinstance(begun, Erasure)
    assert {type(end) for end in ends} == {FailedPrecondition}
    erasures.finish(begun)
    receipt = erasures.get("acme", begun.id)
    assert receipt.row_counts["customers"] == len(went_through)
    assert database.rows("SELECT * FROM customers") == []


def test_what_is_not_in_the_feed_is_before_it_or_refused(
    database: Database, erasures: Erasures
) -> None:
    """Who writes past the feed holds the beginning up until the commit, and is erased then."""
    if database.is_sqlite:
        return
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    beginning = threading.Thread(target=lambda: erasures.begin("acme", "me"))
    with database.transaction():
        keep_out(database, "acme")
        database.execute(
            "INSERT INTO consents (state_hash, workspace, provider, caller, redirect_uri, verifier,"
            " create_time, expire_time) VALUES ('h', 'acme', 'ledger', 'me', 'u', 'v', 1, 1)"
        )
        beginning.start()
        while beginning.is_alive() and not database.tuples(waiting):
            pass
        assert beginning.is_alive()
    beginning.join()

    assert database.rows("SELECT * FROM consents") == []


def test_an_erasure_is_its_workspaces_alone(erasures: Erasures) -> None:
    """Nobody finds it by another workspace's name."""
    begun = erasures.begin("acme", "me")

    with pytest.raises(NotFound):
        erasures.get("globex", begun.id)
    assert erasures.get("acme", begun.id).requested_by == "me"
