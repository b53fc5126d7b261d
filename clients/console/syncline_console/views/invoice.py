"""One invoice: ours beside the provider's, and what keeps it from being sent."""

from typing import Any, Final

from starlette.responses import Response

from syncline.v1.invoice_pb2 import Invoice
from syncline.v1.record_pb2 import GetInvoiceRequest, PreflightInvoicesRequest, PreflightResult
from syncline_client import FailedPrecondition
from syncline_console import comparing, invoice_words
from syncline_console.records import Records
from syncline_console.routing import CONNECTION, page
from syncline_console.views.invoices import Reason, reasons
from syncline_console.visit import Visit

_STATES: Final = {
    Invoice.STATE_DRAFT: ("Draft", "mute"),
    Invoice.STATE_CONFIRMED: ("Confirmed", "info"),
    Invoice.STATE_VOID: ("Void", "mute"),
}
"""Word and tone of how far an invoice is here."""


def show(visit: Visit) -> Response:
    """Show the invoice in the address."""
    name = f"{visit.parent}/invoices/{visit.request.path_params['invoice']}"
    invoice = visit.ask(visit.client.records.GetInvoice, GetInvoiceRequest(name=name)).invoice
    standing = visit.standing()
    records = Records(visit)
    return visit.page(
        "invoice.html",
        standing=standing,
        invoice=invoice,
        is_linked=invoice.link.push_state == invoice_words.LINKED,
        state=_STATES.get(invoice.state, ("Unknown", "mute")),
        customer=records.title(invoice.customer),
        fields=comparing.fields(invoice, records.title),
        columns=[comparing.COLUMNS[each] for each in comparing.columns(invoice)],
        rows=comparing.rows(invoice, records.title),
        **_sending(visit, invoice, standing.connection.provider_title),
    )


def _sending(visit: Visit, invoice: Invoice, provider: str) -> dict[str, Any]:
    """Return how sending it stands, and what stands in its way."""
    link = invoice.link if invoice.HasField("link") else None
    verdict = None if link and link.push_state == invoice_words.LINKED else _verdict(visit, invoice)
    return {
        "word": invoice_words.word(link, provider) if link else None,
        "provider_state": invoice_words.status(link) if link else "",
        "is_eligible": bool(verdict and verdict.outcome == PreflightResult.OUTCOME_ELIGIBLE),
        "reasons": _reasons(visit, verdict),
    }


def _verdict(visit: Visit, invoice: Invoice) -> PreflightResult | None:
    """Return what a push would do with it; None where nothing was ever connected."""
    request = PreflightInvoicesRequest(connection=visit.connection, invoices=[invoice.name])
    try:
        return visit.ask(visit.client.records.PreflightInvoices, request).results[0]
    except FailedPrecondition as error:
        if error.reason != "NOT_CONNECTED":
            raise
        return None


def _reasons(visit: Visit, verdict: PreflightResult | None) -> list[Reason]:
    return reasons(verdict.reasons, visit) if verdict else []


ROUTES: Final = (page(f"{CONNECTION}/invoices/{{invoice}}", show),)
