from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from syncline_sdk import (
    Contact,
    Direction,
    HostRefused,
    InvoiceState,
    Issue,
    Item,
    LineAmounts,
    ModuleSpec,
    Option,
    OptionKind,
    OutgoingInvoice,
    RecordKind,
    RunContext,
    RunStopped,
    Setting,
    Toggle,
)
from syncline_sdk.testing import (
    AttemptState,
    FakeOutbox,
    FakeRunContext,
    Script,
    answer,
    census_context,
)


def nothing(_ctx: RunContext) -> None:
    """Do nothing."""


SPEC = ModuleSpec(
    provider="abacus",
    name="people",
    title="People",
    direction=Direction.PULL,
    kind=RecordKind.CONTACT,
    toggle=Toggle(name="people", title="Sync People"),
    cooldown=timedelta(seconds=60),
    run=nothing,
    settings=(Setting(name="field", title="Field", kind=OptionKind.TEXT, default="a"),),
    options=(Option(name="limit", title="Limit", kind=OptionKind.INTEGER, default=3),),
)
ZERO = Decimal(0)
STATE = InvoiceState("i", "N1", "DRAFT", "c", "NZD", ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)


def context(script: Script | None = None) -> FakeRunContext:
    """Return a context for the module."""
    return FakeRunContext.of(SPEC, script or Script())


def outgoing(number: str) -> OutgoingInvoice:
    """Return an invoice to send."""
    return OutgoingInvoice(
        attempt_id=f"attempt-{number}",
        idempotency_key=f"key-{number}",
        number=number,
        contact_id="c",
        currency="NZD",
        invoice_date=date(2026, 10, 1),
        due_date=None,
        line_amounts=LineAmounts.NO_TAX,
        reference="",
        lines=(),
        total=Decimal(0),
    )


def test_the_fake_is_a_run_context() -> None:
    """What a module is given in its tests has everything the host gives it."""
    ctx: RunContext = context()

    assert ctx.run.module == "people"
    assert ctx.now().tzinfo is UTC


def test_settings_and_options_have_their_declared_defaults() -> None:
    """What a test does not give is what the module declares."""
    ctx = FakeRunContext.of(SPEC, Script(), settings={"field": "b"})

    assert (ctx.settings, ctx.options) == ({"field": "b"}, {"limit": 3})


def test_undeclared_settings_are_refused() -> None:
    """A misspelt setting fails the test instead of being ignored."""
    with pytest.raises(AssertionError, match="feild"):
        FakeRunContext.of(SPEC, Script(), settings={"feild": "b"})


def test_a_script_answers_in_order_and_keeps_the_requests() -> None:
    """Each request takes one step."""
    script = Script(answer(json={"a": 1}), answer(503)).then(answer(content=b"x"))
    http = context(script).http

    answers = [http.get("one"), http.get("two"), http.put("three", content=b"y")]

    assert [response.status_code for response in answers] == [200, 503, 200]
    assert [r.url.path for r in script.requests] == ["/api/one", "/api/two", "/api/three"]
    assert script.unplayed == 0


@pytest.mark.parametrize("url", ["https://evil.test/", "http://provider.test/api/"])
def test_a_call_to_an_undeclared_host_fails_as_on_the_server(url: str) -> None:
    """A plugin's author sees it in a test, for a first address and for one redirected to."""
    script = Script(answer(302, headers={"Location": url}))
    http = context(script).http

    with pytest.raises(HostRefused):
        http.get(url)
    with pytest.raises(HostRefused):
        http.get("things", follow_redirects=True)

    assert [request.url.host for request in script.requests] == ["provider.test"]


def test_declared_hosts_are_called_in_tests() -> None:
    """What a provider names beside its API a module can call."""
    script = Script(answer(), answer())

    FakeRunContext.of(SPEC, script, hosts=("files.test",)).http.get("https://files.test/x")
    census_context(SPEC, script, hosts=("files.test",)).http.get("https://files.test/x")

    assert script.unplayed == 0


def test_a_call_too_many_fails_the_test() -> None:
    """A script without steps left answers nothing."""
    with pytest.raises(AssertionError, match="no step for GET"):
        context().http.get("one")


def test_a_step_may_cut_the_line() -> None:
    """Transport errors reach the module as they would from the network."""

    def cut(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(httpx.ConnectError):
        context(Script(cut)).http.get("one")


def test_sinks_keep_what_they_are_given() -> None:
    """Pages with cursors, whole lists, issues, totals and the watermark can be looked at."""
    ctx = context()
    issue = Issue(
        code="BAD", message="m", action="a", kind=RecordKind.CONTACT, record_id="1", record_name="n"
    )

    ctx.contacts.store([Contact("1", "Ann")], cursor="p2")
    ctx.items.replace([Item("1", "A", "a")], unreadable=["2"])
    ctx.linked_invoices.missing(["x"])
    ctx.issue(issue)
    ctx.progress(total=9)
    ctx.advance_watermark(datetime(2026, 10, 1, tzinfo=UTC))

    assert ctx.contacts.pages == [([Contact("1", "Ann")], "p2")]
    assert (ctx.items.records, ctx.items.unreadable) == ([Item("1", "A", "a")], ["2"])
    assert ctx.tax_rates.records == []
    assert ctx.linked_invoices.gone == ["x"]
    assert (ctx.issues, ctx.totals) == ([issue], [9])
    assert ctx.reached == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_naive_watermark_is_refused() -> None:
    """Times without a zone fail the test."""
    with pytest.raises(AssertionError, match="aware"):
        context().advance_watermark(datetime(2026, 10, 1))  # noqa: DTZ001 - the naive one is the point


def test_a_run_can_be_stopped_at_any_context_call() -> None:
    """Sinks, outbox and the context itself count together, and a stopped run stays stopped."""
    ctx = context()
    ctx.stop_at(3)

    ctx.progress(total=1)
    assert not ctx.should_stop()
    ctx.contacts.store([], cursor="")
    assert ctx.should_stop()
    with pytest.raises(RunStopped):
        ctx.outbox.unresolved()
    with pytest.raises(RunStopped):
        list(ctx.linked_invoices.ids())


def test_a_run_taken_up_again_has_its_last_cursor() -> None:
    """The next execution sees what was stored, counts one more attempt and is not stopped."""
    ctx = context()
    ctx.contacts.store([Contact("1", "Ann")], cursor="p2")
    ctx.stop_at(1)

    again = ctx.taken_up_again()
    again.contacts.store([Contact("2", "Bob")], cursor="p3")

    assert (again.cursor, again.run.attempt) == ("p2", 2)
    assert [record.id for record in again.contacts.records] == ["1", "2"]


def test_the_outbox_walks_an_invoice_to_its_link() -> None:
    """Prepared, sent, linked: the order the host keeps."""
    outbox = FakeOutbox([outgoing("N1"), outgoing("N2")])

    batch = outbox.prepare(1)
    outbox.sent(batch)
    outbox.linked("attempt-N1", STATE)

    assert [invoice.number for invoice in batch] == ["N1"]
    assert outbox.of("N1").result == STATE
    assert outbox.of("N1").history == [AttemptState.SENT, AttemptState.LINKED]


def test_the_outbox_refuses_a_verdict_on_what_was_never_sent() -> None:
    """Neither linked, absent nor uncertain makes sense before the call."""
    outbox = FakeOutbox([outgoing("N1")])
    outbox.prepare(1)

    with pytest.raises(AssertionError, match="PENDING"):
        outbox.linked("attempt-N1", STATE)
    with pytest.raises(AssertionError, match="PENDING"):
        outbox.absent("attempt-N1")
    with pytest.raises(AssertionError, match="PENDING"):
        outbox.uncertain(["attempt-N1"])


def test_the_outbox_prepares_nothing_while_an_outcome_is_unknown() -> None:
    """What an earlier run left open comes first."""
    outbox = FakeOutbox.after_a_crash([outgoing("N1")])
    outbox.eligible = [outgoing("N2")]

    assert [invoice.number for invoice in outbox.unresolved()] == ["N1"]
    with pytest.raises(AssertionError, match="unresolved"):
        outbox.prepare(1)
    outbox.rejected("attempt-N1", "NO", "refused")
    assert [invoice.number for invoice in outbox.prepare(1)] == ["N2"]
    assert outbox.of("N1").code == "NO"


def test_an_absent_invoice_is_eligible_again_under_a_new_attempt() -> None:
    """The new attempt has a key of its own."""
    outbox = FakeOutbox.after_a_crash([outgoing("N1")])
    outbox.uncertain(["attempt-N1"])
    outbox.absent("attempt-N1")

    (again,) = outbox.prepare(5)

    assert again.number == "N1"
    assert again.attempt_id != "attempt-N1"
    assert again.idempotency_key != "key-N1"
    assert outbox.states() == {"N1": AttemptState.PENDING}


def test_what_was_prepared_and_never_sent_is_eligible_in_the_next_execution() -> None:
    """A run that stops between preparing and sending loses nothing."""
    ctx = context()
    ctx.outbox.eligible = [outgoing("N1")]
    ctx.outbox.prepare(1)

    again = ctx.taken_up_again()

    assert [invoice.number for invoice in again.outbox.prepare(1)] == ["N1"]


def test_sinks_tell_what_a_full_read_has_not_met() -> None:
    """Known records that were neither stored nor told to be gone."""
    ctx = context()
    ctx.contacts.known = ["a", "b", "c"]
    ctx.contacts.store([Contact(id="a", name="Mia")], cursor="1")
    ctx.contacts.vanished(["b"])
    ctx.linked_invoices.linked = ["i", "j"]
    ctx.linked_invoices.store([STATE._replace(id="j")], cursor="1")

    assert ctx.contacts.unseen() == ["c"]
    assert ctx.contacts.gone == ["b"]
    assert ctx.linked_invoices.unseen() == ["i"]


def test_a_census_is_given_defaults_and_its_sample() -> None:
    """Its client asks the script."""
    script = Script(answer(json={"people": 3}))
    ctx = census_context(SPEC, script, "a", "b")

    assert ctx.http.get("people").json() == {"people": 3}
    assert (ctx.sample, ctx.since) == (("a", "b"), None)
    assert ctx.settings == {option.name: option.default for option in SPEC.settings}
