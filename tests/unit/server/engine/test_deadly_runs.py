"""Runs that kill whoever executes them, in both engines."""

from collections.abc import Callable

import pytest

from bench import Bench
from hand_engine import HandEngine
from scripted_modules import Scripted, installed, module
from syncline_sdk import Contact, RunContext, RunStopped
from syncline_server.core.model import Run, RunState
from syncline_server.core.patience import MOST_DEATHS
from syncline_server.storage.database import Database


class Killed(BaseException):
    """What ends a process at once."""


class Processes:
    """One process after another on a workspace whose contacts module is scripted."""

    def __init__(self, database: Database) -> None:
        self.work = Scripted()
        self._catalogue = installed(module("contacts", run=self.work))
        self.bench = Bench(database, self._catalogue)
        self.bench.connect()
        self.bench.switch(contacts=True)
        self.run_id = self.bench.trigger("contacts").id

    def live(self) -> Run:
        """Let a new process take up what is left, until it is killed or has nothing to do."""
        bench = Bench(self.bench.database, self._catalogue, self.bench.clock)
        hands = HandEngine(bench.database, bench.clock, bench.execution.execute)
        try:
            hands.engine.start()
            hands.turn()
        except Killed:
            pass
        return self.bench.run(self.run_id)

    def stop(self) -> Run:
        """Let a new process take up what is left, and be told to end in order meanwhile."""
        bench = Bench(self.bench.database, self._catalogue, self.bench.clock)
        hands = HandEngine(bench.database, bench.clock, bench.execution.execute)

        def stopped(_ctx: RunContext) -> None:
            hands.engine.stop()
            raise RunStopped

        self.work.then(stopped)
        hands.engine.start()
        hands.turn()
        return self.bench.run(self.run_id)


@pytest.fixture
def processes(database: Database) -> Processes:
    """A run that is queued, and whoever is to execute it."""
    return Processes(database)


def dies(_ctx: RunContext) -> None:
    """Kill the process."""
    raise Killed


def dies_behind(name: str) -> Callable[[RunContext], None]:
    """Return an act that stores a page and kills the process."""

    def act(ctx: RunContext) -> None:
        ctx.contacts.store([Contact(id=name, name=name)], cursor=name)
        raise Killed

    return act


def test_run_that_kills_whoever_executes_it_ends(processes: Processes) -> None:
    """It is not handed from one to the next for ever; it says why, and the module is free."""
    processes.work.then(*[dies] * (MOST_DEATHS + 5))

    states = [processes.live().state for _ in range(MOST_DEATHS)]
    run = processes.live()

    assert set(states) == {RunState.RUNNING}
    assert (run.state, run.attempt) == (RunState.FAILED, MOST_DEATHS)
    assert run.error is not None
    assert run.error.code == "RUN_STALLED"
    assert f"died {MOST_DEATHS} times" in run.error.message
    assert run.error.action
    processes.bench.clock.advance(seconds=120)
    assert processes.bench.trigger("contacts").state is RunState.QUEUED


def test_deaths_between_pages_are_no_stall(processes: Processes) -> None:
    """However often it dies, a run that stores a page each time comes to its end."""
    pages = [f"page{number:02d}" for number in range(2 * MOST_DEATHS)]
    processes.work.then(*map(dies_behind, pages))

    for _ in pages:
        assert processes.live().state is RunState.RUNNING

    assert processes.live().state is RunState.SUCCEEDED


def test_ends_in_order_are_no_deaths(processes: Processes) -> None:
    """A run may be stopped by any number of deploys."""
    for _ in range(2 * MOST_DEATHS):
        run = processes.stop()
        assert (run.state, run.stall.deaths) == (RunState.QUEUED, 0)

    assert processes.live().state is RunState.SUCCEEDED
