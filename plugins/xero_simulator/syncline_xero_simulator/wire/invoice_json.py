"""An invoice as JSON, in its shapes."""

from enum import StrEnum
from typing import Any

from syncline_xero_simulator.books.account import Account
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import Invoice, InvoiceLine, InvoiceType, Payment
from syncline_xero_simulator.rules.items import item_by
from syncline_xero_simulator.wire.contact_json import ContactShape, contact_json, contact_summary
from syncline_xero_simulator.wire.dates import calendar, calendar_text, instant, instant_text
from syncline_xero_simulator.wire.numbers import money, percent, with_places


class InvoiceShape(StrEnum):
    """How much of an invoice is shown."""

    FULL = "full"
    UNPAGED = "unpaged"
    SUMMARY = "summary"


def invoice_json(
    books: Books, invoice: Invoice, shape: InvoiceShape, unit_places: int
) -> dict[str, Any]:
    """Return an invoice in one shape; `unit_places` is 2 or 4."""
    full = shape is InvoiceShape.FULL
    shown: dict[str, Any] = {
        "Type": invoice.type,
        "InvoiceID": invoice.invoice_id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": money(invoice.amount_due),
        "AmountPaid": money(invoice.amount_paid),
        "AmountCredited": money(invoice.amount_credited),
        "CurrencyRate": with_places(invoice.currency_rate, 6),
        "SentToContact": invoice.sent_to_contact,
        "IsDiscounted": _is_discounted(invoice),
        "HasErrors": False,
        "Contact": _contact(books, invoice, full=full),
        **_dates(invoice),
        "Status": invoice.status,
        "LineAmountTypes": invoice.line_amount_types,
        "SubTotal": money(invoice.sub_total),
        "TotalTax": money(invoice.total_tax),
        "Total": money(invoice.total),
        "UpdatedDateUTC": instant(invoice.updated),
        "UpdatedDateUTCString": instant_text(invoice.updated),
        "CurrencyCode": invoice.currency_code,
        **_optional(invoice),
    }
    if shape is not InvoiceShape.SUMMARY:
        shown["HasAttachments"] = False
        shown["Payments"] = [payment_in_invoice(payment) for payment in invoice.payments]
        shown["LineItems"] = [_line(books, line, unit_places) for line in invoice.lines if full]
    return shown


def payment_in_invoice(payment: Payment) -> dict[str, Any]:
    """Return a payment as its invoice shows it."""
    return {
        "PaymentID": payment.payment_id,
        "Date": calendar(payment.day),
        "Amount": money(payment.amount),
        "CurrencyRate": with_places(payment.currency_rate, 6),
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def payment_json(books: Books, invoice: Invoice, payment: Payment) -> dict[str, Any]:
    """Return a payment as /Payments shows it."""
    sale = invoice.type is InvoiceType.ACCREC
    return {
        "PaymentID": payment.payment_id,
        "Date": calendar(payment.day),
        "Amount": money(payment.amount),
        "CurrencyRate": with_places(payment.currency_rate, 6),
        "PaymentType": f"{invoice.type}PAYMENT",
        "Status": "AUTHORISED",
        "UpdatedDateUTC": instant(payment.updated),
        "UpdatedDateUTCString": instant_text(payment.updated),
        "HasAccount": True,
        "IsReconciled": False,
        "Account": _bank(books),
        "Invoice": {
            "Type": invoice.type,
            "InvoiceID": invoice.invoice_id,
            "InvoiceNumber": invoice.number,
            "CurrencyCode": invoice.currency_code,
            "Contact": _contact(books, invoice, full=False),
            "IsDiscounted": False,
            "HasErrors": False,
        },
        "HasValidationErrors": False,
        "Reference": invoice.reference if sale else "",
    }


def _bank(books: Books) -> dict[str, Any]:
    bank: Account | None = books.accounts.find("code", "090")
    return {"AccountID": bank.account_id, "Code": bank.code} if bank else {}


def _contact(books: Books, invoice: Invoice, *, full: bool) -> dict[str, Any]:
    contact = books.contacts.get(invoice.contact_id)
    if contact is None:
        return contact_summary(invoice.contact_id, "")
    if full:
        return contact_json(contact, ContactShape.FULL)
    return contact_summary(contact.contact_id, contact.name)


def _dates(invoice: Invoice) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Date": calendar(invoice.day),
        "DateString": calendar_text(invoice.day),
    }
    if invoice.due_day is not None:
        shown["DueDate"] = calendar(invoice.due_day)
        shown["DueDateString"] = calendar_text(invoice.due_day)
    if invoice.expected_payment_day is not None:
        shown["ExpectedPaymentDate"] = calendar(invoice.expected_payment_day)
    if invoice.fully_paid_on is not None:
        shown["FullyPaidOnDate"] = calendar(invoice.fully_paid_on)
    return shown


def _optional(invoice: Invoice) -> dict[str, Any]:
    optional = {"Url": invoice.url, "BrandingThemeID": invoice.branding_theme_id}
    return {name: value for name, value in optional.items() if value}


def _is_discounted(invoice: Invoice) -> bool:
    return any(line.discount_rate or line.discount_amount for line in invoice.lines)


def _line(books: Books, line: InvoiceLine, unit_places: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"LineItemID": line.line_item_id, "Tracking": []}
    texts = {
        "ItemCode": line.item_code,
        "Description": line.description,
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
    }
    shown |= {name: value for name, value in texts.items() if value}
    if line.unit_amount is not None:
        shown["UnitAmount"] = with_places(line.unit_amount, unit_places)
    if line.quantity is not None:
        shown["Quantity"] = percent(line.quantity)
    shown["TaxAmount"] = money(line.tax_amount)
    shown["LineAmount"] = money(line.line_amount)
    if line.discount_rate is not None:
        shown["DiscountRate"] = money(line.discount_rate)
    if line.discount_amount is not None:
        shown["DiscountAmount"] = money(line.discount_amount)
    account = books.accounts.find("code", line.account_code.casefold())
    if account is not None:
        shown["AccountID"] = account.account_id
    item = item_by(books, line.item_code) if line.item_code else None
    if item is not None:
        shown["Item"] = {"ItemID": item.item_id, "Name": item.name, "Code": item.code}
    return shown
