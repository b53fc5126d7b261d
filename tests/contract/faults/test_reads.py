"""Faults of calls that read: what each comes to, for every module that pulls."""

from itertools import cycle

import pytest

from faulty_xero import FaultyXero
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_xero_simulator.faults import FaultKind

PULLS = {
    "tax_rates": "/TaxRates",
    "contacts": "/Contacts",
    "items": "/Items",
    "invoice_pull": "/Invoices",
}
UNREACHABLE = "Xero could not be reached."
LIMIT = "The limit on calls to the provider is reached."
DAY = "The provider's limit on calls in a day is reached."
UNREADABLE = "Xero's answer could not be read."

WAITS = {
    FaultKind.DROP_BEFORE: UNREACHABLE,
    FaultKind.DROP_DURING: UNREACHABLE,
    FaultKind.DROP_AFTER: UNREACHABLE,
    FaultKind.ERROR_500: "Xero has a problem of its own (status 500).",
    FaultKind.ERROR_502: "Xero has a problem of its own (status 502).",
    FaultKind.ERROR_504: "Xero has a problem of its own (status 504).",
    FaultKind.MAINTENANCE: "Xero is offline for maintenance.",
    FaultKind.UNAVAILABLE: "Xero is offline for maintenance.",
    FaultKind.ORGANISATION_OFFLINE: "Xero has this organisation offline for a moment.",
    FaultKind.LIMIT_CONCURRENT: LIMIT,
    FaultKind.LIMIT_MINUTE: LIMIT,
    FaultKind.LIMIT_APP_MINUTE: LIMIT,
    FaultKind.LIMIT_UNKNOWN: LIMIT,
    FaultKind.TRUNCATED_JSON: UNREADABLE,
    FaultKind.MALFORMED_JSON: UNREADABLE,
    FaultKind.HTML_ANSWER: UNREADABLE,
    FaultKind.XML_ANSWER: UNREADABLE,
}
"""Faults that one repeat gets over, and what a run waits for while they last."""
FAILS = {
    FaultKind.UNAUTHORISED: "XERO_PERMISSION_MISSING",
    FaultKind.TOKEN_EXPIRED: "XERO_UNAUTHORIZED",
    FaultKind.FORBIDDEN: "XERO_FORBIDDEN",
    FaultKind.NOT_FOUND: "XERO_NOT_FOUND",
}
"""Faults that end a run while they last, and its code."""
_phones = cycle(("MOBILE", "FAX"))


def pull(xero: FaultyXero, module: str) -> Run:
    """Execute one full pull once."""
    if module == "contacts":
        xero.choose(phone_field=next(_phones))  # which makes it read everything
    options = {"window": "ALL_LINKED"} if module == "invoice_pull" else {}
    return xero.once(module, **options)


def ready(xero: FaultyXero) -> FaultyXero:
    """Bring a workspace to where every module has something to pull."""
    xero.set_up(2)
    assert xero.sync("invoice_push").state is RunState.SUCCEEDED
    xero.calls()
    return xero


@pytest.mark.parametrize("kind", [*WAITS, FaultKind.TOKEN_EXPIRED])
def test_a_passing_fault_costs_a_repeat(quick: FaultyXero, kind: FaultKind) -> None:
    """Whatever happens to one call, the run gets over it by itself."""
    ready(quick)
    for module, path in PULLS.items():
        quick.order(kind, path)

        run = pull(quick, module)

        assert (module, run.state) == (module, RunState.SUCCEEDED)
        assert (run.attempt, quick.calls()) == (1, 2)


@pytest.mark.parametrize("kind", WAITS)
def test_a_lasting_fault_parks_the_run(quick: FaultyXero, kind: FaultKind) -> None:
    """It says what it waits for and until when, and ends well once the fault is over."""
    ready(quick)
    for module, path in PULLS.items():
        quick.order(kind, path, count=None)
        quick.calls()
        run = pull(quick, module)

        assert (run.state, run.wait_reason) == (RunState.WAITING, WAITS[kind])
        assert run.wake_time is not None
        assert run.wake_time > quick.clock()
        assert quick.calls() <= 5
        quick.mend()
        assert quick.to_the_end(run).state is RunState.SUCCEEDED


@pytest.mark.parametrize("kind", WAITS)
def test_a_fault_without_end_ends_the_run(quick: FaultyXero, kind: FaultKind) -> None:
    """It fails with a code and what to do, after hours and few calls."""
    quick.order(kind, "/TaxRates", count=None)
    begun = quick.clock()

    run = quick.sync("tax_rates")

    assert run.state is RunState.FAILED
    assert run.error is not None
    unreadable = WAITS[kind] == UNREADABLE
    assert run.error.code == ("XERO_ANSWER_UNREADABLE" if unreadable else "RUN_STALLED")
    assert run.error.action
    hours = (quick.clock() - begun).total_seconds() / 3600
    assert unreadable or hours > 11
    assert quick.calls() <= 51 * 5


@pytest.mark.parametrize("kind", FAILS)
def test_a_fault_that_waiting_does_not_mend_ends_the_run(
    quick: FaultyXero, kind: FaultKind
) -> None:
    """It fails at once with its code; the connection stays, and so does what was stored."""
    ready(quick)
    for module, path in PULLS.items():
        quick.order(kind, path, count=None)
        run = pull(quick, module)

        assert run.state is RunState.FAILED
        assert run.error is not None
        assert run.error.code == FAILS[kind]
        assert run.error.action
        assert quick.row.state is ConnectionState.CONNECTED
        quick.mend()
    assert quick.sync("contacts").state is RunState.SUCCEEDED


@pytest.mark.parametrize("module", PULLS)
def test_a_disconnect_in_xero_asks_for_a_person(quick: FaultyXero, module: str) -> None:
    """The run fails, the connection says RECONNECT_REQUIRED, and nothing is called any more."""
    ready(quick)
    quick.order(FaultKind.DISCONNECT, PULLS[module])

    run = pull(quick, module)

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.code == "RECONNECT_REQUIRED"
    assert quick.row.state is ConnectionState.RECONNECT_REQUIRED


@pytest.mark.parametrize("seconds", [None, 43_200.0, 3e6])
def test_a_limit_of_a_day_is_waited_for(quick: FaultyXero, seconds: float | None) -> None:
    """The run waits as long as Xero says, a day at most, without another call."""
    quick.order(FaultKind.LIMIT_DAY, "/TaxRates", seconds=seconds)

    run = quick.once("tax_rates")

    assert (run.state, run.wait_reason) == (RunState.WAITING, DAY)
    assert run.wake_time is not None
    waits = (run.wake_time - quick.clock()).total_seconds()
    assert waits == min(seconds or 66_975, 86_400)
    assert quick.calls() == 1
    assert quick.to_the_end(run).state is RunState.SUCCEEDED


@pytest.mark.parametrize("kind", [FaultKind.DELAY, FaultKind.DRIP])
def test_a_slow_answer_is_waited_for(quick: FaultyXero, kind: FaultKind) -> None:
    """Below the timeout it costs nothing but time."""
    ready(quick)
    quick.order(kind, count=None, seconds=3.0)

    assert {pull(quick, module).state for module in PULLS} == {RunState.SUCCEEDED}
    assert quick.calls() == len(PULLS)
