"""The module ``invoice_pull``: how the invoices we pushed stand in Xero now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from syncline_sdk import (
    Census,
    CensusContext,
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
from syncline_xero.client import OVERLAP, XeroClient
from syncline_xero.decoding import Answer, BadRow
from syncline_xero.invoice_push import INVOICES_TOGGLE, NAMED_INVOICES
from syncline_xero.invoices import BATCH_SIZE, LISTING, invoice_decoder, read_by_ids, to_state
from syncline_xero.paging import PAGE_SIZE, Page, PagedList, Place
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable

# 365 days, as the server checks when the run is asked for, and a day for waiting in the queue.
_FURTHEST_BACK: Final = timedelta(days=366)
_FEW: Final = 2 * BATCH_SIZE
"""Up to so many linked invoices are read by id at once; pages may be fewer calls for more."""
_BY_IDS: Final = 0
"""The page at which a place says that the rest is read by ids."""


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
        takes_targets=True,
        census=census,
        options=(
            Option(
                name="window",
                title="Window",
                kind=OptionKind.CHOICE,
                default=Window.SINCE_LAST.value,
                choices=tuple(window.value for window in Window),
                choice_titles=("Since the last refresh", "Since a time", "All linked invoices"),
            ),
            Option(name="since", title="Since", kind=OptionKind.TIMESTAMP),
            NAMED_INVOICES,
        ),
    )


def run(ctx: RunContext) -> None:
    """Refresh linked invoices: those that changed, or all, or those the trigger or a webhook names.

    Changed ones are found by reading every sales invoice Xero changed in the window; invoices that
    exist only there are ignored where they are stored. Named ones are read by their ids, which also
    shows what Xero no longer has; so is whatever a reading of all did not meet in pages.

    :raises RunFailed: if the window begins more than 365 days back, or has no beginning.
    """
    window = Window(str(ctx.options["window"]))
    if ctx.targets or ctx.options["invoices"]:
        ctx.progress(total=len(list(ctx.linked_invoices.ids())))
        _pull_by_ids(ctx, XeroClient(ctx), Place.at(ctx.cursor))
    elif window is Window.SINCE_TIME:
        since = _given_time(ctx)
        _pull_changed(ctx, since, complete=ctx.watermark is not None and since <= ctx.watermark)
    elif window is Window.SINCE_LAST and ctx.watermark is not None:
        _pull_changed(ctx, ctx.watermark, complete=True)
    else:
        _pull_everything(ctx)


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


def _pull_everything(ctx: RunContext) -> None:
    """Refresh all linked invoices in as few calls as it takes, and find those Xero has no more."""
    client, place = XeroClient(ctx), Place.at(ctx.cursor)
    linked = list(ctx.linked_invoices.ids())
    ctx.progress(total=len(linked))
    begun = place.page > 1
    in_pages = begun or (place.page != _BY_IDS and len(linked) > _FEW)
    if in_pages:
        place = _pull_pages(ctx, client, place)
    opens = ctx.cursor is None and not in_pages
    place = _pull_by_ids(ctx, client, replace(place, page=_BY_IDS), opens=opens)
    _read_holders(ctx, client, place)
    if place.until is not None:
        ctx.advance_watermark(place.until)


def _pull_pages(ctx: RunContext, client: XeroClient, place: Place) -> Place:
    """Read the invoices this app has created, while that takes fewer calls than reading by ids."""
    listing = PagedList(
        path="Invoices",
        params={
            **LISTING,
            "where": 'Type=="ACCREC"',
            "order": "InvoiceID",
            "createdByMyApp": "true",
        },
        decoder=invoice_decoder(),
        row_id=lambda row: row.id,
    )
    for page in listing.pages(client, place):
        place = page.next
        states, bad = _states(page.answer)
        _report_linked(ctx, bad)
        ctx.linked_invoices.store(states, cursor=place.cursor())
        left = _calls_left(page, place)
        del page, states, bad  # before the next one is decoded
        if left > ceil(len(ctx.linked_invoices.unseen()) / BATCH_SIZE):
            break
    return place


def _calls_left(page: Page[wire.Invoice], place: Place) -> int:
    """Return how many more pages there are as far as Xero tells; none when it does not."""
    pagination = page.answer.pagination
    items = 0 if pagination is None else pagination.item_count or 0
    return max(ceil(items / PAGE_SIZE) - (place.page - 1), 0)


def _pull_by_ids(
    ctx: RunContext, client: XeroClient, place: Place, *, opens: bool = False
) -> Place:
    """Read what is left to refresh by id; return the place behind it.

    :param opens: whether the run's first call is made here, whose time it will have read up to.
    """
    unseen = ctx.linked_invoices.unseen()
    place, missing = _read_batches(ctx, client, place, unseen, opens=opens)
    if missing:
        # Once more: one empty answer is no proof.
        place, missing = _read_batches(ctx, client, place, missing)
    if missing:
        ctx.linked_invoices.missing(missing)
    return place


def _read_batches(
    ctx: RunContext, client: XeroClient, place: Place, ids: Sequence[str], *, opens: bool = False
) -> tuple[Place, list[str]]:
    """Store the invoices with these ids; return the place behind them, and whom Xero left out."""
    decoder = invoice_decoder()
    missing: list[str] = []
    for begin in range(0, len(ids), BATCH_SIZE):
        batch = ids[begin : begin + BATCH_SIZE]
        answer = read_by_ids(client, decoder, batch)
        if opens and not begin:
            place = replace(place, until=answer.answered)
        states, bad = _states(answer)
        report_unreadable(ctx, RecordKind.INVOICE, bad)
        missing += answer.without(batch)
        ctx.linked_invoices.store(states, cursor=place.cursor())
    return place, missing


def _read_holders(ctx: RunContext, client: XeroClient, place: Place) -> None:
    """Read the invoices of others that hold numbers of ours: changes are read only once.

    The watermark moves past theirs. What cannot be read of them, or is gone, is none of ours.
    """
    decoder, holders = invoice_decoder(), ctx.linked_invoices.holders()
    for begin in range(0, len(holders), BATCH_SIZE):
        answer = read_by_ids(client, decoder, holders[begin : begin + BATCH_SIZE])
        states, _ = _states(answer)
        ctx.linked_invoices.store(states, cursor=place.cursor())


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


def census(ctx: CensusContext) -> Census:
    """Read the sample by id; each invoice tells itself when it changed."""
    client, decoder = XeroClient(ctx), invoice_decoder()
    records: list[InvoiceState] = []
    unreadable_ids: set[str] = set()
    for begin in range(0, len(ctx.sample), BATCH_SIZE):
        answer = read_by_ids(client, decoder, ctx.sample[begin : begin + BATCH_SIZE])
        states, bad = _states(answer)
        records += states
        unreadable_ids |= {row.id for row in bad}
    return Census(
        records=tuple(records),
        unreadable=frozenset(unreadable_ids),
        changed=frozenset(state.id for state in records if _changed(ctx, state)),
    )


def _changed(ctx: CensusContext, state: InvoiceState) -> bool:
    updated = state.modified_time
    return updated is not None and ctx.since is not None and updated >= ctx.since - OVERLAP
