"""What fleet mode has beyond what both engines do; see test_engine and test_kills for that."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg
import pytest

from bench import Bench
from databases import PostgresqlServer, opened
from hand_engine import HandEngine
from scripted_modules import Scripted, installed, module
from syncline_sdk import Contact, RunContext, RunStopped
from syncline_server.core.model import RunState
from syncline_server.services.syncs import Syncs, TriggerRequest
from syncline_server.storage import jobs, runs
from syncline_server.storage.database import Database

WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = ? AND wait_event = 'ClientRead'"
HELD_UP = "SELECT 1 FROM pg_stat_activity WHERE ? = ANY(pg_blocking_pids(pid))"


class Process:
    """One process of a fleet: an engine turned by hand over a workspace whose pull is scripted."""

    def __init__(self, database: Database) -> None:
        self.work = Scripted()
        self.bench = Bench(database, installed(module("contacts", run=self.work)))
        self.hands = HandEngine(database, self.bench.clock, self.bench.execution.execute)
        self.engine = self.hands.engine

    def jobs(self) -> list[str]:
        """Return the state of every job there is."""
        rows = self.bench.database.rows("SELECT status FROM procrastinate_jobs ORDER BY id")
        return [row["status"] for row in rows]


@pytest.fixture
def database(postgresql: PostgresqlServer) -> Iterator[Database]:
    """An empty PostgreSQL: SQLite has no fleet."""
    with closing(opened(postgresql.empty())) as opened_database:
        yield opened_database


@pytest.fixture
def process(database: Database) -> Process:
    """A process of a fleet, on a connected workspace."""
    process = Process(database)
    process.bench.connect()
    process.bench.switch(contacts=True)
    return process


def another(process: Process) -> Process:
    """Return a second process on the same database, begun when the first was silent for long."""
    return Process(process.bench.database)


def wait_until(is_so: Callable[[], object]) -> None:
    """Ask again and again, for a minute at most."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline


@contextmanager
def frozen(database: Database, url: str, locked: str) -> Iterator[int]:
    """Yield the process id of a connection of ours that fell silent amid a batch.

    :param locked: the table whose rows it holds.
    """
    with closing(psycopg.connect(url, application_name="syncline")) as silent:
        silent.execute(f"SELECT 1 FROM {locked} FOR UPDATE")
        silent.pgconn.enter_pipeline_mode()
        silent.pgconn.send_query_params(b"SELECT 1", None)
        silent.pgconn.send_flush_request()  # and never the end of the batch
        silent.pgconn.flush()
        pid = silent.info.backend_pid
        wait_until(lambda: database.rows(f"{WAITS} AND state = 'active'", (pid,)))
        yield pid


def test_who_is_silent_amid_a_batch_is_cut_off(
    process: Process, postgresql: PostgresqlServer
) -> None:
    """A process that is frozen there keeps its locks no longer than one that is between two.

    Whoever is no process of ours may take his time.
    """
    database = process.bench.database
    with (
        frozen(database, postgresql.url, "connections") as pid,
        closing(psycopg.connect(postgresql.url)) as person,
        person.cursor() as cursor,
    ):
        cursor.execute("CREATE TEMPORARY TABLE own (id int)")
        jobs.cut_off_silent(database, timedelta(hours=1))
        assert database.rows(WAITS, (pid,))
        with cursor.copy("COPY own FROM STDIN"):
            jobs.cut_off_silent(database, timedelta())

        with database.transaction():
            database.execute("SET LOCAL lock_timeout = '60s'")
            assert database.rows("SELECT 1 FROM connections FOR UPDATE")


def test_a_start_frees_itself_from_who_is_silent(
    process: Process, postgresql: PostgresqlServer
) -> None:
    """Connections are looked after before the first sweep, which a frozen process may hold up."""
    bench, database = process.bench, process.bench.database
    bench.trigger("contacts")
    database.execute("UPDATE runs SET state = 'RUNNING'")
    starting = threading.Thread(target=process.engine.start, daemon=True)

    with frozen(database, postgresql.url, "runs") as pid:
        starting.start()
        wait_until(lambda: database.rows(HELD_UP, (pid,)))
        assert "engine/silent" in process.hands.timetable.jobs

        jobs.cut_off_silent(database, timedelta())
        starting.join(60)
    assert process.jobs() == ["todo"]


def test_connections_of_ours_are_known_by_their_name(postgresql: PostgresqlServer) -> None:
    """A URL gives them no other."""
    url = postgresql.url
    with closing(opened(f"{url}{'&' if '?' in url else '?'}application_name=other")) as database:
        assert database.tuples("SHOW application_name") == [("syncline",)]


def test_a_run_and_its_job_are_one_transaction(process: Process) -> None:
    """A trigger whose transaction is given up leaves neither, and one that commits leaves both."""
    bench, database = process.bench, process.bench.database
    syncs = Syncs(
        database=database,
        chain=bench.chain,
        clock=bench.clock,
        make_id=iter(("first", "second")).__next__,
        accepted=lambda run, _end: process.engine.enqueue(run.id),
        notify=lambda _notice: None,
    )
    request = TriggerRequest(scope=bench.scope("contacts"), options={}, caller="tester")

    with pytest.raises(LookupError), database.transaction():
        syncs.trigger(request)
        raise LookupError
    assert (process.jobs(), runs.unfinished(database)) == ([], [])

    run = syncs.trigger(request)
    assert (process.jobs(), run.state) == (["todo"], RunState.QUEUED)


def test_a_run_waits_once(process: Process) -> None:
    """However often a run is asked for, it has one waiting job."""
    run = process.bench.trigger("contacts")

    for _ in range(3):
        process.engine.enqueue(run.id)
    process.engine.sweep()

    assert process.jobs() == ["todo"]


def test_a_finished_job_leaves_nothing(process: Process) -> None:
    """When its run has ended a job is gone."""
    run = process.bench.trigger("contacts")
    process.engine.enqueue(run.id)

    process.hands.turn()

    assert process.bench.run(run.id).state is RunState.SUCCEEDED
    assert process.jobs() == []


def test_a_silent_workers_run_is_taken_over_and_it_is_fenced_off(process: Process) -> None:
    """The run goes on elsewhere; its first worker may neither store nor end it when it is back."""

    def pull(ctx: RunContext) -> None:
        ctx.contacts.store([Contact(id="a", name="a")], cursor="a")
        heir = another(process)
        heir.engine.sweep()
        heir.hands.turn()
        assert heir.work.seen[0].cursor == "a"
        assert ctx.should_stop()
        with pytest.raises(RunStopped):
            ctx.contacts.store([Contact(id="b", name="b")], cursor="b")
        raise RunStopped

    process.work.then(pull)
    run = process.bench.trigger("contacts")
    process.engine.enqueue(run.id)

    with pytest.raises(Exception, match="not found"):  # what Procrastinate says of its job
        process.hands.turn()

    ended = process.bench.run(run.id)
    assert (ended.state, ended.attempt, ended.counts.fetched) == (RunState.SUCCEEDED, 2, 1)
    assert process.jobs() == []


def test_a_worker_that_speaks_keeps_its_run(process: Process) -> None:
    """Nothing is taken from a worker whose last sign of life is fresh."""

    def pull(ctx: RunContext) -> None:
        process.engine.sweep()
        assert not ctx.should_stop()

    process.work.then(pull)
    run = process.bench.trigger("contacts")
    process.engine.enqueue(run.id)

    process.hands.turn()

    assert process.bench.run(run.id).attempt == 1


def test_one_process_sweeps_at_a_time(process: Process, postgresql: PostgresqlServer) -> None:
    """While one process looks for what is left behind, another leaves it to that one."""
    process.bench.trigger("contacts")

    with closing(opened(postgresql.url)) as elsewhere, elsewhere.transaction():
        assert jobs.take_turn(elsewhere)
        process.engine.sweep()
        assert process.jobs() == []

    process.engine.sweep()
    assert process.jobs() == ["todo"]


def test_a_job_fetched_at_the_last_moment_is_handed_on(process: Process) -> None:
    """A process that is stopping begins nothing, and leaves the run to the next."""
    run = process.bench.trigger("contacts")
    process.engine.stop()

    process.engine.perform(run.id)  # type: ignore[attr-defined]  # of the fleet's engine alone

    assert process.work.seen == []
    assert process.jobs() == ["todo"]


def test_a_job_without_a_run_is_no_trouble(process: Process) -> None:
    """A job whose run is not there is done with."""
    process.engine.enqueue("nobody")

    process.hands.turn()

    assert process.jobs() == []
