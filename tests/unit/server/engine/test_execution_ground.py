from datetime import timedelta

from bench import Bench
from scene import Scene, raising
from scripted_modules import installed, module
from syncline_sdk import RetryLater
from syncline_server.core.model import RunState


def test_ground_that_goes_while_a_run_is_queued_refuses_it(scene: Scene) -> None:
    """A run whose prerequisites went away in the queue fails with what to do, unstarted."""
    bench = scene.bench
    run = bench.trigger("contacts")
    bench.switch(rates=True)

    failed = bench.execute(run)

    assert (failed.state, failed.attempt) == (RunState.FAILED, 0)
    assert failed.error is not None
    assert failed.error.code == "PREREQUISITE_INCOMPLETE"
    assert "Sync Module rates first." in failed.error.message
    assert "Complete Step mapping" in failed.error.message
    assert scene.work.seen == []


def test_mapping_reopened_while_a_run_waits_refuses_it(scene: Scene) -> None:
    """The ground is checked at each start, also of a run that was parked."""
    bench = scene.bench
    bench.switch(rates=True)
    bench.complete("rates")
    scene.work.then(raising(RetryLater("Busy.", after=timedelta(seconds=10))))
    run = bench.execute(bench.trigger("contacts"))
    bench.open_mappings = 1
    bench.clock.advance(seconds=10)

    failed = bench.execute(run)

    assert failed.state is RunState.FAILED
    assert failed.error is not None
    assert "Map 1 open tax rate." in failed.error.message


def test_run_of_a_plugin_that_is_gone_fails(scene: Scene) -> None:
    """After a restart without its module or its provider a run fails instead of haunting."""
    bench = scene.bench
    for catalogue in (installed(module("rates")), installed()):
        run = bench.trigger("contacts")
        later = Bench(bench.database, catalogue, bench.clock)

        failed = later.execute(run)

        assert failed.state is RunState.FAILED
        assert failed.error is not None
        assert failed.error.code == "RESOURCE_NOT_FOUND"
        bench.clock.advance(seconds=60)
