"""A run that is cancelled, by another process, in whatever it is at that moment."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import cycle

import httpx
import pytest

from databases import opened
from faulty_xero import FaultyXero
from syncline_server.core.model import Run, RunState
from syncline_server.services.runs import Runs
from syncline_server.storage import grants, module_states
from syncline_xero_simulator.faults import FaultKind

MODULES = {
    "tax_rates": "/TaxRates",
    "contacts": "/Contacts",
    "items": "/Items",
    "invoice_push": "/Invoices",
    "invoice_pull": "/Invoices",
}
WAITS = {
    FaultKind.LIMIT_MINUTE: "waiting for the budget",
    FaultKind.LIMIT_CONCURRENT: "waiting for a place",
    FaultKind.ERROR_500: "in the pause before a repeat",
}
_phones = cycle(("MOBILE", "FAX"))


class Other:
    """Another process: it shares nothing but the rows."""

    def __init__(self, xero: FaultyXero, url: str) -> None:
        self._xero = xero
        self._url = url
        self.asked = 0

    def cancel(self, run: Run) -> None:
        """Cancel a run, once."""
        self.asked += 1
        if self.asked > 1:
            return
        with contextlib.closing(opened(self._url)) as database:
            Runs(database, self._xero.clock, lambda _notice: None).cancel("acme", run.id)


@pytest.fixture
def other(xero: FaultyXero, database_url: str) -> Other:
    """Another process."""
    return Other(xero, database_url)


@pytest.fixture
def shop(xero: FaultyXero) -> FaultyXero:
    """A workspace with two linked invoices and one to send, where everything has run."""
    xero.set_up(2)
    xero.sync("invoice_push")
    xero.sync("invoice_pull")
    xero.add_invoice(2)
    xero.choose(phone_field=next(_phones))
    return xero


def asked(shop: FaultyXero, module: str) -> Run:
    """Queue a run that calls Xero."""
    options = {"window": "ALL_LINKED"} if module == "invoice_pull" else {}
    run = shop.trigger(module, **options)
    shop.calls()
    return run


def assert_cancelled(shop: FaultyXero, run: Run, before: object, calls: int) -> None:
    """Check that a run ended at once and left the module where it was, ready for the next."""
    ended = shop.run(run.id)
    assert (ended.state, ended.error) == (RunState.CANCELLED, None)
    assert ended.end_time is not None
    assert shop.calls() <= calls
    assert achieved(shop, run) == before
    shop.mend()
    shop.meanwhile = lambda: None
    again = asked(shop, run.scope.module)
    assert shop.to_the_end(again).state is RunState.SUCCEEDED


def achieved(shop: FaultyXero, run: Run) -> object:
    """Return up to where a module has read."""
    state = module_states.of_connection(shop.database, shop.row)[run.scope.module]
    return (state.complete_time, state.watermark, state.full_read_asked_time)


@pytest.mark.parametrize("module", MODULES)
def test_queued(shop: FaultyXero, other: Other, module: str) -> None:
    """It never begins."""
    run = asked(shop, module)
    before = achieved(shop, run)

    other.cancel(run)
    shop.execute(run)

    assert shop.run(run.id).attempt == 0
    assert_cancelled(shop, run, before, calls=0)


@pytest.mark.parametrize("module", MODULES)
def test_parked(shop: FaultyXero, other: Other, module: str) -> None:
    """It ends without waking, and its time to wake wakes nobody."""
    method = "PUT" if module == "invoice_push" else ""
    shop.order(FaultKind.LIMIT_DAY, MODULES[module], method=method)
    run = asked(shop, module)
    before = achieved(shop, run)
    assert shop.execute(run).state is RunState.WAITING
    shop.calls()

    other.cancel(run)
    assert shop.run(run.id).state is RunState.CANCELLED
    shop.clock.advance(seconds=90_000)
    shop.execute(run)

    assert_cancelled(shop, run, before, calls=0)


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        pytest.param(module, kind, id=f"{module} {where}")
        for module in MODULES
        for kind, where in WAITS.items()
        # A write is never repeated by itself, so there is no pause before.
        if (module, kind) != ("invoice_push", FaultKind.ERROR_500)
    ],
)
def test_waiting(shop: FaultyXero, other: Other, module: str, kind: FaultKind) -> None:
    """It ends within the pause, without the call it waited for."""
    method = "PUT" if module == "invoice_push" else ""
    shop.order(kind, MODULES[module], method=method, count=None)
    run = asked(shop, module)
    before = achieved(shop, run)
    shop.meanwhile = lambda: other.cancel(run)
    began = shop.clock()

    shop.execute(run)

    assert (shop.clock() - began).total_seconds() < 2
    assert_cancelled(shop, run, before, calls=1)


@pytest.mark.parametrize("module", MODULES)
def test_waiting_for_a_token(shop: FaultyXero, other: Other, module: str) -> None:
    """Another process renews and dies over it: the run ends as soon as it may go on."""
    run = asked(shop, module)
    before = achieved(shop, run)
    shop.age_token()
    now = shop.clock()
    (row,) = shop.database.rows("SELECT id FROM grants")
    grant = grants.get(shop.database, shop.access.grants.cipher, row["id"])
    assert grant is not None
    grants.lease(shop.database, grant, "dead", now, now + timedelta(seconds=30))
    shop.meanwhile = lambda: other.cancel(run)

    shop.execute(run)

    assert other.asked
    assert_cancelled(shop, run, before, calls=1)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("place", ["on the way", "on the way back"])
def test_in_a_call(shop: FaultyXero, other: Other, module: str, place: str) -> None:
    """What the call brings is not stored, and what was sent is settled by the next run."""
    run = asked(shop, module)
    before = achieved(shop, run)
    intercept(shop, place, lambda: other.cancel(run))

    shop.execute(run)

    assert other.asked
    if module == "invoice_push":
        assert shop.links()["inv0002"] in {"SENT", "UNCERTAIN"}
    assert_cancelled(shop, run, before, calls=2)
    assert shop.held() == sorted(set(shop.held()))


def intercept(shop: FaultyXero, place: str, happen: Callable[[], None]) -> None:
    """Have something happen during each call to the accounting API."""
    real = shop.way._app.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        accounting = request.url.path.startswith("/api.xro/")
        if accounting and place == "on the way":
            happen()
        response = real(request)
        if accounting and place == "on the way back":
            happen()
        return response

    shop.way._app.handle_request = handle  # type: ignore[method-assign]  # played by the test


def test_a_cancelled_push_leaves_nothing_that_nobody_settles(
    shop: FaultyXero, other: Other
) -> None:
    """What was on its way is read by the next run, linked if it is there, and sent once if not."""
    shop.add_invoice(3)
    for place in ("on the way", "on the way back"):
        run = asked(shop, "invoice_push")
        other.asked = 0
        intercept(shop, place, partial(other.cancel, run))
        shop.execute(run)
        assert shop.run(run.id).state is RunState.CANCELLED
        shop.way._app = httpx.WSGITransport(app=shop.driver.simulator.app)

    assert shop.sync("invoice_push").state is RunState.SUCCEEDED

    assert set(shop.links().values()) == {"LINKED"}
    assert shop.held() == [f"N-inv{number:04d}" for number in range(4)]
