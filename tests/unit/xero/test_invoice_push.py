import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from syncline_sdk import AccessLost, OutgoingInvoice, PluginError, RetryLater, RunFailed, RunStopped
from syncline_sdk.testing import AttemptState, FakeOutbox, FakeRunContext, Script, Step, answer
from xero_answers import created, invoice, listed, module, outgoing, refused, run_context

NOTHING = listed("Invoices", [])
LONG_AGO = datetime(2026, 9, 30, tzinfo=UTC)
ENOUGH = timedelta(seconds=75)
LINKED, REJECTED, UNCERTAIN = AttemptState.LINKED, AttemptState.REJECTED, AttemptState.UNCERTAIN


def context(*steps: Step, send: list[OutgoingInvoice] | None = None) -> FakeRunContext:
    """Return a context that is to send these invoices; OV-1 unless told otherwise."""
    ctx = run_context("invoice_push", Script(*steps))
    ctx.outbox.eligible = [outgoing()] if send is None else send
    return ctx


def push(ctx: FakeRunContext) -> list[httpx.Request]:
    """Run the push; return the requests it made."""
    module("invoice_push").run(ctx)
    return requests(ctx)


def requests(ctx: FakeRunContext) -> list[httpx.Request]:
    """Return the requests the script has seen, all of whose steps must have been played."""
    script = ctx.http._transport
    assert isinstance(script, Script)
    assert script.unplayed == 0
    return script.requests


def failing(ctx: FakeRunContext) -> PluginError:
    """Run the push; return what it raises."""
    with pytest.raises(PluginError) as caught:
        push(ctx)
    return caught.value


def timeout(_request: httpx.Request) -> httpx.Response:
    """Let the call time out."""
    raise httpx.ReadTimeout("slow")


def test_an_invoice_is_created_once_and_linked() -> None:
    """One call creates it, and the link carries what Xero made of it."""
    ctx = context(listed("Invoices", [created()]))

    (request,) = push(ctx)

    attempt = ctx.outbox.of("OV-1")
    assert attempt.history == [AttemptState.SENT, LINKED]
    assert attempt.result is not None
    assert attempt.result.id == "invoice-OV-1"
    assert (request.method, request.url.path) == ("PUT", "/api.xro/2.0/Invoices")
    assert dict(request.url.params) == {"summarizeErrors": "false", "unitdp": "4"}
    assert 0 < len(request.headers["Idempotency-Key"]) <= 128
    assert request.headers["Content-Type"] == "application/json"


def test_m_invoices_take_a_fiftieth_as_many_calls() -> None:
    """Batches hold fifty invoices."""
    invoices = [outgoing(f"OV-{place}") for place in range(120)]

    def create(request: httpx.Request) -> httpx.Response:
        numbers = [i["InvoiceNumber"] for i in json.loads(request.content)["Invoices"]]
        return httpx.Response(200, json={"Invoices": [created(n) for n in reversed(numbers)]})

    ctx = context(create, create, create, send=invoices)

    assert len(push(ctx)) == 3
    assert set(ctx.outbox.states().values()) == {LINKED}


def test_nothing_to_send_costs_no_call() -> None:
    """A push without invoices is over at once."""
    assert push(context(send=[])) == []


def test_a_refused_invoice_does_not_hold_its_neighbours_back() -> None:
    """It is rejected with Xero's words, once reading showed that Xero holds nothing of it."""
    ctx = context(
        listed("Invoices", [refused("OV-2", "Account code '999' is not valid."), created()]),
        NOTHING,
        send=[outgoing(), outgoing("OV-2")],
    )

    push(ctx)

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": REJECTED}
    attempt = ctx.outbox.of("OV-2")
    assert (attempt.code, attempt.message) == (
        "XERO_INVOICE_REJECTED",
        "Account code '999' is not valid.",
    )


@pytest.mark.parametrize(
    ("held", "state", "code"),
    [
        ([invoice()], LINKED, ""),
        ([invoice(Status="DELETED")], LINKED, ""),
        ([invoice(Total=99.0)], REJECTED, "XERO_INVOICE_NUMBER_TAKEN"),
        ([invoice(Status="VOIDED", Total=99.0)], REJECTED, "XERO_INVOICE_REJECTED"),
        ([invoice(Type="ACCPAY")], REJECTED, "XERO_INVOICE_REJECTED"),
        ([], REJECTED, "XERO_INVOICE_REJECTED"),
    ],
    ids=["ours", "ours, deleted", "another's", "another's, voided", "a bill", "nothing"],
)
def test_a_taken_number_is_judged_by_reading_it(
    held: list[object], state: AttemptState, code: str
) -> None:
    """Whose invoice has the number decides, never the wording of the refusal."""
    ctx = context(
        listed("Invoices", [refused("OV-1", "Invoice # must be unique.")]),
        listed("Invoices", held),
    )

    push(ctx)

    attempt = ctx.outbox.of("OV-1")
    assert (attempt.state, attempt.code) == (state, code)


@pytest.mark.parametrize(
    "change",
    [
        {"Contact": {"ContactID": "contact-2"}},
        {"CurrencyCode": "AUD"},
        {"Date": "/Date(1790899200000+0000)/"},
        {"Reference": "Order 8"},
        {"Total": 42.57},
        {"InvoiceNumber": "ov-1"},
        {"Total": "much"},
        {"Status": None},
    ],
)
def test_an_invoice_that_differs_is_not_adopted(change: dict[str, object]) -> None:
    """Number, contact, currency, date, reference and total are the invoice's fingerprint."""
    ctx = context(listed("Invoices", [invoice(**change)]), send=[])
    ctx.outbox.attempts = FakeOutbox.after_a_crash([outgoing()]).attempts

    push(ctx)

    assert ctx.outbox.of("OV-1").code == "XERO_INVOICE_NUMBER_TAKEN"


def test_a_cent_of_rounding_a_line_is_still_ours() -> None:
    """Xero rounds tax by line; the difference is a variance, not another invoice."""
    ctx = context(listed("Invoices", [invoice(Total=42.56)]), send=[])
    ctx.outbox.attempts = FakeOutbox.after_a_crash([outgoing()]).attempts

    push(ctx)

    assert ctx.outbox.of("OV-1").state is LINKED


def test_what_a_dead_run_left_open_is_read_before_anything_is_sent() -> None:
    """Created ones are linked; those proven absent are sent under a new attempt."""
    left = [outgoing(number, sent_time=LONG_AGO) for number in ("OV-1", "OV-2")]
    ctx = context(
        listed("Invoices", [invoice("OV-1")]),
        listed("Invoices", [created("OV-2"), created("OV-3")]),
        send=[outgoing("OV-3")],
    )
    ctx.outbox.attempts = FakeOutbox.after_a_crash(left).attempts

    read, sent = push(ctx)

    assert dict(read.url.params) == {
        "unitdp": "4",
        "Statuses": "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED",
        "InvoiceNumbers": "OV-1,OV-2",
        "page": "1",
        "pageSize": "1000",
    }
    assert sent.method == "PUT"
    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": LINKED, "OV-3": LINKED}


def test_recovery_asks_for_forty_numbers_in_an_address_below_two_thousand() -> None:
    """Xero answers 404 to longer addresses, which would look like absence."""
    numbers = [f"OV-{place}-{'/' * 9}" for place in range(95)]
    left = [outgoing(number, sent_time=LONG_AGO) for number in numbers]
    ctx = context(*[listed("Invoices", [])] * 3, send=[])
    ctx.outbox.attempts = FakeOutbox.after_a_crash(left).attempts
    ctx.stop_at(1 + len(left) + 1)  # the reads and their verdicts, not the sending

    with pytest.raises(RunStopped):
        push(ctx)

    seen = requests(ctx)
    assert all(len(str(request.url)) < 2000 for request in seen)
    assert all(r.url.params["InvoiceNumbers"].count(",") < 40 for r in seen)
    asked = [n for r in seen for n in r.url.params["InvoiceNumbers"].split(",")]
    assert asked == numbers


def test_a_cut_connection_after_the_write_is_settled_in_the_same_run() -> None:
    """The invoice is found by its number and linked, and nothing is sent twice."""
    ctx = context(timeout, listed("Invoices", [invoice()]))

    push(ctx)

    assert ctx.outbox.of("OV-1").history == [AttemptState.SENT, UNCERTAIN, LINKED]


@pytest.mark.parametrize("step", [timeout, answer(502), answer(504)])
def test_an_invoice_that_may_still_arrive_is_not_sent_again(step: Step) -> None:
    """Not to be found right after a cut call proves nothing: the run waits, then reads again."""
    ctx = context(step, NOTHING)

    error = failing(ctx)

    assert isinstance(error, RetryLater)
    assert error.after == ENOUGH
    assert ctx.outbox.of("OV-1").state is UNCERTAIN


def test_taken_up_again_an_absent_invoice_is_sent_anew() -> None:
    """After the pause not to be found is proof, and a new attempt with a new key goes out."""
    ctx = context(timeout, NOTHING)
    failing(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    script.then(NOTHING, listed("Invoices", [created()]))

    push(ctx.taken_up_again(after=ENOUGH))

    assert [a.state for a in ctx.outbox.attempts.values()] == [AttemptState.ABSENT, LINKED]
    keys = [r.headers["Idempotency-Key"] for r in script.requests if r.method == "PUT"]
    assert len(set(keys)) == 2


def test_when_reading_fails_too_the_outcome_stays_uncertain() -> None:
    """Nothing is concluded from a Xero that does not answer."""
    ctx = context(timeout, timeout)

    assert isinstance(failing(ctx), RetryLater)
    assert ctx.outbox.of("OV-1").state is UNCERTAIN


@pytest.mark.parametrize(
    "step",
    [
        answer(500, content=b"oops"),
        answer(503, content=b"The Organisation is offline"),
        answer(content=b'{"Invoices":[{'),
        listed("Invoices", []),
        listed("Invoices", [created("OV-7")]),
    ],
    ids=["500", "503", "cut off", "empty", "another's"],
)
def test_a_finished_call_without_a_verdict_is_read_then_repeated_once(step: Step) -> None:
    """Absence is proof then; a second failure in a row parks the run."""
    ctx = context(step, NOTHING, step, NOTHING)

    assert isinstance(failing(ctx), RetryLater)
    assert UNCERTAIN not in ctx.outbox.states().values()


def test_a_failure_after_saving_is_found_out() -> None:
    """A fault of Xero after it saved the invoice neither loses nor repeats it."""
    ctx = context(answer(500), listed("Invoices", [invoice()]))

    push(ctx)

    assert ctx.outbox.states() == {"OV-1": LINKED}


def test_an_element_left_out_of_the_reply_is_read() -> None:
    """Who is in the reply gets its verdict; who is not is looked up by number."""
    ctx = context(
        listed("Invoices", [created("OV-1")]),
        listed("Invoices", [invoice("OV-2")]),
        send=[outgoing("OV-1"), outgoing("OV-2")],
    )

    _, read = push(ctx)

    assert read.url.params["InvoiceNumbers"] == "OV-2"
    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": LINKED}


def test_a_call_refused_as_a_whole_may_have_saved_some() -> None:
    """The refusal names who failed; reading shows who was saved and who was not."""
    refusal = answer(
        400,
        json={"Type": "ValidationException", "Elements": [refused("OV-2", "No such account.")]},
    )
    ctx = context(
        refusal,
        listed("Invoices", [invoice("OV-1")]),
        listed("Invoices", [created("OV-3")]),
        send=[outgoing("OV-1"), outgoing("OV-2"), outgoing("OV-3")],
    )

    push(ctx)

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": REJECTED, "OV-3": LINKED}
    assert ctx.outbox.of("OV-2").message == "No such account."


def test_a_refusal_that_names_nobody_is_narrowed_down_to_one() -> None:
    """Calls get smaller until the one invoice Xero cannot read stands alone; the rest go."""

    def xero(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"Invoices": []})
        numbers = [i["InvoiceNumber"] for i in json.loads(request.content)["Invoices"]]
        if "OV-2" in numbers:
            body = {"Type": "PostDataInvalidException", "Message": "JSON could not be read."}
            return httpx.Response(400, json=body)
        return httpx.Response(200, json={"Invoices": [created(n) for n in numbers]})

    ctx = context(send=[outgoing(f"OV-{place}") for place in range(5)])
    ctx.http = httpx.Client(transport=httpx.MockTransport(xero), base_url=ctx.http.base_url)

    module("invoice_push").run(ctx)

    assert ctx.outbox.of("OV-2").message == "JSON could not be read."
    states = ctx.outbox.states()
    assert states.pop("OV-2") is REJECTED
    assert set(states.values()) == {LINKED}


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([answer(429, headers={"Retry-After": "30"})], RetryLater),
        ([answer(403), answer(json=[])], AccessLost),
        ([answer(401, json={"Detail": "AuthorizationUnsuccessful"})], RunFailed),
        ([answer(415)], RunFailed),
    ],
)
def test_a_call_that_is_not_let_in_ends_the_run_and_is_read_next_time(
    steps: list[Step], error: type[PluginError]
) -> None:
    """Even then the outcome is settled by reading, by the next run."""
    ctx = context(*steps)

    assert isinstance(failing(ctx), error)
    assert ctx.outbox.of("OV-1").state is UNCERTAIN


def test_an_unreadable_element_without_a_number_leaves_the_outcome_open() -> None:
    """It may be the very invoice that is looked for, so nobody is called absent."""
    ctx = context(answer(json={"Invoices": [{"InvoiceID": 7}]}), send=[])
    ctx.outbox.attempts = FakeOutbox.after_a_crash([outgoing()]).attempts

    assert isinstance(failing(ctx), RetryLater)
    assert ctx.outbox.of("OV-1").state is UNCERTAIN


def test_invoices_that_cannot_be_sent_are_rejected_before_any_call() -> None:
    """Neither their neighbours nor Xero are bothered."""
    ctx = context(
        listed("Invoices", [created("OV-2")]),
        send=[outgoing("A,B"), outgoing("OV-2"), outgoing("OV-3", reference="x" * 300)],
    )

    push(ctx)

    assert ctx.outbox.states() == {"A,B": REJECTED, "OV-2": LINKED, "OV-3": REJECTED}
    assert ctx.outbox.of("OV-3").code == "XERO_INVOICE_FIELD_TOO_LONG"


def test_a_stopped_run_sends_nothing_more() -> None:
    """A run that may not record a sending does not send."""
    ctx = context()
    ctx.stop_at(3)

    with pytest.raises(RunStopped):
        push(ctx)

    assert requests(ctx) == []
