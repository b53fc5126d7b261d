"""Checks of a whole invoice: number, dates, currency, stock."""

from datetime import date
from decimal import Decimal

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import Invoice, InvoiceStatus, InvoiceType
from syncline_xero_simulator.rules.invoice_status import is_approved
from syncline_xero_simulator.rules.items import item_by
from syncline_xero_simulator.rules.writing import WriteContext, too_long
from syncline_xero_simulator.wire.inbound import Element

_GONE = (InvoiceStatus.DELETED, InvoiceStatus.VOIDED)
_DUPLICATE = "Invoice # must be unique."


def find_by_number(books: Books, number: str, context: WriteContext) -> Invoice | None:
    """Return the sales invoice with this number."""
    if context.switches.invoice_numbers_case_sensitive:
        return books.invoices.find("exact_number", number)
    return books.invoices.find("number", number.casefold())


def number_errors(books: Books, number: str, kind: InvoiceType, context: WriteContext) -> list[str]:
    """Return why a new invoice cannot have `number`; purchase invoices may share theirs."""
    errors = too_long("InvoiceNumber", number, 255)
    if not all(" " <= character <= "~" for character in number):
        errors.append("Invoice # must contain printable ASCII characters only.")
    holder = find_by_number(books, number, context) if kind is InvoiceType.ACCREC else None
    if holder is None or not context.switches.duplicates_refused:
        return errors
    reusable = context.switches.deleted_number_reusable and holder.status in _GONE
    return errors if reusable else [*errors, _DUPLICATE]


def next_number(books: Books, context: WriteContext) -> str:
    """Return the next number of the organisation's own sequence, using it up."""
    while True:
        number = f"INV-{books.next_invoice_number:04d}"
        books.next_invoice_number += 1
        if find_by_number(books, number, context) is None:
            return number


def lock_errors(books: Books, day: date) -> list[str]:
    """Return why documents of `day` are locked."""
    locks = (
        ("end of year lock date", books.profile.year_lock_day),
        ("period lock date", books.profile.period_lock_day),
    )
    return [
        f"The document date cannot be before the {name}, currently set at "
        f"{locked.strftime('%d-%b-%Y')}"
        for name, locked in locks
        if locked is not None and day <= locked
    ]


def content_errors(
    books: Books, invoice: Invoice, element: Element, context: WriteContext
) -> list[str]:
    """Return what is wrong with an invoice apart from its lines."""
    errors = too_long("Reference", invoice.reference, 255)
    if invoice.currency_code not in {currency.code for currency in books.currencies}:
        errors.append(context.switches.currency_text.replace("{code}", invoice.currency_code))
    if "xero" in invoice.url.lower():
        errors.append("The Url must not contain 'xero'")
    themes = {theme.theme_id for theme in books.branding_themes}
    if invoice.branding_theme_id and invoice.branding_theme_id not in themes:
        errors.append("Branding theme could not be found")
    holder = find_by_number(books, invoice.number, context)
    if invoice.type is InvoiceType.ACCREC and holder and holder.key != invoice.key:
        errors += number_errors(books, invoice.number, invoice.type, context)
    return [*errors, *_total_errors(invoice, element.number("Total"))]


def _total_errors(invoice: Invoice, sent: Decimal | None) -> list[str]:
    if sent is None or sent == invoice.total:
        return []
    return ["The invoice total does not equal the sum of the lines."]


def stock_errors(books: Books, invoice: Invoice, context: WriteContext) -> list[str]:
    """Return which tracked items a sale would oversell; drafts are not checked by default."""
    approved = is_approved(invoice.status)
    checked = approved or context.switches.stock_checked_on_draft
    if invoice.type is InvoiceType.ACCPAY or not checked:
        return []
    errors = []
    for line in invoice.lines:
        item = item_by(books, line.item_code) if line.item_code else None
        on_hand = (item.quantity or Decimal(0)) if item is not None and item.is_tracked else None
        if on_hand is not None and (line.quantity or Decimal(0)) > on_hand:
            errors.append(context.switches.stock_text.replace("{code}", line.item_code))
    return errors
