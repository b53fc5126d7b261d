"""Invoices that change between the pages of a pull, against the simulator."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from simulated_xero import SimulatedXero
from syncline_sdk.testing import FakeRunContext
from syncline_xero_simulator.books.invoice import Invoice, InvoiceStatus
from xero_answers import module

MANY = 1100


@pytest.fixture
def xero() -> SimulatedXero:
    """Return a simulated Xero with drafts of this app on two pages."""
    simulated = SimulatedXero()
    simulated.connect()
    ctx = simulated.context("invoice_push")
    ctx.outbox.eligible = [simulated.outgoing("OV-1")]
    module("invoice_push").run(ctx)
    (first,) = simulated.books.invoices.values()
    for place in range(MANY - 1):
        made = replace(first, invoice_id=_id(place * 37 % MANY), number=f"OV-{place + 2}")
        simulated.books.invoices.put(made)
    simulated.transport.requests.clear()
    return simulated


def _id(place: int) -> str:
    """Return ids whose text and bytes sort differently."""
    return f"{place * 7919 % 2**32:08x}-0000-4000-8000-{place:012x}"


def touch(xero: SimulatedXero, invoice: Invoice, status: InvoiceStatus) -> None:
    """Give an invoice another status, as a person does."""
    now = xero.simulator.parts.clock.now()
    xero.books.invoices.put(replace(invoice, status=status, updated=now))


def pulled(xero: SimulatedXero, *contexts: FakeRunContext) -> dict[str, str]:
    """Run one pull after another; return the last status of each invoice."""
    seen: dict[str, str] = {}
    for ctx in contexts:
        ctx.linked_invoices.linked = sorted(each.invoice_id for each in every(xero))
        module("invoice_pull").run(ctx)
        seen |= {state.id: state.status for state in ctx.linked_invoices.records}
        xero.simulator.parts.clock.advance(600)
    return seen


def every(xero: SimulatedXero) -> list[Invoice]:
    """Return the invoices as they are read."""
    return list(xero.books.invoices.values())


def stir_before_second_page(xero: SimulatedXero) -> None:
    """Approve and delete invoices of both pages right before the second one is read."""
    done: list[bool] = []

    def look(request: httpx.Request) -> None:
        if request.url.params.get("page") == "2" and not done:
            done.append(True)
            for place, invoice in enumerate(every(xero)):
                if place % 9 == 0:
                    wanted = InvoiceStatus.DELETED if place % 2 else InvoiceStatus.AUTHORISED
                    touch(xero, invoice, wanted)

    xero.transport.before = look


@pytest.mark.parametrize("order", ["sql-server", "text"])
def test_what_changes_between_the_pages_is_here_after_the_next_pull(
    xero: SimulatedXero, order: str
) -> None:
    """A pull of changes and the one behind it bring every status there is."""
    board = xero.simulator.parts.switches
    board.switches = board.switches.change({"id_order": order})
    clock = xero.simulator.parts.clock
    start = clock.now()
    clock.advance(600)
    for invoice in every(xero):
        touch(xero, invoice, InvoiceStatus.SUBMITTED)
    first, second = xero.context("invoice_pull"), xero.context("invoice_pull")
    first.watermark = start + timedelta(minutes=5)
    stir_before_second_page(xero)

    seen = pulled(xero, first)
    second.watermark = first.reached
    seen |= pulled(xero, second)

    assert seen == {each.invoice_id: str(each.status) for each in every(xero)}


@pytest.mark.parametrize("order", ["sql-server", "text"])
def test_what_changes_while_all_are_read_is_here_after_the_next_pull(
    xero: SimulatedXero, order: str
) -> None:
    """Reading everything takes two pages, and nobody is missing."""
    board = xero.simulator.parts.switches
    board.switches = board.switches.change({"id_order": order})
    first, second = xero.context("invoice_pull"), xero.context("invoice_pull")
    stir_before_second_page(xero)

    seen = pulled(xero, first)
    calls = len(xero.transport.requests)
    second.watermark = first.reached
    seen |= pulled(xero, second)

    assert calls == 2
    assert first.linked_invoices.gone == []
    assert seen == {each.invoice_id: str(each.status) for each in every(xero)}
