"""Invoices that Xero answers with status 500, for the whole call they are in."""

import json
from collections.abc import Collection

import httpx
import pytest

from syncline_sdk import RetryLater
from syncline_sdk.testing import AttemptState, FakeRunContext
from xero_answers import created, module, outgoing, run_context

LINKED, REJECTED = AttemptState.LINKED, AttemptState.REJECTED


class Failing(httpx.MockTransport):
    """A Xero that holds nothing and fails on calls with certain invoices; on all while it is ill.

    :param on: their numbers.
    """

    def __init__(self, *, on: Collection[str] = (), ill: bool = False) -> None:
        super().__init__(self._answer)
        self.on = on
        self.ill = ill
        self.sent: list[list[str]] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"Invoices": []})
        numbers = [each["InvoiceNumber"] for each in json.loads(request.content)["Invoices"]]
        self.sent.append(numbers)
        if self.ill or set(numbers) & set(self.on):
            return httpx.Response(500, content=b"oops")
        return httpx.Response(200, json={"Invoices": [created(number) for number in numbers]})


def pushing(xero: Failing, count: int) -> FakeRunContext:
    """Return a context that is to send so many invoices."""
    ctx = run_context("invoice_push", xero)
    ctx.outbox.eligible = [outgoing(f"OV-{place:03d}") for place in range(count)]
    return ctx


@pytest.mark.parametrize(
    "poison", [["OV-000"], ["OV-030"], ["OV-020", "OV-021"], ["OV-007", "OV-110"]]
)
def test_an_invoice_xero_fails_on_is_found_and_the_others_go(poison: list[str]) -> None:
    """It alone is rejected; calls become smaller until it stands alone, and larger again."""
    xero = Failing(on=poison)
    ctx = pushing(xero, 120)

    module("invoice_push").run(ctx)

    states = ctx.outbox.states()
    assert [number for number, state in states.items() if state is REJECTED] == poison
    assert set(states.values()) == {LINKED, REJECTED}
    assert {ctx.outbox.of(number).code for number in poison} == {"XERO_INVOICE_FAILS"}
    assert len(xero.sent) <= 20 * len(poison)
    assert all(xero.sent.count([number]) == 2 for number in poison)


def test_a_xero_that_is_ill_costs_no_invoice_and_few_calls() -> None:
    """Where none goes through the run waits, and all of them go when Xero is well."""
    xero = Failing(ill=True)
    ctx = pushing(xero, 50)

    with pytest.raises(RetryLater):
        module("invoice_push").run(ctx)

    assert len(xero.sent) == 11
    assert not {LINKED, REJECTED} & set(ctx.outbox.states().values())
    xero.ill = False
    module("invoice_push").run(ctx.taken_up_again())
    assert {ctx.outbox.of(f"OV-{place:03d}").state for place in range(50)} == {LINKED}


@pytest.mark.parametrize("count", [1, 2])
def test_what_nothing_tells_from_an_ill_xero_is_given_up_at_the_eighth_time(count: int) -> None:
    """Where they are all there is, each is tried twice by every execution until then."""
    xero = Failing(on=["OV-000", "OV-001"])
    ctx = pushing(xero, count)
    for _ in range(7):
        with pytest.raises(RetryLater):
            module("invoice_push").run(ctx)
        ctx = ctx.taken_up_again()

    module("invoice_push").run(ctx)

    assert set(ctx.outbox.states().values()) == {REJECTED}
    assert xero.sent.count(["OV-000"]) == 16
