import pytest

from scene import Scene, store
from syncline_sdk import RetryLater, RunContext, RunStopped
from syncline_server.core.model import RunState
from syncline_server.storage import runs


def test_cancelled_run_stops_at_its_next_page_and_keeps_the_last(scene: Scene) -> None:
    """Cancelling ends a run within one page; stored pages stay and the watermark does not move."""
    bench = scene.bench

    def pull(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        ctx.advance_watermark(ctx.now())
        assert not ctx.should_stop()
        bench.runs.cancel("acme", ctx.run.id)
        assert ctx.should_stop()
        store(ctx, "c")
        raise AssertionError("the page was stored")

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.counts.fetched, run.cursor) == (RunState.CANCELLED, 2, "b")
    assert run.error is None
    assert bench.state("contacts").watermark is None
    assert bench.state("contacts").complete_time is None


@pytest.mark.parametrize("error", [RetryLater("Busy."), RunStopped(), None])
def test_cancelled_run_neither_waits_nor_succeeds(scene: Scene, error: Exception | None) -> None:
    """A cancel that comes while a module gives up or returns is obeyed all the same."""
    bench = scene.bench

    def pull(ctx: RunContext) -> None:
        bench.runs.cancel("acme", ctx.run.id)
        if error:
            raise error

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"))

    assert run.state is RunState.CANCELLED
    assert bench.state("contacts").complete_time is None


def test_run_cancelled_in_a_process_that_died_is_not_begun_again(scene: Scene) -> None:
    """A run that was to stop when its process died ends without its module being called."""
    bench = scene.bench
    started = runs.start(bench.database, bench.trigger("contacts"), bench.clock(), None)
    assert started is not None
    bench.runs.cancel("acme", started.id)
    runs.requeue(bench.database, started)

    assert bench.execute(started).state is RunState.CANCELLED
    assert scene.work.seen == []


def test_run_of_an_earlier_connection_is_cancelled_unseen(scene: Scene) -> None:
    """A queued run whose connection has moved on never calls its module."""
    bench = scene.bench
    run = bench.trigger("contacts")
    bench.database.execute("UPDATE connections SET generation = generation + 1")

    ended = bench.execute(run)

    assert (ended.state, ended.error, ended.attempt) == (RunState.CANCELLED, None, 0)
    assert scene.work.seen == []


def test_connecting_another_organisation_ends_the_run_under_way(scene: Scene) -> None:
    """Nothing of one organisation's run reaches the next one."""
    bench = scene.bench

    def pull(ctx: RunContext) -> None:
        ctx.advance_watermark(ctx.now())
        bench.connect("rata")
        store(ctx, "a")

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.counts.fetched) == (RunState.CANCELLED, 0)
    assert bench.state("contacts").complete_time is None
    bench.connect("kauri")
    assert bench.state("contacts").complete_time is None


def test_module_that_returns_after_a_disconnect_has_not_succeeded(scene: Scene) -> None:
    """A run cannot succeed for a connection that ended meanwhile."""
    scene.work.then(lambda _ctx: scene.bench.disconnect())

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.CANCELLED
    assert scene.bench.everything()["module_states"] == []


def test_cancelled_run_of_a_stopping_process_is_not_queued(scene: Scene) -> None:
    """A cancel wins over the end of the process."""
    bench = scene.bench

    def pull(ctx: RunContext) -> None:
        bench.runs.cancel("acme", ctx.run.id)
        store(ctx, "a")

    scene.work.then(pull)

    run = bench.execute(bench.trigger("contacts"), lambda: True)

    assert run.state is RunState.CANCELLED
