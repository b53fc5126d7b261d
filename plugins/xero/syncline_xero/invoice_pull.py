"""The module ``invoice_pull``: how the invoices we pushed stand in Xero now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from syncline_sdk import (
    Direction,
    InvoiceState,
    ModuleSpec,
    Option,
    OptionKind,
    RecordKind,
    RunContext,
    RunFailed,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Answer, BadRow
from syncline_xero.invoice_push import INVOICES_TOGGLE, NAMED_INVOICES
from syncline_xero.invoices import BATCH_SIZE, LISTING, invoice_decoder, read_by_ids, to_state
from syncline_xero.paging import Page, PagedList, Place
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable

# 365 days, as the server checks when the run is asked for, and a day for waiting in the queue.
_FURTHEST_BACK: Final = timedelta(days=366)


class Window(StrEnum):
    """Which linked invoices a pull refreshes."""

    SINCE_LAST = "SINCE_LAST"  # changed since the last successful pull
    SINCE_TIME = "SINCE_TIME"  # changed since a given time
    ALL_LINKED = "ALL_LINKED"


def invoice_pull_module() -> ModuleSpec:
    """Return the module ``invoice_pull``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="invoice_pull",
        title="Invoice Pull",
        direction=Direction.PULL,
        kind=RecordKind.INVOICE,
        toggle=INVOICES_TOGGLE,
        cooldown=timedelta(seconds=10),
        run=run,
        requires=("contacts", "items", "tax_mapping"),
        options=(
            Option(
                name="window",
                title="Window",
                kind=OptionKind.CHOICE,
                default=Window.SINCE_LAST.value,
                choices=tuple(window.value for window in Window),
            ),
            Option(name="since", title="Since", kind=OptionKind.TIMESTAMP),
            NAMED_INVOICES,
        ),
    )


def run(ctx: RunContext) -> None:
    """Refresh linked invoices: those that changed, or all, or those the trigger names.

    Changed ones are found by reading every sales invoice Xero changed in the window; invoices that
    exist only there are ignored where they are stored. All and named ones are read by their ids,
    which also shows what Xero no longer has.

    :raises RunFailed: if the window begins more than 365 days back, or has no beginning.
    """
    window = Window(str(ctx.options["window"]))
    if ctx.options["invoices"]:
        _pull_linked(ctx, complete=False)
    elif window is Window.SINCE_TIME:
        since = _given_time(ctx)
        _pull_changed(ctx, since, complete=ctx.watermark is not None and since <= ctx.watermark)
    elif window is Window.SINCE_LAST and ctx.watermark is not None:
        _pull_changed(ctx, ctx.watermark, complete=True)
    else:
        _pull_linked(ctx, complete=True)


def _given_time(ctx: RunContext) -> datetime:
    since = ctx.options["since"]
    if not isinstance(since, datetime):
        raise RunFailed(
            "XERO_PULL_TIME_MISSING",
            "A pull since a given time needs that time.",
            action="Name the time with the option since.",
        )
    if ctx.run.attempt == 1 and since < ctx.now() - _FURTHEST_BACK:
        raise RunFailed(
            "XERO_PULL_TOO_FAR_BACK",
            "A pull can go back 365 days at most.",
            action="Choose a later time, or refresh all linked invoices.",
        )
    return since


def _pull_changed(ctx: RunContext, since: datetime, *, complete: bool) -> None:
    """Read what changed since then; ``complete`` if that leaves nothing unread before it."""
    place = Place.at(ctx.cursor)
    listing = PagedList(
        path="Invoices",
        params={**LISTING, "where": 'Type=="ACCREC"', "order": "InvoiceID"},
        decoder=invoice_decoder(),
        row_id=lambda row: row.id,
        since=since,
    )
    if complete and place.until is not None:
        ctx.advance_watermark(place.until)
    for page in listing.pages(XeroClient(ctx), place):
        if complete and page.next.until is not None:
            ctx.advance_watermark(page.next.until)
        _tell_total(ctx, page)
        states, bad = _states(page.answer)
        _report_linked(ctx, bad)
        ctx.linked_invoices.store(states, cursor=page.next.cursor())
        del page, states, bad  # before the next one is decoded


def _tell_total(ctx: RunContext, page: Page[wire.Invoice]) -> None:
    pagination = page.answer.pagination
    if pagination is not None and pagination.item_count is not None:
        ctx.progress(total=max(pagination.item_count, 0))


class _Progress(msgspec.Struct):
    """The cursor of a pull by ids."""

    last: str | None = None
    """The id refreshed last."""
    until: datetime | None = None
    """Xero's clock at the first call."""


def _pull_linked(ctx: RunContext, *, complete: bool) -> None:
    """Read linked invoices by id; ``complete`` if they are all there are."""
    client, decoder = XeroClient(ctx), invoice_decoder()
    ids = list(ctx.linked_invoices.ids())
    ctx.progress(total=len(ids))
    done = _progress_at(ctx.cursor)
    # An id that is no longer linked marks no place: then all are read again.
    start = ids.index(done.last) + 1 if done.last in ids else 0
    for begin in range(start, len(ids), BATCH_SIZE):
        batch = ids[begin : begin + BATCH_SIZE]
        answer = read_by_ids(client, decoder, batch)
        until = done.until if done.last else answer.answered
        done = _Progress(last=batch[-1], until=until)
        _store_batch(ctx, batch, answer, done)
    if complete and done.until is not None:
        ctx.advance_watermark(done.until)


def _store_batch(
    ctx: RunContext, batch: Sequence[str], answer: Answer[wire.Invoice], done: _Progress
) -> None:
    states, bad = _states(answer)
    report_unreadable(ctx, RecordKind.INVOICE, bad)
    if missing := _missing(batch, answer):
        # Before the page is stored: what is told twice does no harm, what is never told does.
        ctx.linked_invoices.missing(missing)
    ctx.linked_invoices.store(states, cursor=msgspec.json.encode(done).decode())


def _missing(batch: Sequence[str], answer: Answer[wire.Invoice]) -> list[str]:
    """Return the ids the answer left out; none while an element in it may be any of them."""
    found = {(row.id or "").casefold() for row in answer.rows}
    found |= {row.id.casefold() for row in answer.bad}
    if "" in found:
        return []
    return [id_ for id_ in batch if id_.casefold() not in found]


def _progress_at(cursor: str | None) -> _Progress:
    try:
        return msgspec.json.decode(cursor or "{}", type=_Progress)
    except ValueError:  # another version's cursor: reading again is always right
        return _Progress()


def _states(answer: Answer[wire.Invoice]) -> tuple[list[InvoiceState], list[BadRow]]:
    """Return what could be read of an answer, and what could not."""
    states, bad = [], list(answer.bad)
    for row in answer.rows:
        try:
            states.append(to_state(row))
        except ValueError as error:
            bad.append(unreadable(row.id, row.number, str(error)))
    return states, bad


def _report_linked(ctx: RunContext, bad: Sequence[BadRow]) -> None:
    """Report those unreadable invoices that are linked, or may be; others are none of ours."""
    if bad:
        linked = {id_.casefold() for id_ in ctx.linked_invoices.ids()}
        ours = [row for row in bad if not row.id or row.id.casefold() in linked]
        report_unreadable(ctx, RecordKind.INVOICE, ours)
