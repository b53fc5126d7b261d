"""The few things that may change on an invoice with payments."""

from collections.abc import Sequence
from dataclasses import replace

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import Invoice, InvoiceLine
from syncline_xero_simulator.rules.invoice_checks import find_by_number
from syncline_xero_simulator.rules.invoice_contact import invoice_contact
from syncline_xero_simulator.rules.invoice_status import HAS_PAYMENTS
from syncline_xero_simulator.rules.writing import RefusedError, WriteContext
from syncline_xero_simulator.wire.inbound import Element

_FREE = {
    "InvoiceID", "Type", "Status", "Reference", "DueDate", "InvoiceNumber", "BrandingThemeID",
    "Contact", "Url", "LineItems",
}  # fmt: skip
_FREE_IN_LINE = {"LineItemID", "Description", "AccountCode", "Tracking"}


def change_settled(
    books: Books, invoice: Invoice, element: Element, context: WriteContext
) -> Invoice:
    """Return the invoice after a change of its free fields; raise `RefusedError` otherwise.

    A change of `DueDate` alone does not move `UpdatedDateUTC`: one of Xero's blind spots.
    """
    if not _FREE.issuperset(name for name in element.data if element.has(name)):
        raise RefusedError([HAS_PAYMENTS])
    number = element.text("InvoiceNumber", invoice.number)
    holder = find_by_number(books, number, context)
    if holder is not None and holder.key != invoice.key:
        raise RefusedError(["Invoice # must be unique."])
    after = replace(
        invoice,
        number=number,
        reference=element.text("Reference", invoice.reference),
        branding_theme_id=element.text("BrandingThemeID", invoice.branding_theme_id),
        url=element.text("Url", invoice.url),
        contact_id=_contact_id(books, invoice, element, context),
        lines=_lines(invoice.lines, element.children("LineItems")),
    )
    if after != invoice:
        after = replace(after, updated=context.now)
    return replace(after, due_day=element.day("DueDate") or invoice.due_day)


def _contact_id(books: Books, invoice: Invoice, element: Element, context: WriteContext) -> str:
    if not element.has("Contact") or invoice.amount_credited > 0:
        return invoice.contact_id
    return invoice_contact(books, element.child("Contact"), context).contact_id


def _lines(before: Sequence[InvoiceLine], sent: list[Element] | None) -> tuple[InvoiceLine, ...]:
    if not sent:
        return tuple(before)
    changes = {element.text("LineItemID").lower(): element for element in sent}
    same_lines = set(changes) == {line.line_item_id for line in before}
    if not same_lines or not all(_FREE_IN_LINE.issuperset(element.data) for element in sent):
        raise RefusedError([HAS_PAYMENTS])
    return tuple(
        replace(
            line,
            description=changes[line.line_item_id].text("Description", line.description),
            account_code=changes[line.line_item_id].text("AccountCode", line.account_code),
        )
        for line in before
    )
