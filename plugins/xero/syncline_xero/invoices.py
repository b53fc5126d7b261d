"""Reading invoices: by id, by our number, and as neutral states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from syncline_sdk import InvoiceLine, InvoiceState
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.dates import parse_day, parse_instant
from syncline_xero.decoding import Answer, Element, ListDecoder, is_sane

T = TypeVar("T")

BATCH_SIZE: Final = 40
"""How many ids or numbers one call may name; from 53 on Xero answers 404 for the long address."""

_LONGEST_LIST: Final = 1_700  # encoded characters, so that the whole address stays below 2,000
_ALL_STATUSES: Final = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED"
_ZERO: Final = Decimal(0)

# Without naming the statuses it is not documented whether a list holds deleted invoices.
LISTING: Final = {"unitdp": "4", "Statuses": _ALL_STATUSES}
"""What every list of invoices asks for: four decimals, and deleted and voided ones too."""


def invoice_decoder() -> ListDecoder[wire.Invoice]:
    """Return a decoder for lists of invoices."""
    return ListDecoder(wire.Invoice, Element(id_key="InvoiceID", name_key="InvoiceNumber"))


def read_by_ids(
    client: XeroClient, decoder: ListDecoder[wire.Invoice], ids: Sequence[str]
) -> Answer[wire.Invoice]:
    """Return the invoices with these ids, at most :data:`BATCH_SIZE`, with their lines.

    An id this organisation does not know is left out silently.
    """
    return _read_named(client, decoder, "IDs", ids)


def read_by_numbers(
    client: XeroClient, decoder: ListDecoder[wire.Invoice], numbers: Sequence[str]
) -> Answer[wire.Invoice]:
    """Return the invoices and bills with these numbers, with their lines.

    :param numbers: one batch of :func:`batches`; a number that no invoice has is left out silently.
    """
    return _read_named(client, decoder, "InvoiceNumbers", numbers)


def batches(things: Sequence[T], text: Callable[[T], str]) -> list[list[T]]:
    """Return the things in as few lists as fit into one address each.

    :param text: what of a thing goes into the address.
    """
    made: list[list[T]] = []
    room = 0
    for thing in things:
        size = _encoded_size(text(thing))
        if not made or len(made[-1]) == BATCH_SIZE or size > room:
            made.append([])
            room = _LONGEST_LIST
        made[-1].append(thing)
        room -= size
    return made


def to_state(row: wire.Invoice) -> InvoiceState:
    """Return the neutral state.

    :raises ValueError: if the invoice lacks an id, number or status, or a value makes no sense.
    """
    if not row.id or not row.status:
        raise ValueError("it has no id or no status")
    return InvoiceState(
        id=row.id,
        number=row.number or "",
        status=row.status,
        contact_id=(row.contact and row.contact.id) or "",
        currency=row.currency or "",
        subtotal=_number(row.subtotal),
        total_tax=_number(row.total_tax),
        total=_number(row.total),
        amount_due=_number(row.amount_due),
        amount_paid=_number(row.amount_paid),
        amount_credited=_number(row.amount_credited),
        invoice_date=_day(row.date or row.date_text),
        due_date=_day(row.due_date or row.due_date_text),
        fully_paid_date=_day(row.fully_paid_on),
        lines=_lines(row),
        reference=row.reference or "",
        modified_time=parse_instant(row.updated) if row.updated else None,
    )


def _read_named(
    client: XeroClient, decoder: ListDecoder[wire.Invoice], name: str, values: Sequence[str]
) -> Answer[wire.Invoice]:
    # Only paged lists carry lines. An id names one invoice, a number may also name bills of
    # suppliers; a page holds more than either can bring.
    size = str(BATCH_SIZE) if name == "IDs" else "1000"
    params = {**LISTING, name: ",".join(values), "page": "1", "pageSize": size}
    return client.read("Invoices", decoder, params=params)


def _encoded_size(text: str) -> int:
    """Return the most characters the text and its comma can take in an address."""
    return (
        sum(1 if (char.isalnum() and char.isascii()) or char in "-._~" else 3 for char in text) + 3
    )


def _lines(row: wire.Invoice) -> tuple[InvoiceLine, ...] | None:
    """Return the lines; None where the answer left them out, which Xero does by an empty list."""
    if not row.lines:
        return () if row.lines is not None and not _number(row.total) else None
    return tuple(
        InvoiceLine(
            description=line.description or "",
            quantity=_number(line.quantity),
            unit_amount=_number(line.unit_amount),
            line_amount=_number(line.line_amount),
            tax_amount=_number(line.tax_amount),
            tax_type=line.tax_type or "",
            item_code=line.item_code or "",
            account_code=line.account_code or "",
        )
        for line in row.lines
    )


def _number(value: Decimal | None) -> Decimal:
    if value is None:
        return _ZERO
    if not is_sane(value):
        raise ValueError("a number in it is not a number")
    return value


def _day(text: str | None) -> date | None:
    return parse_day(text) if text else None
