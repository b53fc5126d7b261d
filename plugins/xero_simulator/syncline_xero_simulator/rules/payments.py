"""Money arriving on an invoice, and going back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from syncline_xero_simulator.books.invoice import Invoice, InvoiceStatus, Payment
from syncline_xero_simulator.rules.invoice_status import BAD_MODIFICATION
from syncline_xero_simulator.rules.writing import RefusedError, WriteContext

_TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"


def with_payment(invoice: Invoice, amount: Decimal, day: date, context: WriteContext) -> Invoice:
    """Return the invoice after a payment, PAID once nothing is due; raise `RefusedError`."""
    _check_amount(invoice, amount)
    payment = Payment(payment_id=context.mint.guid(), day=day, amount=amount, updated=context.now)
    return _settled(replace(invoice, payments=(*invoice.payments, payment), updated=context.now))


def with_credit(invoice: Invoice, amount: Decimal, day: date, context: WriteContext) -> Invoice:
    """Return the invoice after a credit note was allocated to it; raise `RefusedError`."""
    _check_amount(invoice, amount)
    credited = invoice.amount_credited + amount
    return _settled(
        replace(invoice, amount_credited=credited, credited_on=day, updated=context.now)
    )


def without_payment(invoice: Invoice, payment_id: str, context: WriteContext) -> Invoice:
    """Return the invoice after a payment was removed; raise `RefusedError` if it has none such."""
    left = tuple(payment for payment in invoice.payments if payment.payment_id != payment_id)
    if len(left) == len(invoice.payments):
        raise RefusedError(["Payment not found"])
    reopened = context.switches.unpaid_returns_to_authorised
    status = InvoiceStatus.AUTHORISED if reopened else invoice.status
    return replace(invoice, payments=left, status=status, updated=context.now)


def _check_amount(invoice: Invoice, amount: Decimal) -> None:
    if invoice.status is not InvoiceStatus.AUTHORISED:
        raise RefusedError([BAD_MODIFICATION])
    if amount <= 0 or amount > invoice.amount_due:
        raise RefusedError([_TOO_MUCH])


def _settled(invoice: Invoice) -> Invoice:
    return replace(invoice, status=InvoiceStatus.PAID) if invoice.amount_due == 0 else invoice
