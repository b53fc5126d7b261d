"""Tax mapping: which of the provider's tax types are which of the workspace's tax codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import Node
from syncline.v1.mapping_pb2 import (
    BatchUpdateTaxMappingsRequest,
    ListTaxMappingsRequest,
    TaxMapping,
)
from syncline.v1.record_pb2 import ListTaxCodesRequest
from syncline.v1.run_pb2 import RECORD_KIND_TAX_RATE
from syncline.v1.tax_code_pb2 import TaxCode
from syncline_client import Aborted, FailedPrecondition, SynclineError
from syncline_console.notices import Notice, Tone, done, refusal
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action, page
from syncline_console.standing import Standing
from syncline_console.tax_board import GROUPS, NOT_USED, Board, Row, board
from syncline_console.tax_choices import Choice, Outcome, changed, chosen_for, refused
from syncline_console.templates import count
from syncline_console.visit import Visit

PATH: Final = f"{CONNECTION}/tax-mapping"
_PAGE: Final = 100
"""As many as count as one call."""
_SHOWN: Final = 100
"""Rows of one page; a form may have 2,000 fields, and a row has six, and one call settles 200."""
_CHOSEN: Final = "to:"
"""What the names of the fields that choose begin with; the tax type follows."""
_BULK: Final = {"not_used": NOT_USED, "unmap": ""}
"""What each button for the rows that are picked chooses."""
_UNSEEN: Final = Outcome()


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which tax types are shown."""

    group: str
    """One of :data:`GROUPS`; empty for all."""
    query: str
    page: int
    """Counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One page of the tax types that a filter lets through."""

    rows: Sequence[Row]
    page: int
    """Counted from 1."""
    listed: int
    """How many there are on all pages."""

    @property
    def first(self) -> int:
        """How many come before this page."""
        return (self.page - 1) * _SHOWN

    @property
    def is_last(self) -> bool:
        """Whether no page comes behind this one."""
        return self.first + _SHOWN >= self.listed


def show(visit: Visit) -> Response:
    """Show all of it."""
    return _page(visit, _read(visit), _UNSEEN)


def save(visit: Visit) -> Response:
    """Save what was chosen, or fill in what is suggested."""
    choices = _choices(visit)
    if visit.sent("act") == "suggest":
        return _suggest(visit, choices)
    bulk = _BULK.get(visit.sent("act"))
    picked = visit.all_sent("pick")
    wanted = choices if bulk is None else chosen_for(choices, picked, bulk)
    if not changed(wanted):
        return _unchanged(visit, choices, nothing_picked=bulk is not None and not picked)
    return _settle(visit, choices, changed(wanted))


def _settle(visit: Visit, choices: Mapping[str, Choice], wanted: Mapping[str, Choice]) -> Response:
    requests = [each.request(visit.connection) for each in wanted.values()]
    batch = BatchUpdateTaxMappingsRequest(parent=visit.connection, requests=requests)
    try:
        visit.ask(visit.client.mappings.BatchUpdateTaxMappings, batch)
    except SynclineError as error:
        found = _read(visit)
        outcome = refused(error, changed({**choices, **wanted}), found)
        if isinstance(error, Aborted) and not (outcome.overtaken or outcome.choices):
            return visit.go(_here(visit), done("It is saved like that already."))
        return _page(visit, found, outcome, _told(error), status=409)
    saved = done(f"Saved {count(len(wanted), 'tax rate')}.")
    rest = {id_: each for id_, each in changed(choices).items() if id_ not in wanted}
    if not rest:
        return visit.go(_here(visit), saved)
    more = f"{count(len(rest), 'other change')} below: not saved yet."
    notice = Notice(tone=saved.tone, text=saved.text, details=(more,))
    return _page(visit, _read(visit), Outcome(choices=rest), notice)


def _suggest(visit: Visit, choices: Mapping[str, Choice]) -> Response:
    found = _read(visit)
    filled = dict(choices)
    for id_, code in found.suggested.items():
        if id_ in choices and not choices[id_].chosen:
            filled.update(chosen_for(choices, [id_], code))
    number = count(len(changed(filled)) - len(changed(choices)), "suggestion")
    text = f"Filled in {number}. Nothing is saved yet: look at them, then save."
    notice = Notice(tone=Tone.INFO, text=text)
    return _page(visit, found, Outcome(choices=changed(filled)), notice)


def _unchanged(visit: Visit, choices: Mapping[str, Choice], *, nothing_picked: bool) -> Response:
    text = "Nothing to save: it all is as it was."
    if nothing_picked:
        text = "Tick the tax rates first, in the first column."
    notice = Notice(tone=Tone.INFO, text=text)
    return _page(visit, _read(visit), Outcome(choices=changed(choices)), notice)


def _told(error: SynclineError) -> Notice:
    if isinstance(error, Aborted):
        text = "Somebody else was faster, so nothing was saved. Look at the marked rows, then save."
        return Notice(tone=Tone.WARNING, text=text)
    if isinstance(error, FailedPrecondition):
        text = "Nothing was saved yet. The marked rows say what is to be decided."
        return Notice(tone=Tone.WARNING, text=text)
    return refusal(error)


def _choices(visit: Visit) -> dict[str, Choice]:
    ids = [name.removeprefix(_CHOSEN) for name in visit.form if name.startswith(_CHOSEN)]
    return {
        id_: Choice(
            tax_type=id_,
            chosen=visit.sent(f"{_CHOSEN}{id_}"),
            shown=visit.sent(f"was:{id_}"),
            etag=visit.sent(f"etag:{id_}"),
            confirmed=visit.sent(f"ok:{id_}"),
            is_kept=bool(visit.sent(f"keep:{id_}")),
        )
        for id_ in ids
    }


def _page(
    visit: Visit,
    found: Board,
    outcome: Outcome,
    told: Notice | None = None,
    *,
    status: int = 200,
) -> Response:
    standing, wanted = visit.standing(), _filter(visit)
    leaf = _leaf(found, wanted)
    if outcome is not _UNSEEN:
        # What is typed stays in sight, wherever the filter would put it now.
        typed = {*outcome.choices, *outcome.overtaken, *_choices(visit)}
        rows = [row for row in found.rows if row.id in typed]
        if len(rows) < len(typed):  # they are another organisation's
            return _gone(visit, saved=told.text if told and told.tone is Tone.DONE else "")
        leaf = replace(leaf, rows=rows)
    return visit.page(
        "tax_mapping.html",
        status=status,
        board=found,
        groups=GROUPS,
        filter=wanted,
        here=_here(visit),
        is_answer=outcome is not _UNSEEN,
        leaf=leaf,
        outcome=outcome,
        pull=standing.pull(RECORD_KIND_TAX_RATE),
        stage=_stage(standing, found.rows),
        standing=standing,
        told=told,
        unlocked=_unlocked(standing),
    )


def _gone(visit: Visit, *, saved: str) -> Response:
    return visit.page(
        "mapping_gone.html",
        status=404,
        back=visit.path("tax-mapping"),
        many="tax rates",
        saved=saved,
        tab="tax-mapping",
        what="These tax rates are not there",
    )


def _leaf(found: Board, wanted: Filter) -> Leaf:
    rows = found.found(wanted.group, wanted.query)
    pages = max(1, -(-len(rows) // _SHOWN))
    leaf = Leaf(rows=rows, page=min(wanted.page, pages), listed=len(rows))
    return replace(leaf, rows=rows[leaf.first : leaf.first + _SHOWN])


def _filter(visit: Visit) -> Filter:
    group, number = visit.asked("show"), visit.asked("page")
    return Filter(
        group=group if group in GROUPS else "",
        query=visit.asked("q")[:200],
        page=max(1, int(number)) if number.isdecimal() and len(number) < len("1000") else 1,
    )


def _here(visit: Visit) -> str:
    query = visit.request.url.query
    return visit.path("tax-mapping") + (f"?{query}" if query else "")


def _stage(standing: Standing, rows: Sequence[Row]) -> str:
    """Return what has to be done before there is anything to map; empty when nothing has."""
    if rows:
        return ""
    if not standing.is_connected:
        return "connect"
    return "empty" if standing.pull(RECORD_KIND_TAX_RATE).complete else "sync"


def _unlocked(standing: Standing) -> list[str]:
    """Return the titles of what comes next when nothing is left to settle."""
    steps = {
        each.id
        for each in standing.modules
        if each.kind == Node.KIND_MANUAL_STEP and each.record_kind == RECORD_KIND_TAX_RATE
    }
    behind = [each for each in standing.modules if steps & {*each.requires, *each.after}]
    ids = {each.id for each in behind}
    return [each.title for each in behind if not ids & {*each.requires, *each.after}]


def _read(visit: Visit) -> Board:
    return board(_mappings(visit), _codes(visit))


def _mappings(visit: Visit) -> Iterator[TaxMapping]:
    request = ListTaxMappingsRequest(parent=visit.connection, page_size=_PAGE)
    while True:
        answer = visit.ask(visit.client.mappings.ListTaxMappings, request)
        yield from answer.tax_mappings
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


def _codes(visit: Visit) -> Iterator[TaxCode]:
    request = ListTaxCodesRequest(parent=visit.parent, page_size=_PAGE)
    while True:
        answer = visit.ask(visit.client.records.ListTaxCodes, request)
        yield from answer.tax_codes
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


ROUTES: Final = (
    page(PATH, show),
    action(PATH, save, needs=Role.OPERATOR, back=PATH),
)
