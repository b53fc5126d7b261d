"""Faults of calls that write invoices, of those that create records, and of those for tokens."""

from dataclasses import replace
from itertools import count

import httpx
import pytest

from faulty_xero import FaultyXero
from simulated_xero import SimulatedXero
from syncline_sdk import AccessLost, OutcomeUnknown, PluginError, RecordRejected, RetryLater
from syncline_sdk.creating import ContactDraft, CreateContext
from syncline_sdk.testing import create_context
from syncline_server.core.model import ConnectionState, RunState
from syncline_server.outbound.bounded import Bounded
from syncline_xero.new_contacts import contact_creator
from syncline_xero_simulator.faults import Fault, FaultKind
from xero_answers import module

NUMBERS = ["N-inv0000", "N-inv0001"]
NEVER_SAVED = (
    FaultKind.DROP_BEFORE,
    FaultKind.ERROR_500,
    FaultKind.ERROR_502,
    FaultKind.ERROR_504,
    FaultKind.MAINTENANCE,
    FaultKind.UNAVAILABLE,
    FaultKind.ORGANISATION_OFFLINE,
    FaultKind.LIMIT_CONCURRENT,
    FaultKind.LIMIT_MINUTE,
    FaultKind.LIMIT_DAY,
    FaultKind.LIMIT_APP_MINUTE,
    FaultKind.LIMIT_UNKNOWN,
    FaultKind.TOKEN_EXPIRED,
)
SAVED = (
    FaultKind.DROP_DURING,
    FaultKind.DROP_AFTER,
    FaultKind.ERROR_500_AFTER,
    FaultKind.REPEATED,
    FaultKind.DELAY,
    FaultKind.DRIP,
    FaultKind.TRUNCATED_JSON,
    FaultKind.MALFORMED_JSON,
    FaultKind.HTML_ANSWER,
    FaultKind.XML_ANSWER,
    FaultKind.OVER_LARGE,
    FaultKind.EMPTY_PAGE,
    FaultKind.DUPLICATE_IDS,
    FaultKind.HUGE_STRINGS,
)
REFUSED = {
    FaultKind.UNAUTHORISED: "XERO_PERMISSION_MISSING",
    FaultKind.FORBIDDEN: "XERO_FORBIDDEN",
    FaultKind.NOT_FOUND: "XERO_NOT_FOUND",
}


@pytest.mark.parametrize("kind", [*NEVER_SAVED, *SAVED])
def test_an_invoice_write_that_goes_wrong_makes_each_invoice_once(
    quick: FaultyXero, kind: FaultKind
) -> None:
    """Saved or not: what became of it is read, and nothing is lost or made twice."""
    quick.set_up(2)
    quick.order(kind, "/Invoices", method="PUT", seconds=2.0 if kind == FaultKind.DRIP else None)

    run = quick.sync("invoice_push")

    assert run.state is RunState.SUCCEEDED
    assert run.attempt <= 2
    assert quick.held() == NUMBERS
    assert set(quick.links().values()) == {"LINKED"}
    assert len(quick.sent(*NUMBERS)) <= (2 if kind in SAVED else 4)


@pytest.mark.parametrize("kind", [*NEVER_SAVED[:-1], *SAVED])
def test_invoice_writes_that_keep_going_wrong_wait_and_go_once(
    quick: FaultyXero, kind: FaultKind
) -> None:
    """While it lasts the run waits with a time to wake, and afterwards each is there once."""
    quick.set_up(2)
    seconds = {FaultKind.DRIP: 2.0, FaultKind.LIMIT_DAY: None}.get(kind)
    quick.order(kind, "/Invoices", method="PUT", count=None, seconds=seconds)

    run = quick.once("invoice_push")
    if kind in NEVER_SAVED:
        assert run.state is RunState.WAITING
        assert run.wait_reason
        assert run.wake_time is not None
        assert run.wake_time > quick.clock()
    quick.mend()

    assert quick.to_the_end(run).state is RunState.SUCCEEDED
    assert quick.held() == NUMBERS
    assert set(quick.links().values()) == {"LINKED"}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_invoice_write_that_is_not_let_in_is_settled_by_the_next_run(
    quick: FaultyXero, kind: FaultKind
) -> None:
    """The run fails with its code; the connection stays, and the next one sends each once."""
    quick.set_up(2)
    quick.order(kind, "/Invoices", method="PUT")

    run = quick.sync("invoice_push")

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.code == REFUSED[kind]
    assert quick.row.state is ConnectionState.CONNECTED
    assert quick.sync("invoice_push").state is RunState.SUCCEEDED
    assert quick.held() == NUMBERS


def test_an_invoice_write_after_a_disconnect_asks_for_a_person(quick: FaultyXero) -> None:
    """Nothing was saved; after connecting again each goes once."""
    quick.set_up(2)
    quick.order(FaultKind.DISCONNECT, "/Invoices", method="PUT")

    run = quick.sync("invoice_push")

    assert run.error is not None
    assert run.error.code == "RECONNECT_REQUIRED"
    assert quick.row.state is ConnectionState.RECONNECT_REQUIRED
    quick.connect()
    assert quick.sync("invoice_push").state is RunState.SUCCEEDED
    assert quick.held() == NUMBERS


def test_invoice_writes_that_fail_without_end_end_the_run(quick: FaultyXero) -> None:
    """An outage of writes is not taken for bad invoices: the run ends, and none is given up."""
    quick.set_up(4)
    quick.order(FaultKind.ERROR_500, "/Invoices", method="PUT", count=None)

    run = quick.sync("invoice_push")

    assert (run.state, quick.held()) == (RunState.FAILED, [])
    assert run.error is not None
    assert run.error.code == "RUN_STALLED"
    assert quick.standing() == set()
    quick.mend()
    assert quick.sync("invoice_push").state is RunState.SUCCEEDED
    assert len(quick.held()) == 4


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_DURING,
        FaultKind.DROP_AFTER,
        FaultKind.ERROR_500,
        FaultKind.ERROR_502,
        FaultKind.ERROR_504,
        FaultKind.UNAVAILABLE,
        FaultKind.LIMIT_MINUTE,
        FaultKind.NOT_FOUND,
        FaultKind.TRUNCATED_JSON,
        FaultKind.MALFORMED_JSON,
        FaultKind.HTML_ANSWER,
        FaultKind.XML_ANSWER,
        FaultKind.OVER_LARGE,
    ],
)
def test_a_token_that_cannot_be_renewed_is_waited_for(quick: FaultyXero, kind: FaultKind) -> None:
    """Nobody has to connect again: the run waits, and the same refresh token is tried once more."""
    quick.age_token()
    quick.order(kind, "/connect/token")

    run = quick.once("tax_rates")

    assert run.state is RunState.WAITING
    assert run.wait_reason == "Access to Xero cannot be renewed now."
    assert run.wake_time is not None
    assert quick.row.state is ConnectionState.CONNECTED
    assert quick.to_the_end(run).state is RunState.SUCCEEDED


def test_tokens_that_can_never_be_renewed_end_the_run(quick: FaultyXero) -> None:
    """It fails like any other that waits in vain, and the connection stays."""
    quick.age_token()
    quick.order(FaultKind.ERROR_500, "/connect/token", count=None)

    run = quick.sync("tax_rates")

    assert run.error is not None
    assert run.error.code == "RUN_STALLED"
    assert quick.row.state is ConnectionState.CONNECTED


CREATIONS: dict[FaultKind, type[PluginError]] = {
    FaultKind.DROP_BEFORE: OutcomeUnknown,
    FaultKind.DROP_DURING: OutcomeUnknown,
    FaultKind.DROP_AFTER: OutcomeUnknown,
    FaultKind.ERROR_500: OutcomeUnknown,
    FaultKind.ERROR_502: OutcomeUnknown,
    FaultKind.ERROR_504: OutcomeUnknown,
    FaultKind.MAINTENANCE: OutcomeUnknown,
    FaultKind.ORGANISATION_OFFLINE: OutcomeUnknown,
    FaultKind.LIMIT_MINUTE: RetryLater,
    FaultKind.LIMIT_UNKNOWN: RetryLater,
    FaultKind.UNAUTHORISED: RecordRejected,
    FaultKind.FORBIDDEN: RecordRejected,
    FaultKind.NOT_FOUND: RecordRejected,
    FaultKind.DISCONNECT: AccessLost,
    FaultKind.TRUNCATED_JSON: OutcomeUnknown,
    FaultKind.MALFORMED_JSON: OutcomeUnknown,
    FaultKind.HTML_ANSWER: OutcomeUnknown,
    FaultKind.XML_ANSWER: OutcomeUnknown,
    FaultKind.EMPTY_PAGE: OutcomeUnknown,
    FaultKind.DUPLICATE_IDS: OutcomeUnknown,
    FaultKind.HUGE_STRINGS: OutcomeUnknown,
}


@pytest.mark.parametrize("kind", CREATIONS)
def test_a_creation_that_goes_wrong_says_what_is_known(kind: FaultKind) -> None:
    """Refused, not carried out, or unknown; whatever it was, asking again makes it once."""
    xero = SimulatedXero()
    xero.connect()
    xero.order(kind, "/Contacts", method="PUT")
    creator, draft = contact_creator(), ContactDraft(name="Kauri Cafe", code="K-1")

    with pytest.raises(PluginError) as caught:
        creator.create(creating(xero), draft)

    assert type(caught.value) is CREATIONS[kind]
    if kind is not FaultKind.DISCONNECT:
        if creator.find(creating(xero), draft) is None:
            creator.create(creating(xero), draft)
        names = [contact.name for contact in xero.books.contacts.values()]
        assert names.count("Kauri Cafe") == 1


_keys = count()


def creating(xero: SimulatedXero, transport: httpx.BaseTransport | None = None) -> CreateContext:
    """Return the context of one creation."""
    made = create_context(
        module("contacts"),
        transport or xero.transport,
        api=str(xero.client().base_url),
        idempotency_key=f"key-{next(_keys)}",
    )
    headers = xero.provider.organisation_headers(xero.tenant)
    made.http.headers.update({**xero.client().headers, **headers})
    return replace(made, organisation_id=xero.tenant)


def test_an_answer_that_drips_or_never_ends_is_a_broken_call() -> None:
    """Too slow as a whole, or too large, it is given up although each piece comes in time."""
    xero = SimulatedXero()
    xero.connect()
    passed = [0.0]

    def drip(seconds: float) -> None:
        passed[0] += seconds

    xero.simulator.parts.clock._wait = drip
    drops = Fault(fault_id=0, kind=FaultKind.DRIP, path="/Contacts", seconds=20.0)
    xero.simulator.parts.faults.add(drops)
    slow = Bounded(xero.transport, clock=lambda: passed[0])

    with pytest.raises(OutcomeUnknown):
        contact_creator().create(creating(xero, slow), ContactDraft(name="Kauri Cafe", code=""))

    assert 120 < passed[0] < 200
