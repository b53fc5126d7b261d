import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bench import Bench
from scripted_modules import Scripted, installed, module
from syncline_sdk import RetryLater, RunContext
from syncline_server.core.model import RunState
from syncline_server.core.notices import ConnectionChanged
from syncline_server.engine.cooldowns import CooldownWatch
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.engine.timetable import Timetable
from syncline_server.storage.database import Database

SOON = 60.0
"""Seconds until a test gives up waiting for another thread."""


@pytest.fixture
def timetable() -> Iterator[Timetable]:
    """A running timetable with two workers."""
    timetable = Timetable(workers=2)
    timetable.start()
    yield timetable
    timetable.stop()


def now() -> datetime:
    """Return the time of the machine, by which the timetable goes."""
    return datetime.now(UTC)


@pytest.mark.parametrize("asked", [Timetable.soon, Timetable.run], ids=["soon", "run"])
def test_a_call_that_comes_while_the_last_one_works_is_not_lost(
    timetable: Timetable, asked: Callable[[Timetable, str, Callable[[], object]], None]
) -> None:
    """What the working one no longer sees, the next one does."""
    began, may_end, again = threading.Event(), threading.Event(), threading.Event()

    def look() -> None:
        if began.is_set():
            again.set()
        began.set()
        may_end.wait(SOON)

    asked(timetable, "look", look)
    assert began.wait(SOON)
    asked(timetable, "look", look)

    assert again.wait(SOON)
    may_end.set()


def test_late_job_still_runs(timetable: Timetable) -> None:
    """A time that is long past is now, not never."""
    called = threading.Event()

    timetable.at(now() - timedelta(hours=1), "late", called.set)

    assert called.wait(SOON)


def test_what_was_asked_before_the_start_is_taken_along() -> None:
    """A timetable that is filled before it starts forgets nothing."""
    timetable, called = Timetable(workers=1), threading.Event()
    timetable.run("early", called.set)

    timetable.start()
    try:
        assert called.wait(SOON)
    finally:
        timetable.stop()


def test_job_of_the_same_id_is_replaced(timetable: Timetable) -> None:
    """Of two jobs with one id only the second is called."""
    calls: queue.Queue[str] = queue.Queue()
    timetable.at(now() + timedelta(hours=1), "job", lambda: calls.put("first"))

    timetable.at(now(), "job", lambda: calls.put("second"))
    assert calls.get(timeout=SOON) == "second"

    timetable.run("last", lambda: calls.put("last"))
    assert calls.get(timeout=SOON) == "last"


def test_repeated_job_comes_again(timetable: Timetable) -> None:
    """A job on an interval is called more than once."""
    calls: queue.Queue[int] = queue.Queue()

    timetable.every(timedelta(milliseconds=10), "again", lambda: calls.put(1))

    assert [calls.get(timeout=SOON) for _ in range(3)] == [1, 1, 1]


def test_as_many_run_at_once_as_there_are_workers(timetable: Timetable) -> None:
    """Two workers work side by side."""
    both = threading.Barrier(3, timeout=SOON)

    timetable.run("one", both.wait)
    timetable.run("two", both.wait)

    both.wait()
    assert not both.broken


def test_stop_waits_for_what_is_under_way() -> None:
    """Stopping returns when the last job has ended, and may be called again."""
    timetable, begun, ended = Timetable(workers=1), threading.Event(), threading.Event()
    go_on = threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(SOON)
        ended.set()

    timetable.start()
    timetable.run("work", work)
    assert begun.wait(SOON)
    threading.Timer(0.05, go_on.set).start()

    timetable.stop()
    assert ended.is_set()
    timetable.stop()


def test_runs_end_on_worker_threads(database: Database, timetable: Timetable) -> None:
    """The engine on a real timetable executes runs, wakes a parked one, and loses none."""
    bench, ended = Bench(database, chain := installed(*MODULES)), threading.Event()
    bench.clock.advance(seconds=(now() - bench.clock()).total_seconds())
    bench.connect()
    bench.switch(**dict.fromkeys(chain.providers["books"].toggles, True))
    left = {bench.trigger(name).id for name in chain.providers["books"].modules}

    def execute(run_id: str, stopping: object) -> object:
        run = bench.execution.execute(run_id, stopping)  # type: ignore[arg-type]  # handed on
        if run and run.state is RunState.WAITING:
            bench.clock.advance(seconds=1)
        elif run:
            left.discard(run.id)
            ended.set() if not left else None
        return run

    engine = EmbeddedEngine(database, timetable, execute)  # type: ignore[arg-type]  # as it is
    engine.start()

    assert ended.wait(SOON)
    assert {run.state for run in map(bench.run, (each.run_id for each in bench.accepted))} == {
        RunState.SUCCEEDED
    }
    engine.stop()


def test_watchers_hear_when_a_cooldown_ends(database: Database, timetable: Timetable) -> None:
    """Every running cooldown has a timer after a start, and its end is told."""
    notices: queue.Queue[object] = queue.Queue()
    bench = Bench(database, installed(*MODULES))
    bench.connect()
    bench.switch(m1=True)
    bench.trigger("m1")

    # The cooldown lies in the past for the machine and in the future for the bench.
    CooldownWatch(database, timetable, bench.clock, notices.put).start()

    assert notices.get(timeout=SOON) == ConnectionChanged(bench.connection)


def _parks_once() -> Scripted:
    def park(_ctx: RunContext) -> None:
        raise RetryLater("Busy.", after=timedelta(milliseconds=1))

    return Scripted(park)


MODULES = [module("m0", run=_parks_once()), *(module(f"m{number}") for number in range(1, 6))]


def test_job_that_asks_for_another_does_not_hold_up_the_stop() -> None:
    """A run that wants to be woken later while the process stops is not waited for in vain."""
    timetable, begun, go_on = Timetable(workers=1), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(SOON)
        timetable.at(now() + timedelta(hours=1), "later", work)

    timetable.start()
    timetable.run("work", work)
    assert begun.wait(SOON)
    stopping = threading.Thread(target=timetable.stop, daemon=True)
    stopping.start()
    threading.Timer(0.1, go_on.set).start()

    stopping.join(SOON)
    assert not stopping.is_alive()
