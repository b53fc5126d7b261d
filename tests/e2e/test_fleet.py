"""Several servers and workers over one PostgreSQL: any of them dies, and the others go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from databases import PostgresqlServer, private_postgresql
from fleet_stack import WORKERS, FleetStack
from gate import Gate
from local_stack import wait_until
from syncline.v1.change_pb2 import Change
from syncline.v1.integration_pb2 import WatchConnectionRequest
from syncline.v1.record_pb2 import CreateTaxCodeRequest, WatchChangesRequest
from syncline.v1.run_pb2 import CancelRunRequest, GetRunRequest, Run
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client.errors import Unavailable
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
CONTACTS = 20_000
PAGES = 20
BEGUN = 5
"""Pages of which a run is in the middle."""
BEFORE_THE_NEXT_ROUND = 30.0
"""Seconds in which only a notice tells of a change: the hub looks by itself once a minute."""
ENDED = (Run.STATE_SUCCEEDED, Run.STATE_PARTIAL, Run.STATE_FAILED, Run.STATE_CANCELLED)


@contextmanager
def running_fleet(folder: Path, database_url: str) -> Iterator[FleetStack]:
    """Run two servers and two workers."""
    stack = FleetStack(folder, database_url)
    # The first makes the key; the others find it.
    stack.start("simulator", "server")
    stack.start("server2", *WORKERS, "console")
    try:
        yield stack
    finally:
        stack.close()


@pytest.fixture
def fleet(tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[FleetStack]:
    """Two servers and two workers, at work."""
    with running_fleet(tmp_path / "data", postgresql.empty()) as stack:
        yield stack


@pytest.fixture
def pulling(fleet: FleetStack) -> Workspace:
    """A workspace whose organisation has twenty pages of contacts."""
    return large_workspace(fleet)


def large_workspace(fleet: FleetStack) -> Workspace:
    """Return a workspace whose organisation has twenty pages of contacts."""
    workspace = fleet.connected("large", contacts=CONTACTS, items=1)
    workspace.set_toggles(contacts=True)
    return workspace


def now(workspace: Workspace, run: Run) -> Run:
    """Return a run as it is now."""
    return workspace.client.runs.GetRun(GetRunRequest(name=run.name)).run


def begun(fleet: FleetStack, workspace: Workspace) -> tuple[Run, Gate]:
    """Trigger a pull; return it when it has stored some pages, and what holds it up at the next."""
    gate = Gate(fleet, "GET Contacts", after=BEGUN)
    run = workspace.trigger("contacts")
    wait_until(lambda: now(workspace, run).counts.fetched >= read(BEGUN), "some pages are stored")
    gate.wait_for()
    return run, gate


def read(pages: int) -> int:
    """Return how many contacts so many pages hold."""
    return pages * CONTACTS // PAGES


def ended(workspace: Workspace, run: Run) -> Run:
    """Wait until a run has ended, and return it."""
    wait_until(lambda: now(workspace, run).state in ENDED, f"the end of {run.module}")
    return now(workspace, run)


def calls(fleet: FleetStack) -> int:
    """Return how many calls Xero has had."""
    (count,) = fleet.control("GET", "/counters")["tenants"].values()
    return int(count["calls"])


def assert_pulled_by_two(fleet: FleetStack, finished: Run) -> None:
    """Check that a second attempt brought a pull to its end, and read one page again at most."""
    assert (finished.state, finished.attempt) == (Run.STATE_SUCCEEDED, 2)
    assert finished.counts.fetched == finished.counts.total == CONTACTS
    # Archived contacts that never were customers are left out.
    assert finished.counts.created + finished.counts.skipped == CONTACTS
    assert PAGES <= calls(fleet) <= PAGES + 1


def test_a_killed_worker_is_taken_over(fleet: FleetStack, pulling: Workspace) -> None:
    """After kill -9 in the middle another worker finishes the run, and a watcher sees all of it.

    The stream is on the server that was not asked, and follows both attempts page by page.
    """
    gate = Gate(fleet, "GET Contacts")
    run = pulling.trigger("contacts")
    seen: list[Run] = []

    def watch() -> None:
        for each in fleet.elsewhere(pulling).watch(run):
            seen.append(each)  # noqa: PERF402 - it is read meanwhile

    watching = threading.Thread(target=watch)
    watching.start()

    def see(page: int) -> None:
        is_seen = f"page {page} is seen"
        wait_until(lambda: read(page) in {each.counts.fetched for each in seen}, is_seen)

    for page in range(1, BEGUN + 1):
        gate.let_through()
        see(page)
    gate.wait_for()
    fleet.kill(fleet.executing(run))
    gate.let_through(2)  # that of the dead as well
    see(BEGUN + 1)
    for page in range(BEGUN + 2, PAGES + 1):
        gate.let_through()
        see(page)

    finished = ended(pulling, run)
    watching.join()
    assert_pulled_by_two(fleet, finished)
    assert seen[-1].state == Run.STATE_SUCCEEDED
    assert {each.attempt for each in seen if each.state == Run.STATE_RUNNING} == {1, 2}


def freeze_with_locks(fleet: FleetStack, name: str, url: str, gate: Gate) -> None:
    """Freeze a process in the middle of a transaction, where others wait for its locks.

    It is held up where it stores its next page, with the run and the connection in its hands, and
    half of a batch sent.
    """
    is_held_up = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'customers'::regclass"
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE customers IN EXCLUSIVE MODE")
        gate.open()
        wait_until(lambda: bool(connection.execute(is_held_up).fetchone()), f"{name} is held up")
        fleet.freeze(name)


@pytest.mark.parametrize("holds_locks", [False, True])
def test_a_frozen_worker_is_fenced_off(
    fleet: FleetStack, pulling: Workspace, postgresql: PostgresqlServer, *, holds_locks: bool
) -> None:
    """A worker that comes back after it was taken over stores nothing and calls Xero no more.

    Nor does it hold up who takes over, wherever it stood.
    """
    run, gate = begun(fleet, pulling)
    zombie = fleet.executing(run)
    if holds_locks:
        freeze_with_locks(fleet, zombie, postgresql.url, gate)
    else:
        fleet.freeze(zombie)
        gate.open()
    finished = ended(pulling, run)
    assert_pulled_by_two(fleet, finished)
    before = calls(fleet)

    fleet.thaw(zombie)

    # It is a good worker again, with a new name.
    wait_until(lambda: fleet.has_logged(zombie, '"action":"worker_begins_anew"'), "it notices")
    assert calls(fleet) == before
    assert now(pulling, run) == finished
    (other,) = set(WORKERS) - {zombie}
    fleet.kill(other)
    pulling.set_toggles(items=True)
    assert ended(pulling, pulling.trigger("tax_rates")).state == Run.STATE_SUCCEEDED


def test_watchers_see_what_another_server_changes(fleet: FleetStack) -> None:
    """A connection and the feed of changes are told by the server that had no part in it."""
    workspace = fleet.connected("watched", contacts=1, items=1)
    elsewhere = fleet.other_client
    connection = elsewhere.integrations.WatchConnection(
        WatchConnectionRequest(name=workspace.connection), timeout=BEFORE_THE_NEXT_ROUND
    )
    changes = elsewhere.records.WatchChanges(
        WatchChangesRequest(parent=workspace.name, kinds=[Change.KIND_TAX_CODE]),
        timeout=BEFORE_THE_NEXT_ROUND,
    )
    assert not any(toggle.enabled for toggle in next(connection).toggles)
    next(changes)

    workspace.set_toggles(contacts=True)
    code = TaxCode(display_name="GST", code="GST", rate="15")
    request = CreateTaxCodeRequest(parent=workspace.name, tax_code=code)
    made = workspace.client.records.CreateTaxCode(request).tax_code

    toggles = (toggle for answer in connection for toggle in answer.toggles)
    assert any(toggle.enabled for toggle in toggles)
    told = (change.tax_code.name for answer in changes for change in answer.changes)
    assert next(told) == made.name
    connection.cancel()
    changes.cancel()


def test_a_run_is_cancelled_from_another_server(fleet: FleetStack, pulling: Workspace) -> None:
    """The run stops at its next page, whichever server hears of it."""
    run, gate = begun(fleet, pulling)

    fleet.other_client.runs.CancelRun(CancelRunRequest(name=run.name))
    before = calls(fleet)
    gate.open()

    stopped = ended(pulling, run)
    assert stopped.state == Run.STATE_CANCELLED
    assert stopped.counts.fetched < CONTACTS
    assert calls(fleet) <= before + 1


def test_a_disconnect_on_another_server_ends_the_run(fleet: FleetStack, pulling: Workspace) -> None:
    """It is cancelled with the disconnect, and its worker calls Xero no more."""
    run, gate = begun(fleet, pulling)
    worker = fleet.executing(run)

    leaving = threading.Thread(target=fleet.elsewhere(pulling).disconnect)
    leaving.start()  # it waits for the call that is under way
    wait_until(lambda: now(pulling, run).state == Run.STATE_CANCELLED, "the run is cancelled")
    gate.open()
    leaving.join()

    assert now(pulling, run).state == Run.STATE_CANCELLED
    wait_until(lambda: fleet.has_logged(worker, '"action":"run_stopped"'), "it notices")
    assert now(pulling, run).counts.fetched < CONTACTS


def test_a_stopped_worker_hands_its_run_on(fleet: FleetStack, pulling: Workspace) -> None:
    """SIGTERM ends a worker in order, at once and without a word of trouble."""
    run, gate = begun(fleet, pulling)
    worker = fleet.executing(run)

    fleet.ask_to_stop(worker)
    gate.open()

    assert fleet.stop(worker) == 0
    text = fleet.log_of(worker).read_text()
    assert "Traceback" not in text
    assert '"action":"stopped"' in text
    assert_pulled_by_two(fleet, ended(pulling, run))


def test_a_server_that_stops_ends_its_streams_alone(fleet: FleetStack, pulling: Workspace) -> None:
    """Whoever watches is sent elsewhere, and the run goes on where it is."""
    run, gate = begun(fleet, pulling)
    stream = fleet.elsewhere(pulling).watch(run)
    next(stream)

    assert fleet.stop("server2") == 0

    with pytest.raises(Unavailable):
        list(stream)
    gate.open()
    assert ended(pulling, run).attempt == 1
    assert "Traceback" not in fleet.log_of("server2").read_text()


def test_a_restart_of_the_database_is_survived(tmp_path: Path) -> None:
    """A run under way comes to its end, servers and workers go on, and all of them stop in order.

    The last also while the database is away; nothing of it is a traceback.
    """
    programs = ("server", "server2", *WORKERS)
    with (
        private_postgresql() as database,
        running_fleet(tmp_path / "data", database.get_uri()) as fleet,
    ):
        pulling = large_workspace(fleet)
        run, gate = begun(fleet, pulling)

        database.stop()
        gate.open()
        database.start()

        wait_until(lambda: fleet.is_answered("server", "server2"), "the servers are well again")
        finished = ended(pulling, run)
        assert finished.state == Run.STATE_SUCCEEDED
        assert finished.counts.fetched == finished.counts.total == CONTACTS
        pulling.set_toggles(items=True)
        *_, last = fleet.elsewhere(pulling).watch(pulling.trigger("tax_rates"))
        assert last.state == Run.STATE_SUCCEEDED

        database.stop()
        assert [fleet.stop(name) for name in programs] == [0] * len(programs)
        for name in programs:
            assert "Traceback" not in fleet.log_of(name).read_text()
