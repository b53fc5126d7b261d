import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from clockwork import Clockwork
from connect_bench import ACME, CALLER, Bench, in_threads, refused
from dumps import dump
from ledger import REDIRECT
from planting import plant
from running import numbered_ids
from syncline_sdk import Trigger
from syncline_server.core.access import AccessToken, Role
from syncline_server.core.data_inventory import INVENTORY, Owner
from syncline_server.core.erasure import Erasure
from syncline_server.core.errors import (
    Aborted,
    FailedPrecondition,
    NotFound,
    Reason,
    Unauthenticated,
)
from syncline_server.core.model import Run, RunState, Settings
from syncline_server.core.names import Scope
from syncline_server.core.records import Customer
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.services.erasures import Erasures
from syncline_server.storage import (
    access_tokens,
    changes,
    connections,
    customers,
    runs,
    settings,
)
from syncline_server.storage.database import Database
from syncline_server.storage.erasures import keep_out

CANARY = "canary-of-acme"
OTHER = "canary-of-globex"
KEPT = ("erasures", "change_heads", "access_tokens", "schema_migration")


class Killed(BaseException):
    """The process is gone."""


def service(database: Database, wait: Callable[[float], None] | None = None) -> Erasures:
    """Return what erases."""
    clock = Clockwork()
    return Erasures(
        database=database, clock=clock, make_id=numbered_ids("era"), wait=wait or clock.wait
    )


@pytest.fixture
def erasures(database: Database) -> Erasures:
    """What erases."""
    return service(database)


def add(database: Database, name: str = "kerr", workspace: str = "acme") -> None:
    """Create a customer as a call does."""
    customer = Customer(workspace=workspace, id=name, display_name=name)
    with database.transaction():
        customers.insert(database, customer, Clockwork()())


def texts(database: Database, *without: str) -> str:
    """Return everything the database holds."""
    return repr(dump(database, *without))


def erased(erasures: Erasures, workspace: str = "acme") -> Erasure:
    """Erase a workspace and return the receipt."""
    begun = erasures.begin(workspace, "me")
    assert erasures.finish(begun)
    return erasures.get(workspace, begun.id)


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
    begun = service(database).begin("acme", "me")

    assert service(database, clock.wait).finish(begun)

    assert service(database).get("acme", begun.id).row_counts["customers"] == 2_500
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

    erased(service(database))

    assert CANARY.encode() not in contents(tmp_path)
    assert b"earlier-name" not in contents(tmp_path)


def contents(folder: Path) -> bytes:
    """Return all bytes of a database's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("syncline.db*")))


def test_readers_in_the_way_leave_the_last_step_for_later(
    tmp_path: Path, database: Database, erasures: Erasures
) -> None:
    """While somebody still reads the old log it is not finished; it is when it is repeated."""
    if not database.is_sqlite:
        return
    plant(database, "acme", CANARY)
    reader = sqlite3.connect(tmp_path / "syncline.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM customers").fetchall()
    begun = erasures.begin("acme", "me")

    assert not erasures.finish(begun)
    assert erasures.get("acme", begun.id).finish_time is None
    reader.close()
    erasures.go_on()

    assert erasures.get("acme", begun.id).finish_time is not None
    assert CANARY.encode() not in contents(tmp_path)


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

    begun = service(database).begin("acme", "me")
    try:
        service(database, wait).go_on()
    except Killed:
        with pytest.raises(FailedPrecondition):
            add(database)
    service(database).go_on()

    receipt = service(database).get("acme", begun.id)
    assert receipt.finish_time is not None
    assert receipt.row_counts["customers"] == receipt.row_counts["run_issues"] == 1
    assert CANARY not in texts(database)


def test_a_process_that_ends_leaves_the_rest_to_the_next(database: Database) -> None:
    """It stops behind the step it is at, and says that it has not finished."""
    plant(database, "acme", CANARY)
    begun = service(database).begin("acme", "me")

    assert not replace(service(database), is_over=lambda: True).finish(begun)
    assert service(database).get("acme", begun.id).finish_time is None


def test_begun_twice_it_is_the_same(erasures: Erasures) -> None:
    """Whoever asks again while it is under way is told of it; afterwards it is another one."""
    first = erasures.begin("acme", "me")

    assert erasures.begin("acme", "you") == erasures.get("acme", first.id)
    erasures.finish(first)
    assert erasures.begin("acme", "you").id != first.id


def test_a_connected_workspace_is_refused(database: Database) -> None:
    """Each connection that has access is named; nothing changes; disconnected, it is erased."""
    bench, erasures = Bench(database), service(database)
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

    refused(lambda: service(database).begin("acme", "me"), Reason.WORKSPACE_CONNECTED)


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
        for number in range(1_000):
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


def test_consents_end_with_it(database: Database) -> None:
    """No consent begins while it lasts, and one from before comes back to nothing, also later."""
    bench, erasures = Bench(database), service(database)
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")
    begun = erasures.begin("acme", "me")

    refused(
        lambda: bench.connections.start("acme", "ledger", REDIRECT, CALLER),
        Reason.WORKSPACE_ERASING,
    )
    erasures.finish(begun)
    refused(
        lambda: bench.connections.complete(started.state, code, "", CALLER), Reason.STATE_UNKNOWN
    )
    bench.connect()


def test_a_consent_on_its_way_brings_nothing_back(database: Database) -> None:
    """A code that is exchanged while the whole workspace is erased connects nothing."""
    bench, erasures = Bench(database), service(database)
    started = bench.connections.start("acme", "ledger", REDIRECT, CALLER)
    code = bench.ledger.consent(started.url, "mia", "kauri")

    def meanwhile(_request: object) -> None:
        bench.ledger.intercept = lambda _request: None
        erased(erasures)

    bench.ledger.intercept = meanwhile
    refused(
        lambda: bench.connections.complete(started.state, code, "", CALLER), Reason.STATE_UNKNOWN
    )
    assert not database.rows("SELECT * FROM grants")
    assert connections.of_workspace(database, "acme") == []


def test_who_follows_the_feed_reads_anew(database: Database, erasures: Erasures) -> None:
    """A number from before is refused, also when the id is used again and counts beyond it."""
    add(database)
    number = changes.history(database, "acme").last
    erased(erasures)
    for index in range(number + 3):
        add(database, f"c{index}")

    history = changes.history(database, "acme")
    with pytest.raises(FailedPrecondition) as caught:
        history.refuse_lost(number)
    assert caught.value.reason is Reason.CHANGE_TOKEN_EXPIRED
    assert history.last > number


def token(database: Database, name: str, *workspaces: str) -> None:
    """Store an access token."""
    access_tokens.insert(
        database,
        AccessToken(
            id=name,
            title=name,
            role=Role.ADMIN,
            workspaces=frozenset(workspaces) or None,
            token_hash=name,
            create_time=Clockwork()(),
        ),
    )


def test_access_tokens_reach_it_no_more(database: Database, erasures: Erasures) -> None:
    """One for it alone is revoked, one for several loses it, others stay as they are."""
    token(database, "alone", "acme")
    token(database, "both", "acme", "globex")
    token(database, "other", "globex")
    token(database, "all")

    receipt = erased(erasures)

    found = {each.id: each for each in access_tokens.every(database)}
    assert found["alone"].revoke_time is not None
    assert found["both"].workspaces == found["other"].workspaces == {"globex"}
    assert found["all"].workspaces is None
    assert [name for name, each in found.items() if each.revoke_time] == ["alone"]
    assert receipt.row_counts == {"access_tokens": 2}


def test_an_old_token_fills_nothing_anew(database: Database) -> None:
    """It is not over before every process has forgotten a token that was withdrawn."""
    token(database, "alone", "acme")
    clock = Clockwork()
    tokens = AccessTokens(database, clock, numbered_ids(), lambda: "")
    secret = tokens.create(NewToken(title="both", role=Role.ADMIN, workspaces=["acme"]))[1]
    erasing = replace(service(database), clock=clock)
    begun = erasing.begin("acme", "me")
    seen: list[bool] = []

    def wait(seconds: float) -> None:
        tokens.identify(secret)  # looked up just before: it is still trusted
        clock.wait(seconds)
        with pytest.raises(Unauthenticated):
            tokens.identify(secret)
        seen.append(erasing.get("acme", begun.id).finish_time is None)

    tokens.identify(secret)
    assert replace(erasing, wait=wait).finish(begun)

    assert seen == [True]


def test_grants_that_others_live_on_stay(database: Database) -> None:
    """A person's consent to another workspace lives on, and its connection works."""
    bench, erasures = Bench(database), service(database)
    globex = replace(ACME, workspace="globex")
    bench.connect()
    bench.connect(globex, "totara")
    bench.connections.disconnect(ACME)

    erased(erasures)

    with bench.client(globex) as http:
        assert http.get("/anything").is_success
    bench.connect()


def test_an_organisation_is_free_again(database: Database) -> None:
    """Another workspace may connect what the erased one had."""
    bench, erasures = Bench(database), service(database)
    bench.connect()
    bench.connections.disconnect(ACME)
    erased(erasures)

    bench.connect(replace(ACME, workspace="globex"))

    assert bench.row(replace(ACME, workspace="globex")).organisation_id == "kauri"


def test_calls_are_refused_while_it_lasts(database: Database) -> None:
    """A process knows at once of its own, and of another's within a second."""
    mine, clock = service(database), Clockwork()
    other = replace(service(database), clock=clock)
    for process in (mine, other):
        process.refuse("acme")

    begun = mine.begin("acme", "me")

    refused(lambda: mine.refuse("acme"), Reason.WORKSPACE_ERASING)
    mine.refuse("globex")
    clock.advance(seconds=1)
    refused(lambda: other.refuse("acme"), Reason.WORKSPACE_ERASING)
    mine.finish(begun)
    mine.refuse("acme")


def test_an_erasure_is_its_workspaces_alone(erasures: Erasures) -> None:
    """Nobody finds it by another workspace's name."""
    begun = erasures.begin("acme", "me")

    with pytest.raises(NotFound):
        erasures.get("globex", begun.id)
    assert erasures.get("acme", begun.id).requested_by == "me"
