import pytest

from scene import BAD, Scene, store
from syncline_sdk import RetryLater, RunContext, RunFailed, RunStopped
from syncline_server.core.model import RunState
from syncline_server.storage import runs

LAST_WORDS = [
    pytest.param(RunFailed("ZOMBIE", "I am alive."), id="fails"),
    pytest.param(RetryLater("I wait."), id="waits"),
    pytest.param(RunStopped(), id="stops"),
    pytest.param(ValueError(), id="crashes"),
    pytest.param(None, id="succeeds"),
]


@pytest.mark.parametrize("last_words", LAST_WORDS)
def test_zombie_cannot_touch_the_run_that_was_taken_over(
    scene: Scene, last_words: Exception | None
) -> None:
    """An attempt that was taken over writes nothing and ends nothing, however it goes out."""
    bench, seen = scene.bench, []

    def zombie(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        runs.requeue(bench.database, bench.run(ctx.run.id))
        seen.append(bench.execute(bench.run(ctx.run.id)))
        for write in (
            lambda: store(ctx, "x"),
            lambda: ctx.issue(BAD),
            lambda: ctx.advance_watermark(ctx.now()),
            lambda: ctx.progress(total=99),
        ):
            with pytest.raises(RunStopped):
                write()
        if last_words:
            raise last_words

    scene.work.then(zombie)
    run = bench.execute(bench.trigger("contacts"))

    assert seen == [run]
    assert (run.state, run.attempt, run.counts.fetched) == (RunState.SUCCEEDED, 2, 2)
    assert bench.state("contacts").watermark is None


@pytest.mark.parametrize("last_words", LAST_WORDS)
def test_zombie_cannot_touch_the_run_that_is_queued_again(
    scene: Scene, last_words: Exception | None
) -> None:
    """Also before the new attempt has begun the old one has no say any more."""
    bench = scene.bench

    def zombie(ctx: RunContext) -> None:
        runs.requeue(bench.database, bench.run(ctx.run.id))
        if last_words:
            raise last_words

    scene.work.then(zombie)
    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.attempt, run.error) == (RunState.QUEUED, 1, None)
    assert bench.execute(run).state is RunState.SUCCEEDED
