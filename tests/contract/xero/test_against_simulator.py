"""The plugin's modules against the Xero simulator, through everything but a socket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from simulated_xero import NOON, SimulatedXero
from syncline_sdk import AccessLost, RetryLater, RunFailed
from syncline_sdk.testing import AttemptState, FakeRunContext
from syncline_xero_simulator.faults import FaultKind
from xero_answers import module

LINKED, REJECTED, UNCERTAIN = AttemptState.LINKED, AttemptState.REJECTED, AttemptState.UNCERTAIN


@pytest.fixture
def xero() -> SimulatedXero:
    """Return a simulated Xero with a connected organisation."""
    simulated = SimulatedXero()
    simulated.connect()
    return simulated


def push(xero: SimulatedXero, *numbers: str) -> FakeRunContext:
    """Push invoices with these numbers; return the run's context."""
    ctx = xero.context("invoice_push")
    ctx.outbox.eligible = [xero.outgoing(number) for number in numbers]
    module("invoice_push").run(ctx)
    return ctx


def test_the_consent_shows_which_organisation_was_approved() -> None:
    """The claims of the token and the list of connections fit together."""
    xero = SimulatedXero()
    identity = xero.connect()

    (organisation,) = xero.provider.list_organisations(xero.client(), identity)

    assert organisation.approved_now
    assert (organisation.id, organisation.name) == (xero.tenant, "Harbour Goods Ltd")


def test_a_connection_that_was_given_back_loses_access() -> None:
    """Giving back works twice, and the next run learns that access is gone."""
    xero = SimulatedXero()
    identity = xero.connect()
    (organisation,) = xero.provider.list_organisations(xero.client(), identity)

    xero.provider.disconnect(xero.client(), organisation.connection_id)
    xero.provider.disconnect(xero.client(), organisation.connection_id)
    xero.provider.disconnect(xero.client(), organisation.id)

    with pytest.raises(AccessLost):
        module("contacts").run(xero.context("contacts"))


def test_a_missing_scope_is_told_as_such() -> None:
    """Xero answers 401 to it, yet nobody has to connect again for another reason."""
    xero = SimulatedXero()
    xero.connect(scopes=("openid", "offline_access", "accounting.contacts.read"))

    with pytest.raises(RunFailed) as caught:
        module("tax_rates").run(xero.context("tax_rates"))

    assert caught.value.code == "XERO_PERMISSION_MISSING"


def test_an_organisation_nobody_may_enter_is_forbidden_or_lost(xero: SimulatedXero) -> None:
    """One refused call does not lose a connection that is still listed."""
    xero.order(FaultKind.FORBIDDEN, "/Items")

    with pytest.raises(RunFailed) as caught:
        module("items").run(xero.context("items"))

    assert caught.value.code == "XERO_FORBIDDEN"


def test_every_contact_is_pulled_once_in_pages_of_a_thousand() -> None:
    """All contacts arrive, archived ones inactive, and only changed ones the next time."""
    xero = SimulatedXero(contacts=1500)
    xero.connect()
    ctx = xero.context("contacts")

    module("contacts").run(ctx)

    kept = {contact.contact_id: contact for contact in xero.books.contacts.values()}
    assert len(xero.transport.requests) == 2
    assert kept.keys() == {record.id for record in ctx.contacts.records}
    assert len(ctx.contacts.records) == len(kept) == ctx.totals[0]
    assert all(r.active == (kept[r.id].status == "ACTIVE") for r in ctx.contacts.records)
    assert any(record.phone for record in ctx.contacts.records)
    assert any(record.address for record in ctx.contacts.records)
    assert ctx.issues == []
    assert ctx.reached == NOON


def test_only_contacts_changed_since_the_watermark_are_pulled_again(xero: SimulatedXero) -> None:
    """A later pull reads what was saved after the last one."""
    xero.simulator.parts.clock.advance(1200)
    renamed = xero.outgoing("x").contact_id
    body = {"Contacts": [{"ContactID": renamed, "Name": "Renamed Ltd"}]}
    xero.context("contacts").http.post("Contacts", json=body).raise_for_status()
    ctx = xero.context("contacts")
    ctx.watermark = NOON + timedelta(minutes=10)

    module("contacts").run(ctx)

    assert [(renamed, "Renamed Ltd")] == [(r.id, r.name) for r in ctx.contacts.records]
    assert ctx.reached == NOON + timedelta(minutes=20)


@pytest.mark.parametrize(
    "kind", [FaultKind.TRUNCATED_JSON, FaultKind.MALFORMED_JSON, FaultKind.LYING_PAGINATION]
)
def test_a_spoiled_page_costs_nothing_but_a_call(xero: SimulatedXero, kind: FaultKind) -> None:
    """Cut-off answers are read again, and counts that lie lose no contact."""
    xero.order(kind, "/Contacts")
    ctx = xero.context("contacts")

    module("contacts").run(ctx)

    assert len({r.id for r in ctx.contacts.records}) == len(list(xero.books.contacts.values()))


def test_malformed_records_become_issues(xero: SimulatedXero) -> None:
    """Every contact is broken here, and the run still ends in order."""
    xero.order(FaultKind.PATCH_FIELDS, "/Contacts", fields={"Name": 7})
    ctx = xero.context("contacts")

    module("contacts").run(ctx)

    assert ctx.contacts.records == []
    assert {"XERO_RECORD_UNREADABLE"} == {issue.code for issue in ctx.issues}
    assert all(issue.record_id for issue in ctx.issues)


def test_sold_items_are_pulled_with_their_prices(xero: SimulatedXero) -> None:
    """Everything that is sold arrives in one call, priced as the books price it."""
    ctx = xero.context("items", base_price_sync=True)

    module("items").run(ctx)

    sold = {item.item_id: item.code for item in xero.books.items.values() if item.is_sold}
    assert sold == {record.id: record.code for record in ctx.items.records}
    assert all(isinstance(record.price, Decimal | None) for record in ctx.items.records)
    assert any(record.price for record in ctx.items.records)
    assert ctx.issues == []
    assert len(xero.transport.requests) == 1


def test_all_tax_rates_are_pulled(xero: SimulatedXero) -> None:
    """Rates for sales can be told from those for purchases."""
    ctx = xero.context("tax_rates")

    module("tax_rates").run(ctx)

    rates = {record.tax_type: record for record in ctx.tax_rates.records}
    assert (rates["OUTPUT2"].rate, rates["OUTPUT2"].active) == (Decimal(15), True)
    assert rates["OUTPUT2"].applies_to_sales
    assert not rates["INPUT2"].applies_to_sales
    assert ctx.issues == []


def test_invoices_are_pushed_as_drafts_and_pulled_back(xero: SimulatedXero) -> None:
    """Sixty take two calls; what Xero computed is what was expected, and the pull says the same."""
    numbers = [f"OV-{place:03d}" for place in range(60)]

    pushed = push(xero, *numbers)

    assert len(xero.transport.requests) == 2
    assert set(pushed.outbox.states().values()) == {LINKED}
    assert numbers == xero.numbers()
    made = [pushed.outbox.of(number).result for number in numbers]
    pulled = xero.context("invoice_pull")
    pulled.linked_invoices.linked = [state.id for state in made if state is not None]
    module("invoice_pull").run(pulled)
    assert len(xero.transport.requests) == 4
    assert sorted(pulled.linked_invoices.records) == sorted(filter(None, made))
    first = pulled.linked_invoices.records[0]
    assert (first.status, first.total, first.lines and len(first.lines)) == (
        "DRAFT",
        Decimal("42.55"),
        1,
    )
    assert pulled.reached == NOON


def test_changed_invoices_are_pulled_by_their_window(xero: SimulatedXero) -> None:
    """What a person deleted since the last pull comes back as deleted, the rest not at all."""
    ctx = push(xero, "OV-1", "OV-2")
    state = ctx.outbox.of("OV-1").result
    assert state is not None
    xero.simulator.parts.clock.advance(1200)
    body = {"InvoiceID": state.id, "Status": "DELETED"}
    ctx.http.post(f"Invoices/{state.id}", json=body).raise_for_status()
    pulled = xero.context("invoice_pull")
    pulled.watermark = NOON + timedelta(minutes=10)

    module("invoice_pull").run(pulled)

    assert [(state.id, "DELETED")] == [(s.id, s.status) for s in pulled.linked_invoices.records]
    assert pulled.reached == NOON + timedelta(minutes=20)


def test_an_invoice_xero_does_not_know_is_missing(xero: SimulatedXero) -> None:
    """An id that leads nowhere is reported."""
    ctx = xero.context("invoice_pull", window="ALL_LINKED")
    ctx.linked_invoices.linked = ["0f6d1c1e-8d0b-4a6a-9f0e-3b7b1f8f2a11"]

    module("invoice_pull").run(ctx)

    assert ctx.linked_invoices.gone == ctx.linked_invoices.linked


def test_a_refused_invoice_is_rejected_and_its_neighbours_go(xero: SimulatedXero) -> None:
    """The account that does not exist is named in Xero's words."""
    ctx = xero.context("invoice_push", freight_account_code="9999")
    bad = xero.outgoing("OV-2")
    bad = replace(bad, lines=(bad.lines[0]._replace(freight=True),))
    ctx.outbox.eligible = [xero.outgoing("OV-1"), bad, xero.outgoing("OV-3")]

    module("invoice_push").run(ctx)

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": REJECTED, "OV-3": LINKED}
    assert ctx.outbox.of("OV-2").code == "XERO_INVOICE_REJECTED"
    assert "9999" in ctx.outbox.of("OV-2").message
    assert xero.numbers() == ["OV-1", "OV-3"]


def test_a_number_somebody_else_took_is_rejected(xero: SimulatedXero) -> None:
    """An invoice with our number that is not ours is never adopted, nor made twice."""
    ctx = xero.context("invoice_push")
    ctx.outbox.eligible = [xero.outgoing("OV-1", reference="Another order")]
    module("invoice_push").run(ctx)

    again = push(xero, "OV-1")

    assert again.outbox.of("OV-1").code == "XERO_INVOICE_NUMBER_TAKEN"
    assert xero.numbers() == ["OV-1"]


def test_an_invoice_pushed_twice_is_linked_to_the_one_it_made(xero: SimulatedXero) -> None:
    """Should a link be lost, the same invoice finds its own again."""
    first = push(xero, "OV-1").outbox.of("OV-1").result
    second = push(xero, "OV-1").outbox.of("OV-1").result

    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert xero.numbers() == ["OV-1"]


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_AFTER, FaultKind.TRUNCATED_JSON, FaultKind.MALFORMED_JSON]
)
def test_an_answer_lost_after_the_write_costs_no_second_invoice(
    xero: SimulatedXero, kind: FaultKind
) -> None:
    """What was saved is found by its number and linked in the same run."""
    xero.order(kind, "/Invoices", method="PUT")

    ctx = push(xero, "OV-1", "OV-2")

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": LINKED}
    assert ctx.outbox.of("OV-1").history == [AttemptState.SENT, UNCERTAIN, LINKED]
    assert xero.numbers() == ["OV-1", "OV-2"]


def test_a_call_lost_before_the_write_is_sent_when_absence_is_proven(xero: SimulatedXero) -> None:
    """The run waits once, reads again, and sends each invoice exactly once."""
    xero.order(FaultKind.DROP_BEFORE, "/Invoices", method="PUT")
    ctx = xero.context("invoice_push")
    ctx.outbox.eligible = [xero.outgoing("OV-1"), xero.outgoing("OV-2")]
    with pytest.raises(RetryLater) as later:
        module("invoice_push").run(ctx)
    assert ctx.outbox.states() == {"OV-1": UNCERTAIN, "OV-2": UNCERTAIN}

    module("invoice_push").run(ctx.taken_up_again(after=later.value.after or timedelta()))

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": LINKED}
    assert xero.numbers() == ["OV-1", "OV-2"]


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500, FaultKind.UNAVAILABLE])
def test_a_failed_write_is_repeated_after_reading(xero: SimulatedXero, kind: FaultKind) -> None:
    """A single failure of Xero is overcome inside the run."""
    xero.order(kind, "/Invoices", method="PUT")

    ctx = push(xero, "OV-1")

    assert ctx.outbox.states() == {"OV-1": LINKED}
    assert xero.numbers() == ["OV-1"]


def test_a_push_that_died_mid_call_is_settled_by_the_next(xero: SimulatedXero) -> None:
    """What was left as sent is read first: created ones are linked, others sent when it is sure."""
    push(xero, "OV-1")
    ctx = xero.context("invoice_push")
    left = [xero.outgoing("OV-1"), xero.outgoing("OV-2")]
    ctx.outbox.attempts = type(ctx.outbox).after_a_crash(left).attempts
    with pytest.raises(RetryLater) as later:
        module("invoice_push").run(ctx)
    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": UNCERTAIN}

    module("invoice_push").run(ctx.taken_up_again(after=later.value.after or timedelta()))

    assert ctx.outbox.states() == {"OV-1": LINKED, "OV-2": LINKED}
    assert xero.numbers() == ["OV-1", "OV-2"]


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        (FaultKind.ORGANISATION_OFFLINE, timedelta(minutes=5)),
        (FaultKind.MAINTENANCE, None),
        (FaultKind.LIMIT_DAY, timedelta(seconds=66_975)),
        (FaultKind.LIMIT_CONCURRENT, None),
    ],
)
def test_what_passes_by_itself_parks_the_run(
    xero: SimulatedXero, kind: FaultKind, after: timedelta | None
) -> None:
    """Offline times and limits end in a pause as long as Xero asks for."""
    xero.order(kind, "/TaxRates")

    with pytest.raises(RetryLater) as caught:
        module("tax_rates").run(xero.context("tax_rates"))

    assert caught.value.after == after


def test_nothing_changed_may_be_said_without_a_body(xero: SimulatedXero) -> None:
    """Whether Xero answers 304 is not documented; if it does, the list is empty."""
    board = xero.simulator.parts.switches
    board.switches = board.switches.change({"not_modified_answers_304": True})
    ctx = xero.context("contacts")
    ctx.watermark = datetime(2026, 10, 2, tzinfo=UTC)

    module("contacts").run(ctx)

    assert ctx.contacts.records == []
