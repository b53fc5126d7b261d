from datetime import UTC, datetime, timedelta

import httpx
import pytest

from syncline_sdk import AccessLost, PluginError, RetryLater, RunFailed
from syncline_sdk.testing import FakeRunContext, Script, Step, answer
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Element, ListDecoder
from syncline_xero.failures import messages_in
from xero_answers import listed, run_context

ITEMS = ListDecoder(wire.Item, Element(id_key="ItemID", name_key="Name"))
CONNECTED = answer(json=[{"id": "c", "tenantId": "ORGANISATION-1"}])
GONE = answer(json=[{"id": "c", "tenantId": "organisation-2"}])
CUT_OFF = answer(content=b'{"Items":[{"ItemID":')


def problem(status: int, detail: str, *, lower: bool = False) -> Step:
    """Return a step that answers with a problem object."""
    fields = {"Title": "Refused", "Status": status, "Detail": detail}
    return answer(
        status,
        json={key.lower(): value for key, value in fields.items()} if lower else fields,
        headers={"Xero-Correlation-Id": "corr-1"},
    )


def read(*steps: Step, attempt: int = 1) -> FakeRunContext:
    """Read items through the client of a fresh run; return the run's context."""
    ctx = run_context("items", Script(*steps))
    if attempt > 1:
        ctx = ctx.taken_up_again()
        ctx.run = type(ctx.run)(**{**ctx.run.__dict__, "attempt": attempt})
    XeroClient(ctx).read("Items", ITEMS, params={})
    return ctx


def failing(*steps: Step, attempt: int = 1) -> PluginError:
    """Return what reading raises."""
    with pytest.raises(PluginError) as caught:
        read(*steps, attempt=attempt)
    return caught.value


def timeout(_request: httpx.Request) -> httpx.Response:
    """Let the call time out."""
    raise httpx.ReadTimeout("slow")


@pytest.mark.parametrize(
    ("step", "after"),
    [
        (answer(503, content=b"The Organisation is offline"), timedelta(minutes=5)),
        (answer(503, content=b"The Xero API is currently offline for maintenance"), None),
        (answer(503, content=b"The Xero API is temporarily unavailable"), None),
        (answer(500, content=b"oops"), None),
        (answer(429, headers={"Retry-After": "66975"}), timedelta(seconds=66975)),
        (answer(429, headers={"X-Rate-Limit-Problem": "concurrent"}), None),
        (timeout, None),
    ],
)
def test_what_passes_by_itself_parks_the_run(step: Step, after: timedelta | None) -> None:
    """Offline times, faults and limits of Xero are waited for, as long as Xero says."""
    error = failing(step)

    assert isinstance(error, RetryLater)
    assert error.after == after


@pytest.mark.parametrize(
    "step",
    [
        problem(401, "AuthorizationUnsuccessful"),
        problem(401, "AuthorizationUnsuccessful", lower=True),
        answer(401, headers={"WWW-Authenticate": "error=insufficent_scope"}),
        answer(401, headers={"WWW-Authenticate": "error=insufficient_scope"}),
    ],
)
def test_a_missing_permission_is_told_without_asking_further(step: Step) -> None:
    """A scope or role that is missing fails the run and says who can mend it."""
    error = failing(step)

    assert isinstance(error, RunFailed)
    assert error.code == "XERO_PERMISSION_MISSING"
    assert error.action


@pytest.mark.parametrize("status", [401, 403])
def test_access_is_lost_only_when_the_connections_say_so(status: int) -> None:
    """A refused call whose organisation is no longer listed loses the connection."""
    assert isinstance(failing(problem(status, "AuthenticationUnsuccessful"), GONE), AccessLost)


@pytest.mark.parametrize(("status", "code"), [(401, "XERO_UNAUTHORIZED"), (403, "XERO_FORBIDDEN")])
def test_one_refused_call_fails_the_run_and_keeps_the_connection(status: int, code: str) -> None:
    """While the organisation is listed, a refusal is about this call alone."""
    error = failing(problem(status, "AuthenticationUnsuccessful"), CONNECTED)

    assert isinstance(error, RunFailed)
    assert error.code == code
    assert "AuthenticationUnsuccessful" in error.message
    assert "corr-1" in error.message


def test_connections_that_cannot_be_asked_park_the_run() -> None:
    """Nobody is declared disconnected while Xero cannot say."""
    assert isinstance(failing(answer(403), answer(503)), RetryLater)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (
            answer(400, json={"Type": "QueryParseException", "Message": "Syntax error"}),
            "XERO_QUERY_REFUSED",
        ),
        (answer(400, content=b"<html>Bad Request</html>"), "XERO_REQUEST_REFUSED"),
        (answer(404, content=b"The resource you're looking for cannot be found"), "XERO_NOT_FOUND"),
        (answer(412), "XERO_REQUEST_REFUSED"),
        (answer(501, json={"ErrorNumber": 20}), "XERO_REQUEST_REFUSED"),
        (answer(302, headers={"Location": "/login"}), "XERO_REQUEST_REFUSED"),
    ],
)
def test_refusals_that_repeat_for_ever_fail_the_run(step: Step, code: str) -> None:
    """A request Xero will never accept is not repeated."""
    error = failing(step)

    assert isinstance(error, RunFailed)
    assert error.code == code


def test_an_unreadable_answer_is_asked_for_again() -> None:
    """A success whose body was cut off is read anew at once."""
    ctx = read(CUT_OFF, CUT_OFF, listed("Items", []))

    assert ctx.issues == []


def test_answers_that_stay_unreadable_park_the_run_first() -> None:
    """Later executions may find Xero mended."""
    assert isinstance(failing(CUT_OFF, CUT_OFF, CUT_OFF), RetryLater)


def test_answers_that_stay_unreadable_fail_the_run_in_the_end() -> None:
    """A run does not wait for ever for an answer that can be read."""
    error = failing(CUT_OFF, CUT_OFF, CUT_OFF, attempt=5)

    assert isinstance(error, RunFailed)
    assert error.code == "XERO_ANSWER_UNREADABLE"


def test_a_changed_since_read_begins_before_the_watermark() -> None:
    """The window overlaps the last one by five minutes."""
    script = Script(listed("Items", []))
    ctx = run_context("items", script)

    since = datetime(2026, 10, 1, 12, tzinfo=UTC)
    XeroClient(ctx).read("Items", ITEMS, params={}, since=since)

    assert script.requests[0].headers["If-Modified-Since"] == "2026-10-01T11:55:00"


def test_nothing_changed_may_be_said_by_status_alone() -> None:
    """A 304 to a changed-since read is an empty list; to any other read it is a refusal."""
    ctx = run_context("items", Script(answer(304), answer(304)))
    client = XeroClient(ctx)

    answered = client.read("Items", ITEMS, params={}, since=datetime(2026, 10, 1, tzinfo=UTC))

    assert answered.size == 0
    with pytest.raises(RunFailed):
        client.read("Items", ITEMS, params={})


def test_validation_messages_are_found_wherever_they_sit() -> None:
    """Messages on nested objects count, each once, under either name."""
    element = {
        "ValidationErrors": [{"Message": "A"}],
        "Contact": {"ValidationErrors": [{"Description": "B"}], "Phones": [3]},
        "LineItems": [{"ValidationErrors": [{"Message": "A"}, {"Message": ""}, "x"]}],
    }

    assert messages_in(element) == ["A", "B"]
