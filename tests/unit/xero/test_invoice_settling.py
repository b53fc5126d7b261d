from datetime import timedelta

import httpx
import pytest

from syncline_sdk import AccessLost, RetryLater, RunStopped
from syncline_sdk.testing import AttemptState, FakeOutbox, FakeRunContext, Script, Step
from xero_answers import created, invoice, listed, module, outgoing, run_context

NOTHING = listed("Invoices", [])
ENOUGH = timedelta(seconds=75)


def died(*steps: Step, found: float | None = None) -> FakeRunContext:
    """Return a context whose earlier execution died while it sent OV-1.

    :param found: how many seconds ago an execution in between found that out, which died as well.
    """
    ctx = run_context("invoice_push", Script(*steps))
    since = None if found is None else ctx.now() - timedelta(seconds=found)
    ctx.outbox.attempts = FakeOutbox.after_a_crash([outgoing(sent_time=since)]).attempts
    return ctx


def waits(ctx: FakeRunContext) -> timedelta | None:
    """Run the push, which finds out nothing; return for how long it parks."""
    with pytest.raises(RetryLater) as caught:
        module("invoice_push").run(ctx)
    assert ctx.outbox.of("OV-1").state is AttemptState.UNCERTAIN
    return caught.value.after


def test_what_may_have_left_at_the_end_may_still_arrive() -> None:
    """Not to find it is no proof at first, however long ago it was announced: its call waited."""
    assert waits(died(NOTHING)) == ENOUGH


def test_what_is_waited_for_is_sent_when_the_wait_is_over() -> None:
    """The wait is not begun anew by who takes the run up: one crash costs one wait."""
    script = Script(NOTHING, NOTHING, NOTHING, listed("Invoices", [created()]))
    first = run_context("invoice_push", script)
    first.outbox.attempts = FakeOutbox.after_a_crash([outgoing()]).attempts
    assert waits(first) == ENOUGH

    early = first.taken_up_again(after=timedelta(seconds=74))
    assert waits(early) == timedelta(seconds=1)
    module("invoice_push").run(early.taken_up_again(after=timedelta(seconds=1)))

    assert [request.method for request in script.requests] == ["GET", "GET", "GET", "PUT"]
    states = [attempt.state for attempt in first.outbox.attempts.values()]
    assert states == [AttemptState.ABSENT, AttemptState.LINKED]


def test_who_dies_over_settling_leaves_the_rest_of_the_wait() -> None:
    """The next one waits for what is left of it, no shorter and no longer."""
    assert waits(died(NOTHING, found=20)) == timedelta(seconds=55)


def test_a_clock_that_was_put_back_makes_no_wait_longer() -> None:
    """What seems to be of tomorrow is waited for as long as anything is."""
    assert waits(died(NOTHING, found=-86_400)) == ENOUGH


def test_what_arrived_meanwhile_is_linked_at_once() -> None:
    """Who is found has its verdict, however short ago it was sent."""
    ctx = died(listed("Invoices", [invoice()]))

    module("invoice_push").run(ctx)

    assert ctx.outbox.of("OV-1").state is AttemptState.LINKED


def test_what_did_not_arrive_in_its_time_was_never_created() -> None:
    """It goes out again under a new attempt."""
    ctx = died(NOTHING, listed("Invoices", [created()]), found=75)

    module("invoice_push").run(ctx)

    states = [attempt.state for attempt in ctx.outbox.attempts.values()]
    assert states == [AttemptState.ABSENT, AttemptState.LINKED]


@pytest.mark.parametrize("error", [RetryLater("Busy."), AccessLost("Gone."), RunStopped()])
def test_a_call_that_never_left_leaves_nothing_to_find_out(error: Exception) -> None:
    """The host could not let it go: the next execution sends it without reading anything."""

    def held_back(_request: httpx.Request) -> httpx.Response:
        raise error

    script = Script(held_back, listed("Invoices", [created()]))
    ctx = run_context("invoice_push", script)
    ctx.outbox.eligible = [outgoing()]

    with pytest.raises(type(error)):
        module("invoice_push").run(ctx)
    assert ctx.outbox.unresolved() == []
    module("invoice_push").run(ctx.taken_up_again())

    assert [request.method for request in script.requests] == ["PUT", "PUT"]
    assert ctx.outbox.of("OV-1").state is AttemptState.LINKED
