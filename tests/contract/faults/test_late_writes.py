"""Invoices that were announced, waited long for their budget, and left as their process died."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from faulty_xero import FaultyXero
from mortal import Killed
from syncline_server.core.model import Run, RunState
from syncline_server.storage import invoice_links, runs
from syncline_xero_simulator.faults import FaultKind

NUMBERS = ["N-inv0000", "N-inv0001"]
WAIT = 80.0
ENOUGH = timedelta(seconds=75)
Deliver = Callable[[], None]


@pytest.fixture
def shop(xero: FaultyXero) -> FaultyXero:
    """A workspace with two invoices to send, to a Xero that takes everything twice."""
    xero.set_up(2)
    xero.driver.control("POST", "switches", {"duplicates_refused": False})
    return xero


def die_at(shop: FaultyXero, run: Run, method: str, call: int = 1) -> Deliver:
    """Execute a run whose process dies in a call for invoices; return what makes that arrive."""
    real = shop.way._app.handle_request
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == method and request.url.path.endswith("/Invoices"):
            # As it left: what sends it takes the token out again afterwards.
            seen.append(
                httpx.Request(
                    request.method, request.url, headers=request.headers, content=request.read()
                )
            )
            if len(seen) == call:
                raise Killed
        return real(request)

    shop.way._app.handle_request = handle  # type: ignore[method-assign]  # played by the test
    with pytest.raises(Killed):
        shop.execute(run)
    shop.way._app.handle_request = real  # type: ignore[method-assign]  # as it was
    assert runs.requeue(shop.database, shop.run(run.id))
    return lambda: real(seen[-1]).close()


def killed_behind_its_wait(shop: FaultyXero) -> tuple[Run, Deliver]:
    """Let a push wait for its budget, and die as its call has left."""
    shop.order(FaultKind.LIMIT_MINUTE, "/Invoices", method="PUT", seconds=WAIT)
    run = shop.trigger("invoice_push")
    deliver = die_at(shop, run, "PUT", 2)
    (first, second) = invoice_links.unresolved(shop.database, shop.organisation)
    assert first.update_time == second.update_time
    assert first.update_time is not None
    assert shop.clock() - first.update_time >= timedelta(seconds=WAIT)
    return run, deliver


def keys(shop: FaultyXero) -> set[str]:
    """Return the keys under which invoices were sent."""
    return {r.headers["Idempotency-Key"] for r in shop.way.requests if r.method == "PUT"}


def test_what_left_late_may_arrive_late(shop: FaultyXero) -> None:
    """It is not there when it is looked for first, and not sent again: it is found and linked."""
    run, deliver = killed_behind_its_wait(shop)

    shop.clock.advance(seconds=3)
    parked = shop.execute(run)
    assert parked.state is RunState.WAITING
    assert parked.wake_time == shop.clock() + ENOUGH
    deliver()

    assert shop.to_the_end(parked).state is RunState.SUCCEEDED
    assert shop.held() == NUMBERS
    assert set(shop.links().values()) == {"LINKED"}
    assert len(keys(shop)) == 1


def test_one_that_dies_over_looking_costs_no_second_wait(shop: FaultyXero) -> None:
    """What never arrives is sent once, when the wait that the first one began is over."""
    run, _ = killed_behind_its_wait(shop)
    found = shop.clock()
    die_at(shop, run, "GET")

    shop.clock.advance(seconds=20)
    parked = shop.execute(run)
    assert parked.wake_time == found + ENOUGH

    ended = shop.to_the_end(parked)
    assert ended.state is RunState.SUCCEEDED
    assert shop.clock() == found + ENOUGH
    assert shop.held() == NUMBERS
    assert len(keys(shop)) == 2
