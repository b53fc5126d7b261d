from collections.abc import Callable
from datetime import timedelta

import pytest

from bench import Bench
from scripted_modules import Scripted, installed, module, step
from syncline_sdk import (
    AccessLost,
    Contact,
    Issue,
    Option,
    OptionKind,
    RecordKind,
    RetryLater,
    RunContext,
    RunFailed,
    RunStopped,
    Setting,
)
from syncline_server.core.errors import Blocker, Reason, ResourceExhausted, Unavailable
from syncline_server.core.model import ConnectionState, RunError, RunState
from syncline_server.core.notices import ConnectionChanged, RunChanged
from syncline_server.services.settings import SettingsChange
from syncline_server.storage import runs
from syncline_server.storage.database import Database

DEPTH = Option(name="depth", title="Depth", kind=OptionKind.INTEGER, default=1)
PHONE = Setting(
    name="phone",
    title="Phone",
    kind=OptionKind.TEXT,
    default="WORK",
    full_read_on_change=True,
)
BAD = Issue(
    code="NO_NAME",
    message="It has no name.",
    action="Name it.",
    kind=RecordKind.CONTACT,
    record_id="c1",
    record_name="",
)
SECRET = "planted-token-in-an-exception"


class Scene:
    """A connected workspace whose contacts module is played by the test, behind rates."""

    def __init__(self, database: Database) -> None:
        self.work = Scripted()
        contacts = module(
            "contacts", after=["mapping"], run=self.work, options=[DEPTH], settings=[PHONE]
        )
        self.bench = Bench(
            database, installed(module("rates"), step("mapping", requires=["rates"]), contacts)
        )
        self.bench.connect()
        self.bench.switch(contacts=True)


@pytest.fixture
def scene(database: Database) -> Scene:
    """A scene on an empty database."""
    return Scene(database)


def store(ctx: RunContext, *names: str) -> None:
    """Store one page, with its last name as the cursor."""
    records = [Contact(id=name, name=name) for name in names]
    ctx.contacts.store(records, cursor=names[-1])


def raising(error: BaseException) -> Callable[[RunContext], None]:
    """Return an act that stores one page and raises."""

    def act(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        ctx.advance_watermark(ctx.now())
        raise error

    return act


def test_success_completes_the_module_and_moves_its_watermark(scene: Scene) -> None:
    """A run that went through leaves its counts, its watermark and a complete module."""
    bench, until = scene.bench, scene.bench.clock() - timedelta(minutes=5)

    def pull(ctx: RunContext) -> None:
        assert (ctx.watermark, ctx.cursor) == (None, None)
        ctx.progress(total=3)
        store(ctx, "a", "b")
        store(ctx, "c")
        ctx.advance_watermark(until)

    scene.work.then(pull)
    run = bench.execute(bench.trigger("contacts"))

    assert (run.state, run.attempt, run.error) == (RunState.SUCCEEDED, 1, None)
    assert (run.counts.total, run.counts.fetched, run.counts.created) == (3, 3, 3)
    assert run.start_time == run.end_time == bench.clock()
    assert bench.state("contacts").complete_time == bench.clock()
    assert bench.state("contacts").watermark == until
    assert bench.notices[-2:] == [
        RunChanged(bench.connection, run.id),
        ConnectionChanged(bench.connection),
    ]


def test_next_run_reads_from_the_watermark(scene: Scene) -> None:
    """The second run is given what the first left behind."""
    bench, until = scene.bench, scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))
    bench.complete("contacts")

    bench.complete("contacts")

    assert [ctx.watermark for ctx in scene.work.seen] == [None, until]


def test_run_without_a_watermark_keeps_the_old_one(scene: Scene) -> None:
    """A module that says nothing about how far it read leaves the watermark where it is."""
    until = scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))

    scene.bench.complete("contacts")
    scene.bench.complete("contacts")

    assert scene.bench.state("contacts").watermark == until


def test_module_sees_declared_settings_and_options_with_defaults(scene: Scene) -> None:
    """A module is given a value for all it declares, and who asked for the run."""
    bench = scene.bench
    bench.settings.update(bench.connection, SettingsChange(options={"phone": "HOME"}))
    bench.execute(bench.trigger("contacts"))
    bench.clock.advance(seconds=60)
    bench.execute(bench.trigger("contacts", options={"depth": 3}))

    first, second = scene.work.seen
    assert (first.settings, first.options) == ({"phone": "HOME"}, {"depth": 1})
    assert second.options == {"depth": 3}
    assert (second.run.module, second.run.organisation_id, second.run.attempt) == (
        "contacts",
        "kauri",
        1,
    )
    assert second.now() == bench.clock()
    assert not hasattr(second, "database")


def test_issues_make_a_run_partial(scene: Scene) -> None:
    """A run with issues is PARTIAL: its module is complete and its watermark moves all the same."""

    def pull(ctx: RunContext) -> None:
        ctx.issue(BAD)
        store(ctx, "a")
        ctx.advance_watermark(ctx.now())

    scene.work.then(pull)
    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert (run.state, run.issue_count, run.counts.failed) == (RunState.PARTIAL, 1, 1)
    assert scene.bench.state("contacts").complete_time is not None
    assert scene.bench.state("contacts").watermark == scene.bench.clock()


@pytest.mark.parametrize(
    ("error", "pause", "reason"),
    [
        (RetryLater("The day's limit.", after=timedelta(hours=3)), timedelta(hours=3), "The day's"),
        (RetryLater("Busy."), timedelta(seconds=30), "Busy."),
        (RetryLater("For ever.", after=timedelta.max), timedelta(days=1), "For ever."),
        (
            Unavailable(Reason.PROVIDER_UNAVAILABLE, "Down.", timedelta(minutes=2)),
            timedelta(minutes=2),
            "Down.",
        ),
        (Unavailable(Reason.DATABASE_UNAVAILABLE, "Away."), timedelta(seconds=30), "Away."),
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


def test_lost_access_ends_the_run_and_marks_the_connection(scene: Scene) -> None:
    """When the provider says that access is gone, the connection says so too."""
    scene.work.then(raising(AccessLost("Kauri was disconnected in Books.")))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error == RunError(
        code="RECONNECT_REQUIRED",
        message="Kauri was disconnected in Books.",
        action="Connect again with StartConnection.",
        blockers=(
            Blocker(
                reason=Reason.RECONNECT_REQUIRED,
                subject="workspaces/acme/connections/books",
                title="books",
                description="Connect again with StartConnection.",
            ),
        ),
    )
    assert scene.bench.lost == ["Kauri was disconnected in Books."]
    assert scene.bench.row.state is ConnectionState.RECONNECT_REQUIRED
    assert scene.bench.state("contacts").complete_time is None


def test_failure_is_told_in_the_modules_words(scene: Scene) -> None:
    """A module that gives up says why; the watermark stays, and so does what was stored."""
    scene.work.then(raising(RunFailed("NO_PLAN", "The plan lacks items.", action="Upgrade.")))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error == RunError(code="NO_PLAN", message="The plan lacks items.", action="Upgrade.")
    assert run.counts.fetched == 2
    assert scene.bench.state("contacts").watermark is None


@pytest.mark.parametrize("error", [ValueError(SECRET), RecursionError(SECRET), KeyError(SECRET)])
def test_crash_tells_nothing_of_the_exception(scene: Scene, error: Exception) -> None:
    """A module that breaks fails its run with a fixed sentence; its text is in no row."""
    scene.work.then(raising(error))

    run = scene.bench.execute(scene.bench.trigger("contacts"))

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.code == "MODULE_CRASHED"
    assert SECRET not in repr(scene.bench.everything())
    assert scene.bench.state("contacts").watermark is None


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


def test_ground_that_goes_while_a_run_is_queued_refuses_it(scene: Scene) -> None:
    """A run whose prerequisites went away in the queue fails with what to do, unstarted."""
    bench = scene.bench
    run = bench.trigger("contacts")
    bench.switch(rates=True)

    failed = bench.execute(run)

    assert (failed.state, failed.attempt) == (RunState.FAILED, 0)
    assert failed.error is not None
    assert failed.error.code == "PREREQUISITE_INCOMPLETE"
    assert "Run Module rates once" in failed.error.message
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
    assert "1 left to map" in failed.error.message


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


def test_cancelled_run_of_a_stopping_process_is_not_queued(scene: Scene) -> None:
    """A cancel wins over the end of the process."""
    bench = scene.bench

    def pull(ctx: RunContext) -> None:
        bench.runs.cancel("acme", ctx.run.id)
        store(ctx, "a")

    scene.work.then(pull)

    run = bench.execute(bench.trigger("contacts"), lambda: True)

    assert run.state is RunState.CANCELLED


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


def test_unknown_and_ended_runs_are_left_alone(scene: Scene) -> None:
    """Executing what is not there, or has ended, does nothing."""
    bench = scene.bench
    ended = bench.execute(bench.trigger("contacts"))

    assert bench.execution.execute("nowhere", lambda: False) is None
    assert bench.execute(ended) == ended
    assert len(scene.work.seen) == 1
