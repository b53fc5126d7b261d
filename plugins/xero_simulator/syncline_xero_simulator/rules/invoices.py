"""Creating and updating invoices (developer.xero.com, invoices)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import (
    Invoice,
    InvoiceStatus,
    InvoiceType,
    LineAmountTypes,
)
from syncline_xero_simulator.rules.arithmetic import totals
from syncline_xero_simulator.rules.invoice_checks import (
    content_errors,
    find_by_number,
    lock_errors,
    next_number,
    number_errors,
    stock_errors,
)
from syncline_xero_simulator.rules.invoice_contact import check_open, invoice_contact, mark_traded
from syncline_xero_simulator.rules.invoice_lines import LineSetting, build_lines, recomputed
from syncline_xero_simulator.rules.invoice_status import (
    BAD_CREATION,
    creation_status,
    is_approved,
    is_settled_in_part,
    transition_error,
)
from syncline_xero_simulator.rules.paid_invoices import change_settled
from syncline_xero_simulator.rules.writing import Mode, RefusedError, WriteContext, Written
from syncline_xero_simulator.wire.inbound import Element, PostDataError

_SENT_WARNING = "Only AUTHORISED invoices may have SentToContact updated."
_TERMINAL = ("DELETED", "VOIDED")


def write_invoice(
    books: Books, element: Element, mode: Mode, context: WriteContext
) -> Written[Invoice]:
    """Save one invoice; raise `RefusedError` with every broken rule."""
    known = _match(books, element, context) if mode is Mode.UPSERT else None
    after = (
        _create(books, element, context)
        if known is None
        else change_invoice(books, known, element, context)
    )
    books.invoices.put(after)
    mark_traded(books, after.contact_id, after.type)
    return Written(record=after, created=known is None, warnings=_warnings(element, after))


def change_invoice(
    books: Books, invoice: Invoice, element: Element, context: WriteContext
) -> Invoice:
    """Return the invoice after a change; raise `RefusedError` with every broken rule."""
    status = element.text("Status")
    if error := transition_error(invoice, status):
        raise RefusedError([error])
    _check_contact(books, invoice)
    if errors := lock_errors(books, invoice.day):
        raise RefusedError(errors)
    if is_settled_in_part(invoice):
        return change_settled(books, invoice, element, context)
    if status in _TERMINAL:
        return replace(invoice, status=InvoiceStatus(status), updated=context.now)
    return _checked(books, _merged(books, invoice, element, context), element, context)


def _check_contact(books: Books, invoice: Invoice) -> None:
    contact = books.contacts.get(invoice.contact_id)
    if contact is not None:
        check_open(contact)


def _match(books: Books, element: Element, context: WriteContext) -> Invoice | None:
    if element.has("InvoiceID"):
        found = books.invoices.get(element.text("InvoiceID").lower())
        if found is not None:
            return found
    if element.text("Type", InvoiceType.ACCREC) != InvoiceType.ACCREC:
        return None
    return find_by_number(books, element.text("InvoiceNumber"), context)


def _create(books: Books, element: Element, context: WriteContext) -> Invoice:
    kind = _type(element)
    status = creation_status(element.text("Status"))
    if status is None:
        raise RefusedError([BAD_CREATION])
    errors = number_errors(books, element.text("InvoiceNumber"), kind, context)
    if not element.children("LineItems"):
        errors.append("One or more line items must be specified")
    if errors:
        raise RefusedError(errors)
    blank = _blank(books, element, context)
    merged = _merged(books, replace(blank, type=kind, status=status), element, context)
    checked = _checked(books, merged, element, context)
    if not checked.number and kind is InvoiceType.ACCREC:
        checked = replace(checked, number=next_number(books, context))
    return checked


def _type(element: Element) -> InvoiceType:
    try:
        return InvoiceType(element.text("Type"))
    except ValueError as error:
        raise RefusedError(["Invoice not of valid type for creation"]) from error


def _blank(books: Books, element: Element, context: WriteContext) -> Invoice:
    contact = invoice_contact(books, element.child("Contact"), context)
    base = books.profile.base_currency
    preferred = context.switches.contact_currency_is_invoice_default and contact.default_currency
    return Invoice(
        invoice_id=context.mint.guid(),
        type=InvoiceType.ACCREC,
        number="",
        contact_id=contact.contact_id,
        day=books.today(context.now),
        status=InvoiceStatus.DRAFT,
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        lines=(),
        currency_code=preferred or base,
        updated=context.now,
        by_app=True,
    )


def _merged(books: Books, start: Invoice, element: Element, context: WriteContext) -> Invoice:
    contact_id = start.contact_id
    if start.lines and element.has("Contact"):
        contact_id = invoice_contact(books, element.child("Contact"), context).contact_id
    sent_flag = element.flag("SentToContact")
    status = InvoiceStatus(element.text("Status") or start.status)
    return replace(
        start,
        contact_id=contact_id,
        status=status,
        number=element.text("InvoiceNumber", start.number),
        reference=element.text("Reference", start.reference),
        day=element.day("Date") or start.day,
        due_day=_day(element, "DueDate", start.due_day),
        expected_payment_day=_day(element, "ExpectedPaymentDate", start.expected_payment_day),
        line_amount_types=_amounts(element, start.line_amount_types),
        currency_code=element.text("CurrencyCode", start.currency_code),
        currency_rate=_currency_rate(element, start.currency_rate),
        url=element.text("Url", start.url),
        branding_theme_id=element.text("BrandingThemeID", start.branding_theme_id),
        sent_to_contact=bool(sent_flag) if is_approved(status) else start.sent_to_contact,
        updated=context.now,
    )


def _day(element: Element, name: str, otherwise: date | None) -> date | None:
    return element.day(name) or otherwise


def _currency_rate(element: Element, otherwise: Decimal) -> Decimal:
    rate = element.number("CurrencyRate")
    return otherwise if rate is None else round(rate, 6)


def _amounts(element: Element, otherwise: LineAmountTypes) -> LineAmountTypes:
    text = element.text("LineAmountTypes", otherwise)
    for kind in LineAmountTypes:
        if kind.lower() == text.lower():
            return kind
    raise PostDataError("LineAmountTypes must be Exclusive, Inclusive or NoTax")


def _checked(books: Books, merged: Invoice, element: Element, context: WriteContext) -> Invoice:
    setting = LineSetting(
        books=books,
        context=context,
        type=merged.type,
        amounts=merged.line_amount_types,
        approved=merged.status in (InvoiceStatus.SUBMITTED, InvoiceStatus.AUTHORISED),
    )
    sent = element.children("LineItems")
    lines, errors = (
        recomputed(merged.lines, setting) if not sent else build_lines(sent, merged.lines, setting)
    )
    sums = totals(lines, merged.line_amount_types)
    after = replace(
        merged,
        lines=lines,
        sub_total=sums.sub_total,
        total_tax=sums.total_tax,
        total=sums.total,
    )
    errors += [
        *content_errors(books, after, element, context),
        *lock_errors(books, after.day),
        *stock_errors(books, after, context),
    ]
    if errors:
        raise RefusedError(errors)
    return after


def _warnings(element: Element, after: Invoice) -> tuple[str, ...]:
    asked = element.flag("SentToContact")
    return (_SENT_WARNING,) if asked and not is_approved(after.status) else ()
