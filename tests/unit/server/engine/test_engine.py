from collections.abc import Callable
from datetime import timedelta

import pytest

from bench import Bench
from hand_engine import TAKEOVER, HandEngine
from scripted_modules import Scripted, installed, module
from syncline_sdk import Contact, RetryLater, RunContext, RunStopped
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.core.model import Run, RunState
from syncline_server.engine.fleet import SWEEPS
from syncline_server.storage import runs
from syncline_server.storage.database import Database

BUSY = RetryLater("Busy.", after=timedelta(minutes=5))


class House:
    """One process: a bench, and the engine of its database, turned by hand."""

    def __init__(self, bench: Bench, work: Scripted) -> None:
        self.bench = bench
        self.work = work
        self.hands = HandEngine(bench.database, bench.clock, bench.execution.execute)
        self.engine = self.hands.engine
        self.turn = self.hands.turn

    def reborn(self) -> "House":
        """Return the next process on the same database; this one did not say goodbye."""
        bench = Bench(self.bench.database, self.bench.catalogue, self.bench.clock)
        return House(bench, self.work)


@pytest.fixture
def house(database: Database) -> House:
    """A process on a connected workspace with two modules on; contacts is scripted."""
    work = Scripted()
    bench = Bench(database, installed(module("contacts", run=work), module("rates")))
    bench.connect()
    bench.switch(contacts=True, rates=True)
    return House(bench, work)


def start(house: House, name: str) -> Run:
    """Trigger a module and leave its run RUNNING, as a process that dies does."""
    started = runs.start(house.bench.database, house.bench.trigger(name), house.bench.clock(), None)
    if started is None:
        raise AssertionError("the run could not be started")
    return started


def raising(error: Exception) -> Callable[[RunContext], None]:
    """Return an act that raises."""

    def act(_ctx: RunContext) -> None:
        raise error

    return act


def test_queued_run_is_executed(house: House) -> None:
    """A run the engine is told of ends."""
    run = house.bench.trigger("contacts")

    house.engine.enqueue(run.id)
    house.turn()

    assert house.bench.run(run.id).state is RunState.SUCCEEDED


def test_parked_run_is_woken_when_it_is_due_and_not_before(house: House) -> None:
    """The engine sets the timer by the row, and the run goes on by itself."""
    house.work.then(raising(BUSY))
    run = house.bench.trigger("contacts")
    house.engine.enqueue(run.id)
    house.turn()
    assert house.bench.run(run.id).state is RunState.WAITING

    house.bench.clock.advance(seconds=299)
    house.turn()
    assert len(house.work.seen) == 1

    house.bench.clock.advance(seconds=1)
    house.turn()
    assert house.bench.run(run.id).state is RunState.SUCCEEDED


def test_start_takes_up_every_accepted_run(house: House) -> None:
    """Whatever a dead process left QUEUED, RUNNING or WAITING goes on in the next one."""
    house.work.then(raising(BUSY))
    parked = house.bench.execute(house.bench.trigger("contacts"))
    running = start(house, "rates")

    heir = house.reborn()
    heir.engine.start()
    heir.turn()

    assert heir.bench.run(running.id).state is RunState.SUCCEEDED
    assert heir.bench.run(running.id).attempt == 2
    assert heir.bench.run(parked.id).state is RunState.WAITING
    heir.bench.clock.advance(seconds=300)
    heir.engine.sweep()
    heir.turn()
    assert heir.bench.run(parked.id).state is RunState.SUCCEEDED


def test_sweep_comes_again_and_again(house: House) -> None:
    """After its start the engine looks for strays again and again, and soon enough in a fleet."""
    house.engine.start()

    embedded = house.bench.database.is_sqlite
    every = timedelta(seconds=30) if embedded else TAKEOVER / SWEEPS
    assert house.hands.timetable.jobs["engine/sweep"].every == every


def test_sweep_leaves_alone_what_is_executing_here(house: House) -> None:
    """A run under way keeps its attempt while the engine looks around it."""

    def pull(ctx: RunContext) -> None:
        house.engine.sweep()
        house.turn()
        ctx.contacts.store([Contact(id="a", name="a")], cursor="a")

    house.work.then(pull)
    run = house.bench.trigger("contacts")
    house.engine.enqueue(run.id)

    house.turn()

    ended = house.bench.run(run.id)
    assert (ended.state, ended.attempt, ended.counts.fetched) == (RunState.SUCCEEDED, 1, 1)
    assert len(house.work.seen) == 1


def test_sweep_finds_a_run_whose_end_could_not_be_written(house: House) -> None:
    """A run that was left RUNNING by a thread of this very process is taken up again."""
    troubles = [Unavailable(Reason.DATABASE_UNAVAILABLE, "Away.")]
    bench = house.bench

    def broken(run_id: str, stopping: Callable[[], bool]) -> Run | None:
        if not troubles:
            return bench.execution.execute(run_id, stopping)
        runs.start(bench.database, bench.run(run_id), bench.clock(), None)
        raise troubles.pop()

    hands = HandEngine(bench.database, bench.clock, broken)
    run = bench.trigger("contacts")
    hands.engine.enqueue(run.id)
    with pytest.raises(Unavailable):
        hands.turn()
    assert bench.run(run.id).state is RunState.RUNNING

    hands.engine.sweep()
    hands.turn()

    assert bench.run(run.id).state is RunState.SUCCEEDED


def test_sweep_finds_a_run_nobody_was_told_of(house: House) -> None:
    """A run that was committed just before its process died is found."""
    run = house.bench.trigger("contacts")

    house.engine.sweep()
    house.turn()

    assert house.bench.run(run.id).state is RunState.SUCCEEDED


def test_stopping_engine_begins_nothing(house: House) -> None:
    """Runs that wait for a worker stay queued for the next process."""
    run = house.bench.trigger("contacts")
    house.engine.enqueue(run.id)

    house.engine.stop()
    house.turn()

    assert house.bench.run(run.id).state is RunState.QUEUED
    assert house.work.seen == []


def test_stopping_engine_asks_its_runs_to_stop(house: House) -> None:
    """A run under way is queued again, and the next process ends it."""

    def pull(ctx: RunContext) -> None:
        ctx.contacts.store([Contact(id="a", name="a")], cursor="a")
        house.engine.stop()
        if ctx.should_stop():
            raise RunStopped

    house.work.then(pull)
    run = house.bench.trigger("contacts")
    house.engine.enqueue(run.id)
    house.turn()
    assert house.bench.run(run.id).state is RunState.QUEUED

    heir = house.reborn()
    heir.engine.start()
    heir.turn()

    ended = heir.bench.run(run.id)
    assert (ended.state, ended.attempt, ended.counts.fetched) == (RunState.SUCCEEDED, 2, 1)
    assert house.work.seen[-1].cursor == "a"
