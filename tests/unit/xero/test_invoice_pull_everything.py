"""Refreshing all linked invoices: by pages, by ids, whichever takes fewer calls."""

from datetime import UTC, datetime

import httpx
import pytest

from syncline_sdk import RunStopped
from syncline_sdk.testing import FakeRunContext, Script, Step
from xero_answers import ANSWERED_MS, invoice, listed, module, run_context

ANSWERED_AT = datetime.fromtimestamp(ANSWERED_MS / 1000, UTC)


def by_ids(request: httpx.Request) -> httpx.Response:
    """Answer a read by ids with the invoices asked for."""
    found = [invoice(InvoiceID=id_) for id_ in request.url.params["IDs"].split(",")]
    return httpx.Response(200, json={"DateTimeUTC": f"/Date({ANSWERED_MS})/", "Invoices": found})


def page(first: int, count: int, items: int) -> Step:
    """Return a step with a page of this app's invoices."""
    rows = [invoice(InvoiceID=f"i{place}") for place in range(first, first + count)]
    return listed("Invoices", rows, pageSize=1000, pageCount=-(-items // 1000), itemCount=items)


def context(linked: int, *steps: Step) -> FakeRunContext:
    """Return a context without a watermark and so many linked invoices."""
    ctx = run_context("invoice_pull", Script(*steps))
    ctx.linked_invoices.linked = [f"i{place}" for place in range(linked)]
    return ctx


def pull(ctx: FakeRunContext) -> list[httpx.Request]:
    """Run the pull; return the requests it made."""
    module("invoice_pull").run(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    assert script.unplayed == 0
    return script.requests


def ids_asked(requests: list[httpx.Request]) -> list[int]:
    """Return how many ids each read by ids named."""
    return [len(r.url.params["IDs"].split(",")) for r in requests if "IDs" in r.url.params]


def test_many_are_read_in_pages_of_what_this_app_made() -> None:
    """A page of a thousand takes one call where reading by ids would take 25."""
    ctx = context(1000, page(0, 1000, 1000))

    (request,) = pull(ctx)

    assert dict(request.url.params) == {
        "unitdp": "4",
        "Statuses": "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED",
        "where": 'Type=="ACCREC"',
        "order": "InvoiceID",
        "createdByMyApp": "true",
        "page": "1",
        "pageSize": "1000",
    }
    assert "If-Modified-Since" not in request.headers
    assert len(ctx.linked_invoices.records) == 1000
    assert ctx.linked_invoices.gone == []
    assert ctx.totals == [1000]
    assert ctx.reached == ANSWERED_AT


def test_what_no_page_held_is_read_by_id() -> None:
    """What another app made is found by its id, and what is in neither is missing."""
    nothing = listed("Invoices", [])
    ctx = context(100, page(0, 50, 50), by_ids, nothing, nothing)

    requests = pull(ctx)

    assert ids_asked(requests) == [40, 10, 10]
    assert ctx.linked_invoices.gone == [f"i{place}" for place in range(90, 100)]
    assert ctx.reached == ANSWERED_AT


def test_invoices_that_hold_our_numbers_are_read_and_counted_for_nothing() -> None:
    """By id behind the others; those that are gone or cannot be read are nobody's issue."""
    rows = [invoice(InvoiceID="f0"), invoice(InvoiceID="f1", Status=None)]
    ctx = context(10, by_ids, by_ids, listed("Invoices", rows))
    ctx.linked_invoices.foreign = [f"f{place}" for place in range(2, 42)] + ["f0", "f1", "f42"]

    assert ids_asked(pull(ctx)) == [10, 40, 3]

    stored = {state.id for state in ctx.linked_invoices.records}
    assert {"f0", "f2", "f41", "i9"} <= stored
    assert (ctx.linked_invoices.gone, ctx.issues, ctx.totals) == ([], [], [10])
    assert ctx.reached == ANSWERED_AT


def test_pages_of_strangers_are_left_for_reading_by_ids() -> None:
    """Where Xero has far more of this app's invoices than are linked, ids take fewer calls."""
    ctx = context(90, page(5000, 1000, 9000), by_ids, by_ids, by_ids)

    assert ids_asked(pull(ctx)) == [40, 40, 10]


def test_pages_taken_up_again_go_on_behind_the_last_one() -> None:
    """What the first execution stored is not read again, and its time is the watermark."""
    ctx = context(2000, page(0, 1000, 2000))
    ctx.stop_at(4)
    with pytest.raises(RunStopped):
        pull(ctx)

    again = ctx.taken_up_again()
    script = ctx.http._transport
    assert isinstance(script, Script)
    script.then(page(1000, 1000, 2000))
    requests = pull(again)

    assert [request.url.params["page"] for request in requests] == ["1", "2"]
    assert len(again.linked_invoices.records) == 2000
    assert again.reached == ANSWERED_AT


def test_ids_taken_up_again_are_the_rest() -> None:
    """A run that has come to reading by ids reads no page again."""
    ctx = context(100, page(0, 20, 20), by_ids, by_ids)
    ctx.stop_at(7)
    with pytest.raises(RunStopped):
        pull(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    before = len(script.requests)

    again = ctx.taken_up_again()
    script.then(by_ids)
    requests = pull(again)

    assert ids_asked(requests[before:]) == [40]
    assert again.linked_invoices.gone == []
    assert len({state.id for state in again.linked_invoices.records}) == 100
