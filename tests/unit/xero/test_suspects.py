"""Invoices that Xero answers with status 500, for the whole call they are in."""

import json
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

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


class Executions:
    """A run that is to send so many invoices, taken up again behind pauses as the server's."""

    def __init__(self, xero: Failing, count: int) -> None:
        self.xero = xero
        self.ctx = pushing(xero, count)
        self.message = ""
        self.calls: list[int] = []
        """How often each execution sent something."""

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.calls)

    def go_on(self, after: timedelta | None = None) -> bool:
        """Execute it once more, and return whether it came to its end.

        :param after: how long behind the last time; longer each time unless it is given.
        """
        if self.calls:
            own = timedelta(seconds=min(30 * 2 ** (self.count - 1), 900))
            self.ctx = self.ctx.taken_up_again(own if after is None else after)
        before = len(self.xero.sent)
        try:
            module("invoice_push").run(self.ctx)
        except RetryLater as later:
            self.message = later.message
            return False
        finally:
            self.calls.append(len(self.xero.sent) - before)
        return True

    def states(self) -> dict[str, AttemptState]:
        """Return where each invoice stands, in order."""
        return dict(sorted(self.ctx.outbox.states().items()))

    def of(self, state: AttemptState) -> list[str]:
        """Return the numbers of those that stand there."""
        return [number for number, each in self.states().items() if each is state]

    def add(self, number: str) -> None:
        """Add an invoice behind all others."""
        self.ctx.outbox.eligible.append(outgoing(number))


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


def test_what_is_recovered_from_is_no_proof() -> None:
    """Those that an ill Xero failed on are sent behind the others, and go as well."""
    xero = Failing(ill=True)
    executions = Executions(xero, 20)
    assert executions.go_on() is False
    xero.ill = False

    assert executions.go_on() is True

    assert set(executions.states().values()) == {LINKED}
    assert len(xero.sent[-1]) == 1


@pytest.mark.parametrize("place", [0, 10, 30])
def test_three_of_one_bad_contact_hold_up_nobody(place: int) -> None:
    """The execution behind the one that met them begins with the others."""
    poison = [f"OV-{place + number:03d}" for number in range(3)]
    executions = Executions(Failing(on=poison), 50)

    while not executions.go_on():
        pass

    assert executions.count <= 2
    assert executions.of(REJECTED) == poison
    assert set(executions.states().values()) == {LINKED, REJECTED}


SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_poison_the_others_go_and_it_is_found(seed: int) -> None:
    """Good ones go within a few executions, bad ones are rejected, by a bounded number of calls.

    Four bad ones or more behind which nothing goes are found as soon as another invoice goes.
    """
    dice = random.Random(seed)  # noqa: S311 - to be repeated
    count = dice.randint(1, 120)
    share = dice.choice((0.02, 0.1, 0.5, 0.9, 1.0))
    poison = [f"OV-{place:03d}" for place in range(count) if dice.random() < share]
    if dice.random() < 0.3:  # side by side, as those of one contact
        place = dice.randint(0, count - 1)
        poison = [f"OV-{n:03d}" for n in range(place, min(place + dice.randint(1, 40), count))]
    xero = Failing(on=poison)
    executions = Executions(xero, count)

    ended = [executions.go_on() for _ in range(3 + len(poison) // 8)]

    good = count - len(poison)
    assert list(executions.states().values()).count(LINKED) == good
    while not ended[-1] and executions.count < 20:
        ended.append(executions.go_on())
    if not ended[-1]:
        assert len(poison) - len(executions.of(REJECTED)) > 3
        executions.add("OV-999")
        assert executions.go_on()
    assert executions.of(REJECTED) == poison
    assert {executions.ctx.outbox.of(number).code for number in poison} <= {"XERO_INVOICE_FAILS"}
    assert max(executions.calls) <= 12 + 20 * len(poison)


@pytest.mark.parametrize("count", [4, 7, 50, 120])
def test_an_outage_rejects_nobody_and_costs_few_calls(count: int) -> None:
    """However long it lasts; the run says on which invoices, and all of them go afterwards."""
    xero = Failing(ill=True)
    executions = Executions(xero, count)

    assert not any(executions.go_on() for _ in range(50))

    assert max(executions.calls) <= 32
    assert not executions.of(REJECTED)
    assert "OV-" in executions.message
    xero.ill = False
    assert executions.go_on()
    assert list(executions.states().values()) == [LINKED] * count


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_nothing_tells_from_an_ill_xero_is_given_up_at_the_eighth_time(count: int) -> None:
    """Where they are all there is, each is tried twice by every execution until then."""
    xero = Failing(ill=True)
    executions = Executions(xero, count)

    assert [executions.go_on() for _ in range(8)] == [False] * 7 + [True]

    assert set(executions.states().values()) == {REJECTED}
    assert [xero.sent.count([number]) for number in executions.states()] == [16] * count


def test_executions_that_never_came_to_an_invoice_do_not_count() -> None:
    """Behind other faults, and in quick succession, an invoice's own failures prove nothing."""
    xero = Failing(ill=True)
    executions = Executions(xero, 1)
    executions.ctx = replace(executions.ctx, run=replace(executions.ctx.run, attempt=30))

    assert not any(executions.go_on(timedelta(seconds=1)) for _ in range(30))

    assert not executions.of(REJECTED)
    assert executions.go_on(timedelta(minutes=45))
    assert executions.of(REJECTED) == ["OV-000"]


def test_two_failures_an_hour_apart_prove_nothing() -> None:
    """Xero may have been ill in between, in another way: it takes eight of the invoice itself."""
    executions = Executions(Failing(ill=True), 1)

    assert not any(executions.go_on(timedelta(hours=1)) for _ in range(7))

    assert not executions.of(REJECTED)
    assert executions.go_on(timedelta(hours=1))


def test_more_than_three_are_given_up_only_where_others_had_gone_before_each() -> None:
    """Four that are left so are rejected in time; four that an execution began with are not."""
    last = [f"OV-{place:03d}" for place in range(46, 50)]
    told = Executions(Failing(on=["OV-000", "OV-001", "OV-002", *last]), 50)
    alone = Executions(Failing(on=last), 50)

    assert [told.go_on() for _ in range(9)] == [False] * 8 + [True]
    assert not any(alone.go_on() for _ in range(20))

    assert told.of(REJECTED) == ["OV-000", "OV-001", "OV-002", *last]
    assert (alone.of(REJECTED), len(alone.of(LINKED))) == ([], 46)
