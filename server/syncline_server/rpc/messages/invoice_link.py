"""Invoice links on the wire."""

from syncline.v1 import invoice_pb2
from syncline_sdk import InvoiceState
from syncline_server.core import names
from syncline_server.core.link import Link
from syncline_server.core.model import PushState
from syncline_server.core.variance import Variance
from syncline_server.rpc.messages.amount import cents


def invoice_link(link: Link) -> invoice_pb2.InvoiceLink:
    """Return a link as callers see it; what the provider holds only where it holds something."""
    organisation = link.organisation
    message = invoice_pb2.InvoiceLink(
        name=f"{organisation.connection}/invoiceLinks/{link.invoice_id}",
        invoice=names.record(organisation.workspace, "invoices", link.invoice_id),
        organisation=organisation.id,
        push_state=f"PUSH_STATE_{link.push_state}",
        variance=_variance(link.variance) if link.variance else None,
        link_time=link.link_time,
        refresh_time=link.refresh_time,
        refusal=_refusal(link),
    )
    if link.remote is not None:
        message.MergeFrom(_remote(link.remote))
    return message


def _refusal(link: Link) -> invoice_pb2.InvoiceRefusal | None:
    if link.push_state is not PushState.REJECTED:
        return None
    return invoice_pb2.InvoiceRefusal(code=link.refusal_code, message=link.refusal_message)


def _remote(remote: InvoiceState) -> invoice_pb2.InvoiceLink:
    paid = remote.fully_paid_date
    return invoice_pb2.InvoiceLink(
        provider_invoice_id=remote.id,
        provider_number=remote.number,
        provider_status=remote.status,
        provider_subtotal=cents(remote.subtotal),
        provider_total_tax=cents(remote.total_tax),
        provider_total=cents(remote.total),
        amount_due=cents(remote.amount_due),
        amount_paid=cents(remote.amount_paid),
        amount_credited=cents(remote.amount_credited),
        fully_paid_date=paid.isoformat() if paid else "",
    )


def _variance(variance: Variance) -> invoice_pb2.InvoiceVariance:
    return invoice_pb2.InvoiceVariance(
        total_difference=cents(variance.total_difference),
        lines=[
            invoice_pb2.VarianceLine(
                line_number=each.line_number, field=each.field, ours=each.ours, theirs=each.theirs
            )
            for each in variance.differences
        ],
        summary=variance.summary,
    )
