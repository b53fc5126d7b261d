"""How a provider's invoice differs from what we sent: the invoice itself, then line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from syncline_sdk import InvoiceLine, InvoiceState, OutgoingLine
from syncline_server.core.money import Amount
from syncline_server.core.outgoing import Parcel

_MOST_IN_SUMMARY = 3
_NAMELESS = "(no description)"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field in which the two differ."""

    line_number: int
    """From 1, freight behind the lines; 0 for the invoice itself."""
    field: str
    """Our field's name; ``line`` when only one side has the line."""
    ours: str
    theirs: str


@dataclass(frozen=True, kw_only=True)
class Variance:
    """Everything in which the two differ."""

    total_difference: Decimal
    """The provider's total less ours."""
    differences: tuple[Difference, ...]
    summary: str


def variance(ours: Parcel, theirs: InvoiceState) -> Variance | None:
    """Return how the provider's invoice differs from what was sent; None when it does not.

    Lines are compared in order, since neither side promises ids for them; where the provider's
    answer left the lines out, only the invoice itself is compared.
    """
    found = [*_of_invoice(ours, theirs)]
    if theirs.lines is not None:
        found += _of_lines(ours, theirs.lines)
    if not found:
        return None
    return Variance(
        total_difference=theirs.total - ours.totals.total,
        differences=tuple(found),
        summary=_summary(found),
    )


def _of_invoice(ours: Parcel, theirs: InvoiceState) -> Iterator[Difference]:
    sent = ours.invoice
    pairs = {
        "customer": (sent.contact_id.casefold(), theirs.contact_id.casefold()),
        "number": (sent.number, theirs.number),
        "currency_code": (sent.currency, theirs.currency),
        "invoice_date": (sent.invoice_date, theirs.invoice_date),
        "due_date": (sent.due_date, theirs.due_date),
        "reference": (sent.reference.strip(), theirs.reference.strip()),
        "subtotal": (ours.totals.subtotal, theirs.subtotal),
        "total_tax": (ours.totals.total_tax, theirs.total_tax),
        "total": (ours.totals.total, theirs.total),
    }
    if sent.due_date is None:
        # A provider may fill in its own terms where we sent no date.
        del pairs["due_date"]
    yield from _differing(0, pairs)


def _of_lines(ours: Parcel, theirs: tuple[InvoiceLine, ...]) -> list[Difference]:
    found: list[Difference] = []
    mine = zip(ours.invoice.lines, ours.amounts, strict=True)
    for number, (sent, held) in enumerate(zip_longest(mine, theirs), start=1):
        if sent is None:
            found.append(_one_sided(number, "", held.description or _NAMELESS))
        elif held is None:
            found.append(_one_sided(number, sent[0].description or _NAMELESS, ""))
        else:
            found += _of_line(number, sent[0], sent[1], held)
    return found


def _of_line(
    number: int, sent: OutgoingLine, amount: Amount, held: InvoiceLine
) -> Iterator[Difference]:
    pairs = {
        "description": (sent.description.strip(), held.description.strip()),
        "product": (sent.item_code, held.item_code),
        "quantity": (sent.quantity, held.quantity),
        "unit_price": (sent.unit_amount, held.unit_amount),
        "tax_code": (sent.tax_type, held.tax_type),
        "line_amount": (amount.line_amount, held.line_amount),
        "tax_amount": (amount.tax_amount, held.tax_amount),
    }
    if not sent.tax_type:
        # Without tax a provider names a tax type of its own for that.
        del pairs["tax_code"]
    return _differing(number, pairs)


def _differing(
    line_number: int, pairs: Mapping[str, tuple[object, object]]
) -> Iterator[Difference]:
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            yield Difference(
                line_number=line_number, field=name, ours=_text(ours), theirs=_text(theirs)
            )


def _one_sided(number: int, ours: str, theirs: str) -> Difference:
    return Difference(line_number=number, field="line", ours=ours, theirs=theirs)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _summary(found: list[Difference]) -> str:
    told = [_sentence(difference) for difference in found[:_MOST_IN_SUMMARY]]
    if len(found) > _MOST_IN_SUMMARY:
        told.append(f"{len(found) - _MOST_IN_SUMMARY} more differences")
    return "; ".join(told) + "."


def _sentence(difference: Difference) -> str:
    if difference.field == "line":
        side = "only at the provider" if difference.theirs else "only here"
        return f"line {difference.line_number} is {side}"
    where = f"line {difference.line_number} " if difference.line_number else ""
    name = where + difference.field.replace("_", " ")
    ours, theirs = difference.ours or "empty", difference.theirs or "empty"
    return f"{name} is {ours} here and {theirs} there"
