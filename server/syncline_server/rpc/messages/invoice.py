"""Invoices on the wire."""

from collections.abc import Sequence

from syncline.v1 import invoice_pb2
from syncline_sdk import LineAmounts
from syncline_server.core import etags, names
from syncline_server.core.invoice import Freight, FreightState, Line
from syncline_server.core.invoice_draft import MOST_LINES, FreightDraft, InvoiceDraft, LineDraft
from syncline_server.core.views import InvoiceView
from syncline_server.rpc.messages.amount import cents, plain
from syncline_server.rpc.messages.invoice_link import invoice_link
from syncline_server.rpc.messages.reference import reference


def invoice(view: InvoiceView) -> invoice_pb2.Invoice:
    """Return an invoice as callers see it."""
    found, workspace = view.invoice, view.invoice.workspace
    return invoice_pb2.Invoice(
        name=names.record(workspace, "invoices", found.id),
        number=found.number,
        customer=names.record(workspace, "customers", found.customer_id),
        state=f"STATE_{found.stage}",
        currency_code=found.currency,
        invoice_date=found.invoice_date.isoformat(),
        due_date=found.due_date.isoformat() if found.due_date else "",
        line_amounts=f"LINE_AMOUNTS_{found.line_amounts}",
        reference=found.reference,
        lines=[_line(line, workspace) for line in found.lines],
        freight=_freight(found.freight, workspace),
        subtotal=cents(found.totals.subtotal),
        total_tax=cents(found.totals.total_tax),
        total=cents(found.totals.total),
        link=invoice_link(view.link) if view.link else None,
        create_time=found.create_time,
        update_time=found.update_time,
        etag=etags.of(found.version),
        external_id=found.external_id,
    )


def draft(message: invoice_pb2.Invoice, workspace: str, identifier: str) -> InvoiceDraft:
    """Return an invoice as a caller wrote it, unchecked."""
    return InvoiceDraft(
        workspace=workspace,
        id=identifier,
        number=message.number,
        customer=message.customer,
        currency_code=message.currency_code,
        invoice_date=message.invoice_date,
        due_date=message.due_date,
        line_amounts=_line_amounts(message.line_amounts),
        reference=message.reference,
        lines=_written_lines(message.lines),
        freight=_written_freight(message.freight),
        external_id=message.external_id,
        etag=message.etag,
    )


def _line(line: Line, workspace: str) -> invoice_pb2.InvoiceLine:
    return invoice_pb2.InvoiceLine(
        product=reference(workspace, "products", line.product_id),
        description=line.description,
        quantity=plain(line.quantity),
        unit_price=cents(line.unit_price),
        discount_percent=plain(line.discount_percent) if line.discount_percent else "",
        tax_code=reference(workspace, "taxCodes", line.tax_code_id),
        line_amount=cents(line.line_amount),
        tax_amount=cents(line.tax_amount),
    )


def _freight(freight: Freight, workspace: str) -> invoice_pb2.Freight | None:
    if freight.state is FreightState.NONE:
        return None
    return invoice_pb2.Freight(
        state=f"STATE_{freight.state}",
        amount=cents(freight.amount),
        tax_code=reference(workspace, "taxCodes", freight.tax_code_id),
    )


def _line_amounts(number: int) -> str:
    """Return the value's name; what is not one is left for the draft's reader to refuse."""
    known = {f"LINE_AMOUNTS_{each}": each.value for each in LineAmounts}
    kind = invoice_pb2.Invoice.LineAmounts
    return known.get(kind.Name(number), "") if number in kind.values() else ""


def _written_lines(lines: Sequence[invoice_pb2.InvoiceLine]) -> tuple[LineDraft, ...]:
    return tuple(
        LineDraft(
            product=line.product,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            tax_code=line.tax_code,
        )
        for line in lines[: MOST_LINES + 1]  # more are refused all the same
    )


def _written_freight(message: invoice_pb2.Freight) -> FreightDraft:
    kind = invoice_pb2.Freight.State
    known = message.state in kind.values()
    state = kind.Name(message.state).removeprefix("STATE_") if known else ""
    return FreightDraft(
        state=FreightState.NONE if state == "UNSPECIFIED" else state,
        amount=message.amount,
        tax_code=message.tax_code,
    )
