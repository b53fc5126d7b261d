import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from bench import Bench
from dumps import dump
from scene import BAD, Scene, raising, store
from scripted_modules import installed, module
from syncline_sdk import AccessLost, Contact, RetryLater, RunContext, RunFailed, RunStopped
from syncline_server.core.errors import (
    FailedPrecondition,
    Reason,
    Refusal,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.core.model import ConnectionState
from syncline_server.core.plan import PlanOutcome
from syncline_server.engine.planning import AT_ONCE
from syncline_server.storage.database import Database


def page(request: httpx.Request) -> httpx.Response:
    """Answer any call with two names that nobody had before."""
    number = request.url.params.get("page", "0")
    return httpx.Response(200, json=[f"n{number}-1", f"n{number}-2"])


def paged(pages: int, total: int = 0) -> Callable[[RunContext], None]:
    """Return an act that reads and stores pages of two."""

    def act(ctx: RunContext) -> None:
        if total:
            ctx.progress(total=total)
        for number in range(pages):
            names = ctx.http.get("contacts", params={"page": str(number)}).json()
            store(ctx, *names)
        ctx.advance_watermark(ctx.now())

    return act


def refused(scene: Scene) -> Refusal:
    """Return how a plan is refused."""
    with pytest.raises(Refusal) as caught:
        scene.bench.plan("contacts")
    return caught.value


def test_plan_is_made_by_the_module_itself(scene: Scene) -> None:
    """A stranger's module plans as it runs: what it stores is counted, and its calls are."""
    scene.bench.answer = page
    scene.work.then(paged(3, total=6))

    plan = scene.bench.plan("contacts")

    assert (plan.complete, plan.calls, plan.total) == (True, 3, 6)
    assert plan.counts[PlanOutcome.CREATE] == 6
    assert plan.read_since is None


def test_calls_of_a_plan_go_first(scene: Scene) -> None:
    """Somebody waits for them."""
    scene.bench.plan("contacts")

    assert scene.bench.opened == [(scene.bench.row.generation, True)]


def test_plan_then_run_agree(database: Database) -> None:
    """The run that follows makes as many calls as was told."""
    scene = Scene(database)
    calls: list[str] = []

    def counted(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return page(request)

    scene.bench.answer = counted
    scene.work.then(paged(4), paged(4))

    told = scene.bench.plan("contacts").calls
    calls.clear()
    scene.bench.execute(scene.bench.trigger("contacts"))

    assert told == len(calls) == 4


def test_plan_writes_nothing(scene: Scene) -> None:
    """No run, no issue, no cooldown, no watermark, nothing: every table is as it was before."""
    scene.bench.answer = page
    scene.work.then(paged(1))
    scene.bench.complete("contacts")
    before, notices = dump(scene.bench.database), len(scene.bench.notices)

    def everything(ctx: RunContext) -> None:
        paged(2, total=4)(ctx)
        ctx.issue(BAD)

    scene.work.then(everything)
    plan = scene.bench.plan("contacts")

    assert plan.counts[PlanOutcome.FAIL] == 1
    assert dump(scene.bench.database) == before
    assert len(scene.bench.notices) == notices
    assert scene.bench.trigger("contacts").id


def test_module_sees_what_its_run_would_see(scene: Scene) -> None:
    """Settings, options, watermark and attempt are those of the run's first execution."""
    until = scene.bench.clock()
    scene.work.then(lambda ctx: ctx.advance_watermark(until))
    scene.bench.complete("contacts")

    plan = scene.bench.plan("contacts", options={"depth": 3})
    scene.bench.execute(scene.bench.trigger("contacts", options={"depth": 3}))

    planned, ran = scene.work.seen[1:]
    assert plan.read_since == planned.watermark == ran.watermark == until
    assert planned.options == ran.options == {"depth": 3}
    assert planned.settings == ran.settings
    assert planned.run.id
    assert (planned.run.attempt, planned.cursor) == (ran.run.attempt, None)
    assert planned.now() == ran.now()


def test_full_read_that_was_asked_for_is_planned(scene: Scene) -> None:
    """A changed setting that makes the next run read everything makes its plan do so."""
    scene.work.then(lambda ctx: ctx.advance_watermark(ctx.now()))
    scene.bench.complete("contacts")
    scene.bench.database.execute("UPDATE module_states SET full_read_asked_time = 1")

    assert scene.bench.plan("contacts").read_since is None


def test_what_time_does_not_suffice_for_is_estimated(scene: Scene) -> None:
    """A plan whose time runs out tells what was read and what all of it would cost."""

    def slow(request: httpx.Request) -> httpx.Response:
        scene.bench.clock.advance(seconds=4)
        return page(request)

    scene.bench.answer = slow
    scene.work.then(paged(500, total=1000))

    plan = scene.bench.plan("contacts", left=timedelta(seconds=10))

    assert (plan.complete, plan.calls, plan.total) == (False, 500, 1000)
    assert plan.counts[PlanOutcome.CREATE] == 6


def test_no_call_outlasts_the_time_there_is(scene: Scene) -> None:
    """Each call may take what is left, and no more."""
    seen = []

    def slow(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"]["read"])
        scene.bench.clock.advance(seconds=3)
        return page(request)

    scene.bench.answer = slow
    scene.work.then(paged(2))

    scene.bench.plan("contacts", left=timedelta(seconds=4))

    assert seen == [4, 1]


@pytest.mark.parametrize("error", [RetryLater("Closed."), httpx.ReadTimeout("late")])
def test_call_that_the_end_cut_off_is_no_error(scene: Scene, error: Exception) -> None:
    """What fails because time is over leaves the plan so far."""

    def cut(ctx: RunContext) -> None:
        store(ctx, "a", "b")
        scene.bench.clock.advance(seconds=90)
        raise error

    scene.work.then(cut)

    plan = scene.bench.plan("contacts")

    assert (plan.complete, plan.counts[PlanOutcome.CREATE]) == (False, 2)


def test_module_that_ends_when_it_is_told_to_has_not_read_everything(scene: Scene) -> None:
    """A module may ask whether to stop and return; that is no complete plan."""

    def obedient(ctx: RunContext) -> None:
        store(ctx, "a")
        scene.bench.clock.advance(seconds=90)
        if not ctx.should_stop():
            store(ctx, "b")

    scene.work.then(obedient)

    assert not scene.bench.plan("contacts").complete


def test_plan_that_nobody_waits_for_ends(scene: Scene) -> None:
    """Who leaves frees the thread at the next page."""
    here = [True]

    def act(ctx: RunContext) -> None:
        store(ctx, "a")
        here.clear()
        store(ctx, "b")

    scene.work.then(act)

    plan = scene.bench.plan("contacts", is_awaited=lambda: bool(here))

    assert (plan.complete, plan.counts[PlanOutcome.CREATE]) == (False, 1)


def test_provider_that_cannot_answer_is_unavailable(scene: Scene) -> None:
    """What would park a run tells the caller when to come back."""
    scene.work.then(raising(RetryLater("Closed for an hour.", after=timedelta(hours=1))))

    found = refused(scene)

    assert isinstance(found, Unavailable)
    assert (found.reason, found.message) == (Reason.PROVIDER_UNAVAILABLE, "Closed for an hour.")
    assert found.retry_after == timedelta(hours=1)


def test_broken_line_is_unavailable(scene: Scene) -> None:
    """A module that lets a broken connection pass is not blamed for it."""
    scene.work.then(raising(httpx.ConnectError("refused")))

    assert refused(scene).reason is Reason.PROVIDER_UNAVAILABLE


def test_provider_that_refuses_is_a_precondition(scene: Scene) -> None:
    """What would fail a run is told with what to do about it."""
    scene.work.then(raising(RunFailed("BOOKS_ODD", "The books are odd.", action="Even them.")))

    found = refused(scene)

    assert isinstance(found, FailedPrecondition)
    assert found.reason is Reason.PROVIDER_REFUSED
    assert found.blockers[0].subject == "BOOKS_ODD"
    assert found.blockers[0].description == "The books are odd. Even them."


def test_access_lost_in_a_plan_marks_the_connection(scene: Scene) -> None:
    """The provider's word counts, whoever heard it."""
    scene.work.then(raising(AccessLost("Disconnected over there.")))

    found = refused(scene)

    assert found.reason is Reason.RECONNECT_REQUIRED
    assert scene.bench.row.state is ConnectionState.RECONNECT_REQUIRED


@pytest.mark.parametrize("error", [RunStopped(), RunFailed("ODD", "Odd.")])
def test_ground_that_changed_meanwhile_is_told(scene: Scene, error: Exception) -> None:
    """A sync turned off while it is planned is refused as the run would be."""

    def act(_ctx: RunContext) -> None:
        scene.bench.switch(contacts=False)
        raise error

    scene.work.then(act)

    assert refused(scene).reason is Reason.MODULE_OFF


def test_other_organisation_meanwhile_ends_the_plan(scene: Scene) -> None:
    """What was read of one organisation is not told of another."""

    def act(_ctx: RunContext) -> None:
        scene.bench.connect("rata")
        raise RunStopped

    scene.work.then(act)

    assert refused(scene).reason is Reason.NOT_CONNECTED


def test_crash_of_a_module_stays_one(scene: Scene) -> None:
    """What is nobody's refusal is a bug, and goes to the log."""
    scene.work.then(raising(ValueError("odd")))

    with pytest.raises(ValueError, match="odd"):
        scene.bench.plan("contacts")


@pytest.mark.parametrize("swallows", [True, False])
def test_module_that_writes_cannot_be_planned(scene: Scene, *, swallows: bool) -> None:
    """Nothing but reads leaves during a plan, whatever the module makes of that."""
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(200)

    def act(ctx: RunContext) -> None:
        ctx.http.get("contacts")
        try:
            ctx.http.post("contacts/seen")
        except Exception:
            if not swallows:
                raise

    scene.bench.answer = answer
    scene.work.then(act)

    found = refused(scene)

    assert found.reason is Reason.NOT_PLANNABLE
    assert sent == ["GET"]


def test_few_plans_are_made_at_once(scene: Scene) -> None:
    """Each holds a thread that answers calls, so one more is told to come back."""
    begun, go_on = threading.Barrier(AT_ONCE + 1), threading.Event()

    def wait(_ctx: RunContext) -> None:
        begun.wait(timeout=30)
        go_on.wait(timeout=30)

    scene.work.then(*[wait] * AT_ONCE)
    threads = [
        threading.Thread(target=scene.bench.plan, args=("contacts",)) for _ in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    begun.wait(timeout=30)

    found = refused(scene)

    assert isinstance(found, ResourceExhausted)
    assert found.reason is Reason.QUOTA
    assert found.retry_after > timedelta()
    go_on.set()
    for thread in threads:
        thread.join()
    assert scene.bench.plan("contacts").complete


def test_failed_plan_gives_its_place_back(scene: Scene) -> None:
    """Plans that end badly do not use up the places."""
    scene.work.then(*[raising(RetryLater("Closed."))] * (AT_ONCE + 1))

    for _ in range(AT_ONCE + 1):
        assert refused(scene).reason is Reason.PROVIDER_UNAVAILABLE


def test_outbox_of_a_plan_is_empty(database: Database) -> None:
    """A module that looks for invoices to send finds none, and cannot speak of any."""
    found = []

    def act(ctx: RunContext) -> None:
        found.extend([*ctx.outbox.unresolved(), *ctx.outbox.prepare(50)])
        ctx.outbox.sent([])
        ctx.outbox.uncertain([])
        with pytest.raises(ValueError, match="attempt a1"):
            ctx.outbox.absent("a1")
        ctx.contacts.store([Contact("c1", "Ann")], cursor="")

    bench = Bench(database, installed(module("contacts", run=act)))
    bench.connect()
    bench.switch(contacts=True)

    assert bench.plan("contacts").counts[PlanOutcome.CREATE] == 1
    assert found == []
