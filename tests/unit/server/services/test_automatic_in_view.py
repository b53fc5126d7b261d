"""What people see of modules that run by themselves, and runs nobody asks for that fail."""

import contextlib
import threading
from datetime import timedelta

import pytest

from bench import Bench
from databases import opened
from scripted_modules import Scripted, installed, module, step
from syncline_sdk import RunContext, RunFailed
from syncline_server.core.automatic import Automatic
from syncline_server.core.errors import Reason
from syncline_server.core.model import RunState
from syncline_server.services.automatic import AutomaticSyncs
from syncline_server.services.settings import SettingsChange
from syncline_server.storage import runs
from syncline_server.storage.database import Database

HOUR = timedelta(hours=1)


def failing(_ctx: RunContext) -> None:
    """Fail."""
    raise RunFailed("NO", "It does not work.")


class Stage:
    """A connected workspace where rates, a mapping and items behind it are on."""

    def __init__(self, database: Database) -> None:
        self.work = Scripted()
        self.bench = Bench(
            database,
            installed(
                module("rates", run=self.work),
                step("mapping", requires=["rates"]),
                module("items", requires=["mapping"]),
            ),
        )
        self.bench.connect()
        self.bench.switch(items=True)
        self.started: list[str] = []
        self.syncs = AutomaticSyncs(
            database=database,
            chain=self.bench.chain,
            clock=self.bench.clock,
            make_id=lambda: f"second{len(self.started):06d}",
            start_run=self.started.append,
            notify=self.bench.notices.append,
        )

    def every(self, interval: timedelta, *modules: str) -> None:
        """Set the interval of modules."""
        change = SettingsChange(intervals=dict.fromkeys(modules, interval))
        self.bench.settings.update(self.bench.connection, change)

    def look(self) -> list[str]:
        """Look once; return the modules that were started by it."""
        before = len(self.started)
        self.syncs.look()
        return [self.bench.run(run_id).scope.module for run_id in self.started[before:]]

    def shown(self, module: str) -> Automatic:
        """Return what people see of a module."""
        found = self.bench.node(module).automatic
        assert found is not None
        return found

    def pass_to(self, module: str) -> None:
        """Let time pass until a module is due."""
        left = self.shown(module).next_time - self.bench.clock()
        self.bench.clock.advance(seconds=left.total_seconds())


@pytest.fixture
def stage(database: Database) -> Stage:
    """The workspace."""
    return Stage(database)


def test_nothing_is_shown_without_an_interval(stage: Stage) -> None:
    """Modules run by hand at first."""
    assert {stage.bench.node(name).automatic for name in ("rates", "mapping", "items")} == {None}


def test_the_time_that_is_shown_is_the_time_it_runs(stage: Stage) -> None:
    """A moment before nothing starts, at that moment it does."""
    stage.every(HOUR, "rates")
    assert stage.shown("rates").next_time == stage.bench.clock()
    stage.bench.complete("rates")
    shown = stage.shown("rates")
    assert (shown.interval, shown.failed_runs, shown.held_by) == (HOUR, 0, ())

    stage.pass_to("rates")
    stage.bench.clock.advance(seconds=-0.001)
    assert stage.look() == []
    stage.bench.clock.advance(seconds=0.001)
    assert stage.look() == ["rates"]


def test_what_blocks_it_is_shown_once_it_is_due(stage: Stage) -> None:
    """It names everything, and runs by itself when nothing of it is left."""
    stage.every(HOUR, "items")
    stage.bench.open_mappings = 3

    assert stage.look() == []
    held = stage.shown("items").held_by
    assert [(each.reason, each.subject) for each in held] == [
        (Reason.PREREQUISITE_INCOMPLETE, "rates"),
        (Reason.PREREQUISITE_INCOMPLETE, "mapping"),
    ]
    assert all(each.description for each in held)

    stage.bench.open_mappings = 0
    stage.bench.complete("rates")
    assert stage.shown("items").held_by == ()
    assert stage.look() == ["items"]


def test_the_run_it_waits_for_is_shown(stage: Stage) -> None:
    """While what it builds on is running it says so, and what is not due is held by nothing."""
    stage.bench.complete("rates", "items")
    stage.every(HOUR, "rates", "items")
    stage.bench.clock.advance(seconds=7200)
    assert stage.look() == ["rates"]

    (held,) = stage.shown("items").held_by
    assert (held.reason, held.subject, held.title) == (
        Reason.RUN_ACTIVE,
        "rates",
        "Module rates",
    )
    assert stage.shown("rates").held_by == ()

    stage.bench.execute(runs.unfinished(stage.bench.database)[0])
    assert stage.shown("items").held_by == ()


def test_a_lost_connection_holds_it(stage: Stage) -> None:
    """A module that is due says that somebody must connect again."""
    stage.every(HOUR, "rates")
    stage.bench.lose_access(stage.bench.connection, stage.bench.row.generation, "Gone.")

    assert stage.look() == []
    reasons = [each.reason for each in stage.shown("rates").held_by]
    assert reasons == [Reason.RECONNECT_REQUIRED]


def test_runs_that_keep_failing_come_less_and_less_often(stage: Stage) -> None:
    """The wait doubles each time, visibly; one that goes through makes it usual again."""
    stage.every(HOUR, "rates")
    stage.work.then(*[failing] * 5)
    waits = []
    for _ in range(5):
        assert stage.look() == ["rates"]
        run = stage.bench.execute(runs.unfinished(stage.bench.database)[0])
        assert run.state is RunState.FAILED
        waits.append(stage.shown("rates").next_time - stage.bench.clock())
        stage.pass_to("rates")

    share = waits[0] / (2 * HOUR)
    assert 1 <= share <= 1.1
    assert [round(wait / HOUR / share) for wait in waits] == [2, 4, 6, 6, 6]
    assert stage.shown("rates").failed_runs == 5
    assert stage.look() == ["rates"]
    stage.bench.execute(runs.unfinished(stage.bench.database)[0])
    assert stage.shown("rates").failed_runs == 0
    assert stage.shown("rates").next_time - stage.bench.clock() == HOUR * share


def test_connecting_again_forgets_failures(stage: Stage) -> None:
    """What did not work before is tried as usual."""
    stage.every(HOUR, "rates")
    stage.work.then(failing)
    stage.look()
    stage.bench.execute(runs.unfinished(stage.bench.database)[0])
    stage.bench.connect()

    assert stage.shown("rates").failed_runs == 0
    assert stage.shown("rates").next_time <= stage.bench.clock() + HOUR * 1.1


def test_processes_that_look_at_once_start_one_run(database_url: str) -> None:
    """Each looks on a connection of its own at the same moment; the row decides."""
    with contextlib.ExitStack() as stack:
        stages = [
            Stage(stack.enter_context(contextlib.closing(opened(database_url)))) for _ in range(4)
        ]
        stages[0].every(HOUR, "rates")
        gate = threading.Barrier(len(stages))

        def look(number: int) -> None:
            gate.wait()
            stages[number].syncs.look()

        threads = [threading.Thread(target=look, args=(n,)) for n in range(len(stages))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(runs.unfinished(stages[0].bench.database)) == 1
        assert sum(len(stage.started) for stage in stages) == 1
