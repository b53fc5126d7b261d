"""Whether a run reads everything, and what it leaves behind when it is not to be believed."""

from datetime import timedelta

import pytest

from scene import Scene, store
from syncline_sdk import Issue, RecordKind, RunContext, RunFailed
from syncline_server.core.model import Run, RunState
from syncline_server.services.plans import Patience
from syncline_server.services.syncs import TriggerRequest
from syncline_server.storage import run_pages, runs

HOUR = timedelta(hours=1)


def reading(ctx: RunContext) -> None:
    """Read everything there is."""
    ctx.advance_watermark(ctx.now())


def collapsing(scene: Scene, ctx: RunContext) -> None:
    """Find most of what is known gone."""
    runs.collapse(scene.bench.database, ctx.run.id)
    ctx.issue(
        Issue(
            code="BOOKS_LIST_COLLAPSED",
            message="Gone.",
            action="Look.",
            kind=RecordKind.CONTACT,
            record_id="",
            record_name="",
        )
    )
    ctx.advance_watermark(ctx.now())


def run(scene: Scene, **wishes: bool) -> Run:
    """Trigger contacts with these wishes and execute it."""
    request = TriggerRequest(
        scope=scene.bench.scope("contacts"), options={}, caller="tester", **wishes
    )
    ended = scene.bench.execute(scene.bench.syncs.trigger(request))
    scene.bench.clock.advance(seconds=HOUR.total_seconds())
    return ended


@pytest.fixture(autouse=True)
def ready(scene: Scene) -> None:
    """Contacts have been read once."""
    scene.work.then(reading)
    assert run(scene).read_since is None


def test_run_reads_changes_until_the_last_full_read_is_old(scene: Scene) -> None:
    """A day by default, counted from when that one began."""
    first = scene.bench.state("contacts")
    assert first.full_read_time is not None
    scene.work.then(reading, reading)

    assert run(scene).read_since == first.watermark
    scene.bench.clock.advance(seconds=23 * 3600)
    assert scene.bench.node("contacts").next_full_read
    assert run(scene).read_since is None
    assert not scene.bench.node("contacts").next_full_read


def test_run_reads_everything_when_somebody_wants_it(scene: Scene) -> None:
    """Once; the next one reads changes again."""
    scene.work.then(reading, reading)

    assert run(scene, full_read=True).read_since is None
    assert run(scene).read_since is not None


def test_plan_reads_everything_when_somebody_wants_it(scene: Scene) -> None:
    """As the run would."""
    request = TriggerRequest(
        scope=scene.bench.scope("contacts"),
        options={},
        caller="tester",
        full_read=True,
        validate_only=True,
    )
    wanted = scene.bench.syncs.trigger(request)
    patience = Patience(left=HOUR, is_awaited=lambda: True)

    assert scene.bench.planner.plan(wanted, patience).read_since is None
    assert scene.bench.plan("contacts").read_since is not None


def test_full_read_of_a_run_about_something_else_stays_asked_for(scene: Scene) -> None:
    """A run with options that leaves the watermark alone has not read everything."""
    before = scene.bench.state("contacts")
    scene.bench.clock.advance(seconds=25 * 3600)

    ended = scene.bench.execute(scene.bench.trigger("contacts", options={"depth": 2}))

    assert ended.state is RunState.SUCCEEDED
    assert scene.bench.state("contacts").full_read_time == before.full_read_time
    assert scene.bench.node("contacts").next_full_read


def test_failed_full_read_is_none(scene: Scene) -> None:
    """The next one reads everything still, and the watermark stays."""
    before = scene.bench.state("contacts")
    scene.bench.clock.advance(seconds=25 * 3600)

    def failing(ctx: RunContext) -> None:
        reading(ctx)
        raise RunFailed("NO", "No.")

    scene.work.then(failing)
    assert run(scene).state is RunState.FAILED

    assert scene.bench.state("contacts") == before
    assert scene.bench.node("contacts").next_full_read


def test_collapsed_run_is_partial_and_achieves_nothing(scene: Scene) -> None:
    """Complete as before, watermark as before; the next run reads everything and settles it."""
    before = scene.bench.state("contacts")
    scene.work.then(lambda ctx: collapsing(scene, ctx))

    ended = run(scene, full_read=True)

    assert (ended.state, ended.collapsed, ended.issue_count) == (RunState.PARTIAL, True, 1)
    after = scene.bench.state("contacts")
    assert (after.complete_time, after.watermark, after.full_read_time) == (
        before.complete_time,
        before.watermark,
        before.full_read_time,
    )
    assert scene.bench.node("contacts").complete
    assert scene.bench.node("contacts").next_full_read

    scene.work.then(reading)
    assert run(scene).read_since is None
    assert scene.bench.run(ended.id).open_issue_count == 0
    assert not scene.bench.node("contacts").next_full_read


def test_module_that_never_was_complete_is_not_made_so_by_a_collapse(scene: Scene) -> None:
    """For another organisation everything begins anew."""
    scene.bench.connect("another")
    scene.work.then(lambda ctx: collapsing(scene, ctx))

    assert run(scene).state is RunState.PARTIAL
    assert not scene.bench.node("contacts").complete


def test_pages_are_forgotten_with_their_run(scene: Scene) -> None:
    """What a run has seen is kept for its own end only."""

    def act(ctx: RunContext) -> None:
        store(ctx, "a")
        run_pages.add(scene.bench.database, ctx.run.id, ["a"])

    scene.work.then(act)
    ended = run(scene, full_read=True)

    assert run_pages.read(scene.bench.database, ended.id) == set()
