"""Invoices: those that wait to be pushed, and what became of the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from starlette.responses import Response

from syncline.v1.integration_pb2 import Connection
from syncline.v1.invoice_pb2 import Invoice, InvoiceLink
from syncline.v1.record_pb2 import (
    ListInvoiceLinksRequest,
    PreflightInvoicesRequest,
    PreflightInvoicesResponse,
    PreflightReason,
    PreflightResult,
)
from syncline.v1.run_pb2 import RecordKind
from syncline_client import FailedPrecondition
from syncline_console import fixes, invoice_words
from syncline_console.advice import Guide
from syncline_console.fixes import Group, Way
from syncline_console.issue_list import beginning
from syncline_console.people import Role
from syncline_console.records import Records, last
from syncline_console.routing import CONNECTION, page
from syncline_console.standing import Standing
from syncline_console.visit import Visit

PUSH: Final = "invoice_push"
PULL: Final = "invoice_pull"
MOST_AT_ONCE: Final = 50
"""Invoices that one push or refresh may name."""
_PER_PAGE: Final = MOST_AT_ONCE
_PREFLIGHT_SECONDS: Final = 30.0
"""It judges every confirmed invoice."""
_BLOCKED: Final = PreflightResult.OUTCOME_BLOCKED
_ELIGIBLE: Final = PreflightResult.OUTCOME_ELIGIBLE


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that blocks an invoice."""

    text: str
    advice: str
    way: Way | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An invoice that was not sent yet."""

    id: str
    number: str
    invoice: Invoice | None
    customer: str
    reasons: list[Reason]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An invoice that was sent, or is being."""

    id: str
    link: InvoiceLink
    number: str
    currency: str
    customer: str
    is_linked: bool
    word: invoice_words.Word
    status: str


def show(visit: Visit) -> Response:
    """Show what waits to be pushed, or with ``list=linked`` what was sent."""
    standing = visit.standing()
    if visit.asked("list") == "linked":
        return _linked(visit, standing)
    request = PreflightInvoicesRequest(connection=visit.connection)
    preflight = visit.client.records.PreflightInvoices
    try:
        found = visit.ask(preflight, request, timeout=_PREFLIGHT_SECONDS)
    except FailedPrecondition as error:
        if error.reason != "NOT_CONNECTED":
            raise
        return visit.page("invoices_none.html", standing=standing)
    is_disconnected = standing.connection.state == Connection.STATE_NOT_CONNECTED
    if is_disconnected and not (found.eligible_count or found.blocked_count):
        return visit.page("invoices_none.html", standing=standing)
    return _to_push(visit, standing, found)


def reasons(found: Sequence[PreflightReason], visit: Visit) -> list[Reason]:
    """Return what blocks an invoice, each with where it is settled."""
    return [
        Reason(
            text=each.message,
            advice=fixes.advice(each.code, each.action),
            way=fixes.of_reason(each.code, visit.path, may_settle=visit.may(Role.OPERATOR)),
        )
        for each in found
    ]


def _to_push(visit: Visit, standing: Standing, found: PreflightInvoicesResponse) -> Response:
    is_blocked = visit.asked("show") == "blocked"
    outcome = _BLOCKED if is_blocked else _ELIGIBLE
    wanted = [each for each in found.results if each.outcome == outcome]
    first = beginning(visit)
    behind = first + _PER_PAGE
    node = standing.node(PUSH)
    return visit.page(
        "invoices_push.html",
        standing=standing,
        node=node,
        obstacles=Guide(standing=standing, looker=visit.looker).advise(node.blockers),
        counts=found,
        is_blocked=is_blocked,
        rows=list(_waiting(visit, wanted[first:behind])),
        groups=_groups(visit, wanted) if is_blocked else [],
        all_picked=visit.asked("pick") == "all",
        first=first,
        listed=len(wanted),
        is_cut=len(found.results) < found.eligible_count + found.blocked_count + found.linked_count,
        next_first=behind if behind < len(wanted) else 0,
        previous_first=max(first - _PER_PAGE, 0),
        most=MOST_AT_ONCE,
        request_id=str(uuid4()),
    )


def _groups(visit: Visit, blocked: Sequence[PreflightResult]) -> list[Group]:
    invoice = RecordKind.RECORD_KIND_INVOICE
    codes = [(reason.code, invoice) for each in blocked for reason in each.reasons]
    found = fixes.grouped(codes, visit.path, may_settle=visit.may(Role.OPERATOR))
    return found if len(codes) > len(found) else []


def _waiting(visit: Visit, results: Sequence[PreflightResult]) -> Iterator[Waiting]:
    records = Records(visit)
    for each in results:
        invoice = records.invoice(each.invoice)
        yield Waiting(
            id=last(each.invoice),
            number=each.number,
            invoice=invoice,
            customer=records.title(invoice.customer) if invoice else "",
            reasons=reasons(each.reasons, visit),
        )


def _linked(visit: Visit, standing: Standing) -> Response:
    state = visit.asked("state")
    is_differing = visit.asked("differing") == "yes"
    _, states = invoice_words.STATES.get(state, ("", ()))
    request = ListInvoiceLinksRequest(
        parent=visit.connection,
        page_size=_PER_PAGE,
        page_token=visit.asked("after"),
        push_states=states,
        variance_only=is_differing,
    )
    answer = visit.ask(visit.client.records.ListInvoiceLinks, request)
    node = standing.node(PULL)
    return visit.page(
        "invoices_linked.html",
        standing=standing,
        node=node,
        obstacles=Guide(standing=standing, looker=visit.looker).advise(node.blockers),
        rows=list(_sent(visit, standing, answer.invoice_links)),
        states=[(key, title) for key, (title, _) in invoice_words.STATES.items()],
        state=state,
        is_differing=is_differing,
        next_token=answer.next_page_token,
        most=MOST_AT_ONCE,
        request_id=str(uuid4()),
    )


def _sent(visit: Visit, standing: Standing, links: Sequence[InvoiceLink]) -> Iterator[Sent]:
    records = Records(visit)
    for link in links:
        invoice = records.invoice(link.invoice) or Invoice(number=link.provider_number)
        yield Sent(
            id=last(link.invoice),
            link=link,
            number=invoice.number,
            currency=invoice.currency_code,
            customer=records.title(invoice.customer) if invoice.customer else "",
            is_linked=link.push_state == invoice_words.LINKED,
            word=invoice_words.word(link, standing.connection.provider_title),
            status=invoice_words.status(link),
        )


ROUTES: Final = (page(f"{CONNECTION}/invoices", show),)
