from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from auditing import entries
from bench import Bench
from scene import DEPTH
from scripted_modules import installed, module, step
from syncline_sdk import RecordKind, Trigger
from syncline_server.core.audit import SYSTEM
from syncline_server.core.model import ConnectionState, RunState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged
from syncline_server.core.organisations import Organisation
from syncline_server.services.automatic import AutomaticSyncs
from syncline_server.services.chain import Chain
from syncline_server.services.settings import SettingsChange
from syncline_server.storage import connections, module_states, runs
from syncline_server.storage.database import Database
from told import Told

HOUR = timedelta(hours=1)


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with everything on: rates, mapping, items behind it."""
    bench = Bench(
        database,
        installed(
            module("rates"),
            step("mapping", requires=["rates"]),
            module("items", requires=["mapping"], options=[DEPTH]),
        ),
    )
    bench.connect()
    bench.switch(items=True)
    return bench


@pytest.fixture
def started() -> list[str]:
    """Ids of the runs the engine was told about."""
    return []


@pytest.fixture
def look(bench: Bench, started: list[str]) -> Callable[[], list[str]]:
    """Look once; returns the modules that were started by it."""
    syncs = AutomaticSyncs(
        database=bench.database,
        chain=bench.chain,
        clock=bench.clock,
        make_id=lambda: f"second{len(started):06d}",  # sorts behind those asked for by hand
        start_run=started.append,
        notify=bench.notices.append,
    )

    def looked() -> list[str]:
        before = len(started)
        syncs.look()
        return [bench.run(run_id).scope.module for run_id in started[before:]]

    return looked


def every(bench: Bench, interval: timedelta, *modules: str) -> None:
    """Set the interval of modules."""
    change = SettingsChange(intervals=dict.fromkeys(modules, interval))
    bench.settings.update(bench.connection, change)


def test_nothing_runs_by_itself_at_first(look: Callable[[], list[str]]) -> None:
    """Without an interval nobody starts anything."""
    assert look() == []


def test_due_module_runs_by_itself(
    bench: Bench, look: Callable[[], list[str]], started: list[str]
) -> None:
    """A module with an interval is queued as AUTOMATIC, and whoever watches is told."""
    every(bench, HOUR, "rates")
    bench.notices.clear()

    assert look() == ["rates"]

    run = bench.run(started[0])
    assert (run.trigger, run.state) == (Trigger.AUTOMATIC, RunState.QUEUED)
    assert bench.notices == [ConnectionChanged(bench.connection)]


def test_a_run_nobody_asked_for_is_in_the_audit_trail(
    bench: Bench, look: Callable[[], list[str]], started: list[str]
) -> None:
    """The entry says that the system started it, why, and which run of which module it is."""
    every(bench, HOUR, "rates")
    look()

    (entry,) = entries(bench.database, bench.connection.workspace)
    run = bench.run(started[0])
    assert (entry.method, entry.actor) == ("StartRun", SYSTEM)
    assert entry.edits == (("trigger", "", "AUTOMATIC"),)
    workspace = bench.connection.workspace
    assert entry.names == (str(run.scope), f"workspaces/{workspace}/runs/{run.id}")


def test_missed_times_collapse_into_one(bench: Bench, look: Callable[[], list[str]]) -> None:
    """However long nobody looked, there is one run, and the next a whole interval later."""
    every(bench, HOUR, "rates")
    bench.complete("rates")
    bench.clock.advance(seconds=24 * 3600)

    assert look() == ["rates"]
    bench.execute(runs.unfinished(bench.database)[0])
    assert look() == []
    bench.clock.advance(seconds=3600 * 1.1)
    assert look() == ["rates"]


def test_active_run_is_not_doubled(bench: Bench, look: Callable[[], list[str]]) -> None:
    """While a run of the module is active its time does not come."""
    every(bench, HOUR, "rates")
    bench.trigger("rates")
    bench.clock.advance(seconds=7200)

    assert look() == []


def test_manual_cooldown_holds_nothing_back(bench: Bench, look: Callable[[], list[str]]) -> None:
    """An automatic run starts inside the cooldown of a manual one, and starts none itself."""
    every(bench, timedelta(minutes=1), "rates")
    bench.execute(bench.trigger("rates"))
    bench.clock.advance(seconds=66)
    bench.execute(bench.trigger("rates"))
    bench.clock.advance(seconds=59)
    held = bench.node("rates").cooldown_left

    bench.clock.advance(seconds=7)

    assert held > timedelta()
    assert look() == ["rates"]
    assert bench.node("rates").cooldown_left == timedelta()


def test_blocked_module_is_left_out_until_it_is_ready(
    bench: Bench, look: Callable[[], list[str]]
) -> None:
    """A module whose ground is missing waits with its blockers on view, and resumes by itself."""
    bench.open_mappings = 1
    every(bench, HOUR, "items")

    assert look() == []
    assert [each.subject for each in bench.node("items").blockers] == ["rates", "mapping"]

    bench.complete("rates")
    bench.open_mappings = 0
    assert look() == ["items"]


def test_module_waits_for_a_running_one_it_builds_on(
    bench: Bench, look: Callable[[], list[str]]
) -> None:
    """Where both times have come the prerequisite goes first, and the other follows its end."""
    bench.complete("rates")
    every(bench, HOUR, "rates", "items")
    bench.clock.advance(seconds=7200)

    assert look() == ["rates"]
    assert look() == []
    bench.execute(runs.unfinished(bench.database)[0])
    assert look() == ["items"]


def test_workspace_that_fails_keeps_nobody_waiting(bench: Bench, started: list[str]) -> None:
    """Whatever goes wrong with one workspace, those behind it get their runs."""
    every(bench, HOUR, "rates")
    first = Connection("aaa", bench.connection.provider)
    with bench.database.transaction():
        row = connections.lock(bench.database, first, bench.clock())
        broken = replace(row, state=ConnectionState.CONNECTED, organisation_id="rata")
        connections.save(bench.database, broken, bench.clock())
    bench.settings.update(first, SettingsChange(toggles={"rates": True}, intervals={"rates": HOUR}))

    def counted(_database: Database, connection: Connection, _organisation: str) -> int:
        if connection == first:
            raise KeyError("a row nobody expected")
        return 0

    chain = Chain(bench.database, bench.catalogue, bench.clock, {RecordKind.TAX_RATE: counted})
    AutomaticSyncs(
        database=bench.database,
        chain=chain,
        clock=bench.clock,
        make_id=lambda: f"second{len(started):06d}",
        start_run=started.append,
        notify=bench.notices.append,
    ).look()

    assert [bench.run(run_id).scope.connection for run_id in started] == [bench.connection]


def test_disconnected_workspace_rests(bench: Bench, look: Callable[[], list[str]]) -> None:
    """Nothing starts while nothing is connected, and it goes on after connecting again."""
    every(bench, HOUR, "rates")
    bench.disconnect()
    assert look() == []

    bench.connect()
    assert look() == ["rates"]


def test_what_was_settled_runs_at_once_and_once(
    bench: Bench, look: Callable[[], list[str]]
) -> None:
    """A module that left out what is settled now does not wait for its interval."""
    every(bench, HOUR, "rates")
    bench.complete("rates")
    wake(bench, "rates")

    assert look() == ["rates"]
    bench.execute(runs.unfinished(bench.database)[0])
    assert look() == []


def test_without_an_interval_nothing_is_woken(bench: Bench, look: Callable[[], list[str]]) -> None:
    """Who starts runs by hand goes on doing so."""
    bench.complete("rates")
    wake(bench, "rates")

    assert look() == []


def test_run_that_was_asked_for_something_else_leaves_it_waiting(
    bench: Bench, look: Callable[[], list[str]]
) -> None:
    """A run with options may leave out what was settled, so it is not what wakes the module."""
    every(bench, HOUR, "items")
    bench.complete("rates")
    bench.complete("items")
    wake(bench, "items")
    bench.clock.advance(seconds=120)
    bench.execute(bench.trigger("items", options={"depth": 1}))

    assert look() == ["items"]


def test_what_is_settled_while_a_run_works_wakes_the_next(
    bench: Bench, look: Callable[[], list[str]]
) -> None:
    """The run may have passed it; taken up again it does not take the mark away."""
    every(bench, HOUR, "rates")
    run = bench.trigger("rates")
    started = runs.start(bench.database, run, bench.clock(), None)
    assert started
    wake(bench, "rates")
    runs.requeue(bench.database, started)
    bench.execute(bench.run(run.id))

    assert look() == ["rates"]


def test_runs_of_webhooks_push_nothing_back(bench: Bench, look: Callable[[], list[str]]) -> None:
    """They read a few records; the run that reads the rest comes when it would have come."""
    every(bench, HOUR, "rates")
    bench.execute(bench.trigger("rates"))
    bench.clock.advance(seconds=3600)
    bench.tell(Told("kauri", "CONTACT", "c1"))
    (run,) = bench.look()
    bench.execute(run)
    assert look() == []

    bench.clock.advance(seconds=360)
    assert look() == ["rates"]


def wake(bench: Bench, module: str) -> None:
    """Settle what a module waited for."""
    organisation = Organisation(*astuple(bench.connection), bench.row.organisation_id)
    module_states.wake(bench.database, organisation, [module], bench.clock())
