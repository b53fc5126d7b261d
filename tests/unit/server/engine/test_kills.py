"""The process is killed at every step it can be killed at, and the next one goes on."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

from bench import Bench
from clockwork import Clockwork
from databases import opened
from hand_engine import HandEngine
from mortal import Killed, MortalDatabase
from scripted_modules import installed, module
from syncline_sdk import Contact, Issue, RecordKind, RetryLater, RunContext
from syncline_server.core.model import RunState
from syncline_server.core.notices import Notify
from syncline_server.storage import runs
from syncline_server.storage.database import Database

PAGES = ("a", "b", "c")
TABLES = ("connections", "settings", "module_states", "cooldowns", "runs", "run_issues")
MANY = 200
"""More steps than a run has; the loops below end by themselves."""


class Provider:
    """Three pages of one contact each; busy once behind the first page."""

    def __init__(self) -> None:
        self.busy = True

    def pull(self, ctx: RunContext) -> None:
        """Read on from the cursor, with one issue on the last page."""
        ctx.progress(total=len(PAGES))
        for name in PAGES[PAGES.index(ctx.cursor) + 1 if ctx.cursor else 0 :]:
            if name == "b" and self.busy:
                self.busy = False
                raise RetryLater("Busy.", after=timedelta(seconds=10))
            ctx.contacts.store([Contact(id=name, name=name)], cursor=name)
        ctx.issue(
            Issue(
                code="ODD",
                message="Odd.",
                action="Look.",
                kind=RecordKind.CONTACT,
                record_id="c",
                record_name="",
            )
        )
        ctx.advance_watermark(ctx.now())


class Life:
    """One process: services, and the engine of their database, turned by hand."""

    def __init__(
        self,
        database: Database,
        provider: Provider,
        clock: Clockwork,
        notify: Notify | None = None,
    ) -> None:
        modules = installed(module("contacts", run=provider.pull))
        self.bench = Bench(database, modules, clock, notify)
        self.hands = HandEngine(database, self.bench.clock, self.bench.execution.execute)

    def live(self) -> None:
        """Take up what is there, ask for a run, and work until it has ended."""
        self.hands.engine.start()
        run = self.bench.trigger("contacts", request_id="once")
        self.hands.engine.enqueue(run.id)
        for _ in range(3):
            self.hands.engine.sweep()
            self.hands.turn()
            self.bench.clock.advance(seconds=30)


def prepared(database: Database, clock: Clockwork) -> None:
    """Connect a workspace and turn contacts on."""
    bench = Bench(database, installed(module("contacts")), clock)
    bench.connect()
    bench.switch(contacts=True)


def dies(life: Life) -> bool:
    """Live until the end or the kill; tell whether there was one."""
    try:
        life.live()
    except Killed:
        return True
    return False


def assert_done_exactly_once(database: Database) -> None:
    """Check that there was one run, that it ended, and that every page was stored once."""
    (row,) = database.rows("SELECT id FROM runs")
    run = runs.get(database, row["id"])
    assert run is not None
    assert run.state is RunState.PARTIAL
    assert (run.counts.total, run.cursor) == (len(PAGES), PAGES[-1])
    assert run.counts.fetched == run.counts.created == len(PAGES)
    assert run.issue_count == 1
    (state,) = database.rows("SELECT * FROM module_states")
    assert state["complete_time"] is not None
    assert state["watermark"] is not None
    assert len(database.rows("SELECT * FROM cooldowns")) == 1


def kills(url: str, mortal: Callable[[Database, int], tuple[Database, Notify]]) -> int:
    """Kill a life at its first step, another at its second and so on; count the kills.

    Each is followed by a life on a fresh connection that must bring everything to its end.
    """
    for step in range(1, MANY):
        clock, provider = Clockwork(), Provider()
        with contextlib.closing(opened(url)) as database:
            for table in TABLES if database.is_sqlite else (*TABLES, "procrastinate_jobs"):
                database.execute(f"DELETE FROM {table}")
            prepared(database, clock)
            dying, notify = mortal(database, step)
            killed = dies(Life(dying, provider, clock, notify))
        with contextlib.closing(opened(url)) as survivor:
            Life(survivor, provider, clock).live()
            assert_done_exactly_once(survivor)
        if not killed:
            return step - 1
    raise AssertionError("it never ended")


def test_run_survives_a_kill_before_any_write(database_url: str) -> None:
    """Killed before any one of its writes, a run is done exactly once by the next life.

    A trigger whose transaction was lost is asked for again with the same request id.
    """

    def mortal(database: Database, step: int) -> tuple[Database, Notify]:
        return MortalDatabase(database, step), lambda _notice: None

    assert kills(database_url, mortal) > 15


def test_run_survives_a_kill_behind_any_commit(database_url: str) -> None:
    """Killed just behind a commit, before anybody is told, a run is done exactly once as well."""

    def mortal(database: Database, step: int) -> tuple[Database, Notify]:
        counter = MortalDatabase(database, step)
        return database, lambda _notice: counter.step()

    assert kills(database_url, mortal) > 5
