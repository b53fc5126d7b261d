from datetime import timedelta

import httpx
import pytest

from syncline_sdk import AccessLost, RetryLater, RunStopped
from syncline_sdk.testing import AttemptState, FakeOutbox, FakeRunContext, Script, Step
from xero_answers import created, invoice, listed, module, outgoing, run_context

NOTHING = listed("Invoices", [])


def died(*steps: Step, seconds_ago: float) -> FakeRunContext:
    """Return a context whose earlier execution died so long ago while it sent OV-1."""
    ctx = run_context("invoice_push", Script(*steps))
    left = outgoing(sent_time=ctx.now() - timedelta(seconds=seconds_ago))
    ctx.outbox.attempts = FakeOutbox.after_a_crash([left]).attempts
    return ctx


def test_what_was_sent_a_moment_ago_may_still_arrive() -> None:
    """Not to find it is no proof before its call has ended: the run waits for what is left."""
    ctx = died(NOTHING, seconds_ago=20)

    with pytest.raises(RetryLater) as caught:
        module("invoice_push").run(ctx)

    assert caught.value.after == timedelta(seconds=40)
    assert ctx.outbox.of("OV-1").state is AttemptState.SENT


def test_what_arrived_meanwhile_is_linked_at_once() -> None:
    """Who is found has its verdict, however short ago it was sent."""
    ctx = died(listed("Invoices", [invoice()]), seconds_ago=0)

    module("invoice_push").run(ctx)

    assert ctx.outbox.of("OV-1").state is AttemptState.LINKED


def test_what_did_not_arrive_in_a_minute_was_never_created() -> None:
    """It goes out again under a new attempt."""
    ctx = died(NOTHING, listed("Invoices", [created()]), seconds_ago=60)

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
