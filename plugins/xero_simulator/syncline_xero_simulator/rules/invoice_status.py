"""Which status may follow which (developer.xero.com, invoices)."""

from collections.abc import Mapping

from syncline_xero_simulator.books.invoice import Invoice, InvoiceStatus

BAD_CREATION = "Invoice not of valid status for creation"
"""A new invoice may not have this status."""
BAD_MODIFICATION = "Invoice not of valid status for modification"
"""The invoice may not be changed, or not to this status."""
HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."
"""What a change of a paid invoice gets."""

_CREATION = frozenset({InvoiceStatus.DRAFT, InvoiceStatus.SUBMITTED, InvoiceStatus.AUTHORISED})
_NEXT: Mapping[InvoiceStatus, frozenset[InvoiceStatus]] = {
    InvoiceStatus.DRAFT: _CREATION | {InvoiceStatus.DELETED},
    InvoiceStatus.SUBMITTED: _CREATION | {InvoiceStatus.DELETED},
    InvoiceStatus.AUTHORISED: frozenset({InvoiceStatus.AUTHORISED, InvoiceStatus.VOIDED}),
    InvoiceStatus.PAID: frozenset({InvoiceStatus.PAID}),
    InvoiceStatus.VOIDED: frozenset(),
    InvoiceStatus.DELETED: frozenset(),
}
_APPROVED = frozenset({InvoiceStatus.AUTHORISED, InvoiceStatus.PAID})


def creation_status(text: str) -> InvoiceStatus | None:
    """Return the status a new invoice asks for, or None if none may be created with it."""
    try:
        status = InvoiceStatus(text or InvoiceStatus.DRAFT)
    except ValueError:
        return None
    return status if status in _CREATION else None


def transition_error(invoice: Invoice, wanted: str) -> str:
    """Return why `invoice` cannot be changed to status `wanted`, or an empty text.

    An empty `wanted` asks for a change that keeps the status.
    """
    target = wanted or invoice.status
    if target not in _NEXT[invoice.status]:
        return BAD_MODIFICATION
    if target == InvoiceStatus.VOIDED and is_settled_in_part(invoice):
        return HAS_PAYMENTS
    return ""


def is_settled_in_part(invoice: Invoice) -> bool:
    """Return whether a payment or credit note is applied to the invoice."""
    return bool(invoice.payments) or invoice.amount_credited > 0


def is_approved(status: InvoiceStatus) -> bool:
    """Return whether an invoice in this status counts in the ledger."""
    return status in _APPROVED
