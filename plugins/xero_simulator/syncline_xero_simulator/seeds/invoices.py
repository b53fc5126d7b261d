"""Seeded invoices that other people made in Xero."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    InvoiceType,
    LineAmountTypes,
)
from syncline_xero_simulator.minting import derived_id

_AMOUNT = Decimal("100.00")


def seeded_invoices(root: str, count: int, books: Books, born: datetime) -> Iterator[Invoice]:
    """Yield `count` approved, untaxed sales invoices over the contacts of `books`."""
    contacts = list(books.contacts.values())
    for index in range(count if contacts else 0):
        updated = (born - timedelta(days=60) + timedelta(seconds=index)).replace(microsecond=0)
        yield Invoice(
            invoice_id=derived_id(root, "invoice", index),
            type=InvoiceType.ACCREC,
            number=f"INV-{index + 1:04d}",
            contact_id=contacts[index % len(contacts)].contact_id,
            day=updated.date(),
            due_day=updated.date() + timedelta(days=20),
            status=InvoiceStatus.AUTHORISED,
            line_amount_types=LineAmountTypes.NO_TAX,
            lines=(_line(root, index),),
            currency_code=books.profile.base_currency,
            updated=updated,
            sub_total=_AMOUNT,
            total=_AMOUNT,
        )


def _line(root: str, index: int) -> InvoiceLine:
    return InvoiceLine(
        line_item_id=derived_id(root, "line", index),
        description="Consulting",
        quantity=Decimal(1),
        unit_amount=_AMOUNT,
        account_code="200",
        line_amount=_AMOUNT,
    )
