"""Our invoices in Xero's words: what is sent, and what cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from syncline_sdk import LineAmounts, OutgoingInvoice, OutgoingLine

LARGEST_BODY: Final = 3_500_000  # bytes; Xero's own pages say 3.5 MB and 10 MB
_WRAPPING: Final = len(b'{"Invoices":[]}')
_LONGEST_NUMBER: Final = 255
_LONGEST_REFERENCE: Final = 255
_LONGEST_DESCRIPTION: Final = 4000
_LONGEST_ITEM_CODE: Final = 30

_LINE_AMOUNT_TYPES: Final = {
    LineAmounts.EXCLUSIVE: "Exclusive",
    LineAmounts.INCLUSIVE: "Inclusive",
    LineAmounts.NO_TAX: "NoTax",
}


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Which accounts lines book to, by code; empty leaves it to the item."""

    sales: str
    freight: str

    def of(self, line: OutgoingLine) -> str:
        """Return the account code of a line; freight without its own books as sales."""
        return (self.freight or self.sales) if line.freight else self.sales


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why an invoice is not sent."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Invoices that travel in one call."""

    invoices: tuple[OutgoingInvoice, ...]
    body: bytes

    @property
    def idempotency_key(self) -> str:
        """Return the call's key: another one as soon as any attempt in it is another one."""
        keys = "\n".join(invoice.idempotency_key for invoice in self.invoices)
        return hashlib.sha256(keys.encode()).hexdigest()


class _Contact(msgspec.Struct):
    # Only the id: any other member would change the contact in Xero.
    contact_id: str = msgspec.field(name="ContactID")


class _Line(msgspec.Struct, rename="pascal", omit_defaults=True):
    # Quantity and price always, else Xero forgets the item code; never tax or line amounts: Xero
    # computes them, and a disagreement would be refused or ignored.
    quantity: Decimal
    unit_amount: Decimal
    description: str = ""
    item_code: str = ""
    account_code: str = ""
    tax_type: str = ""
    discount_rate: Decimal | msgspec.UnsetType = msgspec.UNSET


class _Invoice(msgspec.Struct, rename="pascal", omit_defaults=True):
    contact: _Contact
    invoice_number: str
    # A plain day: with a time and zone Xero converts to UTC first and may store the day before.
    date: str
    line_amount_types: str
    line_items: list[_Line]
    currency_code: str
    type: str
    status: str
    due_date: str = ""
    reference: str = ""


def fault_of(invoice: OutgoingInvoice) -> Fault | None:
    """Return why Xero would not take this invoice, or None.

    An invoice whose number could not be looked up afterwards is never sent: after a broken
    connection nobody could tell whether it was created.
    """
    number = invoice.number
    if not (0 < len(number) <= _LONGEST_NUMBER and number.isascii() and number.isprintable()):
        return Fault(
            code="XERO_INVOICE_NUMBER_UNUSABLE",
            message=f"Xero takes numbers of 1 to {_LONGEST_NUMBER} plain characters.",
        )
    if number != number.strip() or "," in number or '"' in number:
        return Fault(
            code="XERO_INVOICE_NUMBER_UNUSABLE",
            message="An invoice cannot be looked up in Xero by a number that holds a comma or a"
            " quotation mark, or begins or ends with a space.",
        )
    return _too_long(invoice)


def parcels(
    invoices: Iterable[OutgoingInvoice], accounts: Accounts, *, largest: int = LARGEST_BODY
) -> Iterator[Parcel | tuple[OutgoingInvoice, Fault]]:
    """Yield the invoices in as few parcels as fit, and those too large for any with the reason.

    :param largest: bytes a body may have.
    """
    encoder = msgspec.json.Encoder(decimal_format="number")
    waiting: list[tuple[OutgoingInvoice, bytes]] = []
    size = _WRAPPING
    for invoice in invoices:
        encoded = encoder.encode(_to_wire(invoice, accounts))
        if _WRAPPING + len(encoded) > largest:
            yield invoice, Fault(code="XERO_INVOICE_TOO_LARGE", message="It has too much text.")
            continue
        if waiting and size + len(encoded) + 1 > largest:
            yield _parcel(waiting)
            waiting, size = [], _WRAPPING
        waiting.append((invoice, encoded))
        size += len(encoded) + 1
    if waiting:
        yield _parcel(waiting)


def _parcel(waiting: list[tuple[OutgoingInvoice, bytes]]) -> Parcel:
    return Parcel(
        invoices=tuple(invoice for invoice, _ in waiting),
        body=b'{"Invoices":[' + b",".join(encoded for _, encoded in waiting) + b"]}",
    )


def _to_wire(invoice: OutgoingInvoice, accounts: Accounts) -> _Invoice:
    return _Invoice(
        type="ACCREC",
        status="DRAFT",
        contact=_Contact(invoice.contact_id),
        invoice_number=invoice.number,
        reference=invoice.reference,
        date=invoice.invoice_date.isoformat(),
        due_date="" if invoice.due_date is None else invoice.due_date.isoformat(),
        currency_code=invoice.currency,
        line_amount_types=_LINE_AMOUNT_TYPES[invoice.line_amounts],
        line_items=[_line_to_wire(line, accounts.of(line)) for line in invoice.lines],
    )


def _line_to_wire(line: OutgoingLine, account: str) -> _Line:
    return _Line(
        quantity=_plain(line.quantity),
        unit_amount=_plain(line.unit_amount),
        description=line.description,
        item_code=line.item_code,
        account_code=account,
        tax_type=line.tax_type,
        discount_rate=_plain(line.discount_rate) if line.discount_rate else msgspec.UNSET,
    )


def _plain(number: Decimal) -> Decimal:
    """Return the number written without an exponent."""
    return Decimal(format(number, "f"))


def _too_long(invoice: OutgoingInvoice) -> Fault | None:
    fields = [("reference", invoice.reference, _LONGEST_REFERENCE)]
    for place, line in enumerate(invoice.lines, start=1):
        fields.append((f"description of line {place}", line.description, _LONGEST_DESCRIPTION))
        fields.append((f"item code of line {place}", line.item_code, _LONGEST_ITEM_CODE))
    for name, text, longest in fields:
        if len(text) > longest:
            return Fault(
                code="XERO_INVOICE_FIELD_TOO_LONG",
                message=f"The {name} has {len(text)} characters; Xero takes {longest}.",
            )
    return None
