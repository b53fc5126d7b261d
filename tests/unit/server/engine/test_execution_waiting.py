from datetime import timedelta

import pytest

from scene import Scene, raising, store
from syncline_sdk import RetryLater, RunContext, RunStopped
from syncline_server.core.errors import Reason, ResourceExhausted, Unavailable
from syncline_server.core.model import RunState
from syncline_server.services.settings import SettingsChange


@pytest.mark.parametrize(
    ("error", "pause", "reason"),
    [
        (RetryLater("The day's limit.", after=timedelta(hours=3)), timedelta(hours=3), "The day's"),
        (RetryLater("For ever.", after=timedelta.max), timedelta(days=1), "For ever."),
        (
            Unavailable(Reason.PROVIDER_UNAVAILABLE, "Down.", timedelta(minutes=2)),
            timedelta(minutes=2),
            "Down.",
        ),
        (
            ResourceExhausted(Reason.QUOTA, "Too much.", timedelta(minutes=1)),
            timedelta(minutes=1),
            "Too much.",
        ),
    ],
)
def test_run_that_cannot_go_on_now_waits(
    scene: Scene, error: Exception, pause: timedelta, reason: str
) -> None:
    """A parked run says what it waits for and until when; executing it early does nothing."""
    bench = scene.bench
    scene.work.then(raising(error))

    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.wake_time) == (RunState.WAITING, bench.clock() + pause)
    assert run.wait_reason.startswith(reason)
    bench.clock.advance(seconds=pause.total_seconds() - 0.001)
    assert bench.execute(run) == run
    assert len(scene.work.seen) == 1


def test_woken_run_goes_on_behind_its_last_page(scene: Scene) -> None:
    """The second attempt is given the stored cursor and ends the run it belongs to."""
    bench = scene.bench
    scene.work.then(raising(RetryLater("Busy.", after=timedelta(seconds=10))))
    run = bench.execute(bench.trigger("contacts"))
    bench.clock.advance(seconds=10)

    done = bench.execute(run)

    assert (done.state, done.attempt) == (RunState.SUCCEEDED, 2)
    assert (done.wait_reason, done.wake_time) == ("", None)
    assert [(ctx.cursor, ctx.run.attempt) for ctx in scene.work.seen] == [(None, 1), ("b", 2)]
    assert done.counts.fetched == 2


def test_where_a_run_reads_from_is_fixed_when_it_first_starts(scene: Scene) -> None:
    """A full read that is asked for while a run waits is for the next run, and stays asked for."""
    bench, until = scene.bench, scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))
    bench.complete("contacts")
    scene.work.then(raising(RetryLater("Busy.", after=timedelta(seconds=10))))
    run = bench.execute(bench.trigger("contacts"))
    bench.clock.advance(seconds=10)
    bench.settings.update(bench.connection, SettingsChange(options={"phone": "HOME"}))

    bench.execute(run)

    assert scene.work.seen[-1].watermark == until
    bench.clock.advance(seconds=60)
    bench.execute(bench.trigger("contacts"))
    assert scene.work.seen[-1].watermark is None
    assert bench.state("contacts").full_read_asked_time is None


@pytest.mark.parametrize("runs_before", [0, 1])
def test_full_read_asked_for_during_a_run_stays_asked_for(scene: Scene, runs_before: int) -> None:
    """A choice that changes while a run is under way makes the next run read everything.

    Also when the run under way is the module's first.
    """
    bench = scene.bench

    def choose(ctx: RunContext) -> None:
        bench.clock.advance(seconds=1)
        bench.settings.update(bench.connection, SettingsChange(options={"phone": "HOME"}))
        ctx.advance_watermark(ctx.now())

    scene.work.then(*[lambda ctx: ctx.advance_watermark(ctx.now())] * runs_before, choose)
    bench.complete(*["contacts"] * runs_before)
    bench.complete("contacts")

    bench.complete("contacts")

    assert scene.work.seen[-1].watermark is None
    assert bench.state("contacts").full_read_asked_time is None


def test_stopping_process_puts_its_run_back_into_the_queue(scene: Scene) -> None:
    """When only the process ends, the run is queued again and goes on behind its last page."""
    bench = scene.bench
    stopping: list[bool] = []

    def pull(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        stopping.append(True)
        if ctx.should_stop():
            raise RunStopped

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"), lambda: bool(stopping))
    assert (run.state, run.end_time) == (RunState.QUEUED, None)

    done = bench.execute(run)

    assert (done.state, done.attempt, done.counts.fetched) == (RunState.SUCCEEDED, 2, 2)
    assert scene.work.seen[-1].cursor == "b"
