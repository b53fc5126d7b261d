from datetime import timedelta

import pytest

from scene import Scene, raising, store
from syncline_sdk import RetryLater, RunContext
from syncline_server.core.model import Run, RunState
from syncline_server.core.patience import MOST_PARKS


def wake(scene: Scene, run: Run) -> Run:
    """Execute a parked run when its time has come."""
    wake_time = run.wake_time
    assert wake_time is not None
    scene.bench.clock.advance(seconds=(wake_time - scene.bench.clock()).total_seconds())
    return scene.bench.execute(run)


def test_run_that_never_gets_further_ends(scene: Scene) -> None:
    """After many pauses it fails, and says what to do; the same page again is no way further."""
    bench = scene.bench
    # The page before the one that fails is stored the first time only, and the same whenever.
    scene.work.then(*[raising(RetryLater("Xero fails.")) for _ in range(MOST_PARKS + 1)])

    run = bench.execute(bench.trigger("contacts"))
    while run.state is RunState.WAITING:
        run = wake(scene, run)

    assert (run.state, run.attempt) == (RunState.FAILED, MOST_PARKS + 1)
    assert run.error is not None
    assert run.error.code == "RUN_STALLED"
    assert "Xero fails." in run.error.message
    assert run.error.action
    assert run.end_time is not None
    assert run.start_time is not None
    assert timedelta(hours=11) < run.end_time - run.start_time < timedelta(hours=13)
    assert bench.trigger("contacts").state is RunState.QUEUED


def test_pauses_grow_while_nothing_gets_further(scene: Scene) -> None:
    """A page that is stored between two pauses makes them short again."""
    bench = scene.bench
    again = raising(RetryLater("Busy."))

    def page_and_again(ctx: RunContext) -> None:
        store(ctx, "a", "b", "c")
        raise RetryLater("Busy.")

    scene.work.then(*[_plain] * 4, page_and_again, again)
    run = bench.execute(bench.trigger("contacts"))
    pauses = []
    while run.state is RunState.WAITING:
        assert run.wake_time is not None
        pauses.append(round((run.wake_time - bench.clock()).total_seconds() / 33, 0))
        run = wake(scene, run)

    assert run.state is RunState.SUCCEEDED
    assert pauses[:4] == sorted(pauses[:4])
    assert pauses[3] > 6
    assert pauses[4] == 1
    assert run.stall.parks <= 1


def _plain(_ctx: RunContext) -> None:
    raise RetryLater("Busy.")


@pytest.mark.parametrize("hours", [1, 24])
def test_waits_a_provider_asks_for_are_no_stall(scene: Scene, hours: int) -> None:
    """An organisation offline for hours, and a limit of a day twice over, end well."""
    bench = scene.bench
    asked = RetryLater("Wait.", after=timedelta(hours=hours))
    scene.work.then(*[raising(asked)] * 2)
    run = bench.execute(bench.trigger("contacts"))

    while run.state is RunState.WAITING:
        run = wake(scene, run)

    assert run.state is RunState.SUCCEEDED


def test_run_cancelled_as_it_gives_up_is_cancelled(scene: Scene) -> None:
    """What a person asked for comes before how it would have ended."""
    bench = scene.bench

    def cancelled(ctx: RunContext) -> None:
        bench.runs.cancel("acme", ctx.run.id)
        raise RetryLater("Busy.")

    scene.work.then(*[_plain] * MOST_PARKS, cancelled)
    run = bench.execute(bench.trigger("contacts"))
    while run.state is RunState.WAITING:
        run = wake(scene, run)

    assert (run.state, run.error) == (RunState.CANCELLED, None)
