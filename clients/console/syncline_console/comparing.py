"""One invoice of ours beside the provider's, field by field and line by line."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from syncline.v1.invoice_pb2 import Freight, Invoice, InvoiceLine, InvoiceLink, VarianceLine
from syncline_console.money import figure, money
from syncline_console.templates import day

Title = Callable[[str], str]
"""Returns what people call a record, by its resource name."""
Differing = Mapping[str, VarianceLine]
"""What differs in the invoice itself or in one line, by field."""

_LABELS: Final = {
    "number": "Number",
    "customer": "Customer",
    "invoice_date": "Date",
    "due_date": "Due date",
    "reference": "Reference",
    "currency_code": "Currency",
}
_SUMS: Final = {"subtotal": "Before tax", "total_tax": "Tax", "total": "Total"}
COLUMNS: Final = {
    "description": "Description",
    "quantity": "Quantity",
    "unit_price": "Unit price",
    "discount_percent": "Discount",
    "tax_code": "Tax",
    "line_amount": "Amount",
    "tax_amount": "Tax amount",
}
"""Headings of the columns of lines, by field."""
_TEXTS: Final = ("description", "tax_code")


class Side(StrEnum):
    """Whose values a row holds."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the invoice itself."""

    label: str
    ours: str
    theirs: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of a line."""

    text: str
    differs: bool
    is_amount: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line on one side, or on both where nothing differs."""

    number: int
    """From 1; freight behind the lines."""
    side: Side
    cells: list[Cell]
    is_alone: bool
    """Whether the other side has no such line."""


def fields(invoice: Invoice, title: Title) -> list[Field]:
    """Return the fields of the invoice itself, sums last, on both sides where it is linked."""
    differing = _by_line(invoice.link)[0]
    ours = _own_fields(invoice, title)
    return [
        Field(
            label=label,
            ours=ours[name],
            theirs=_theirs(name, ours[name], differing.get(name), invoice),
            differs=name in differing,
        )
        for name, label in {**_LABELS, **_SUMS}.items()
    ]


def _own_fields(invoice: Invoice, title: Title) -> dict[str, str]:
    texts = {name: str(getattr(invoice, name)) for name in _LABELS}
    dates = {name: day(texts[name]) for name in ("invoice_date", "due_date")}
    sums = {name: money(getattr(invoice, name), invoice.currency_code) for name in _SUMS}
    return {**texts, **dates, **sums, "customer": title(invoice.customer)}


def _theirs(name: str, ours: str, found: VarianceLine | None, invoice: Invoice) -> str:
    if found is None:
        return ours
    if name == "customer":  # only ids are compared, which tell a person nothing
        return "Another contact"
    return money(found.theirs, invoice.currency_code) if name in _SUMS else day(found.theirs)


def columns(invoice: Invoice) -> list[str]:
    """Return the fields of lines that are worth a column."""
    has_discount = any(line.discount_percent for line in invoice.lines)
    return [name for name in COLUMNS if has_discount or name != "discount_percent"]


def rows(invoice: Invoice, title: Title) -> list[Row]:
    """Return the lines of both sides, each beside the other's of the same number."""
    differing = _by_line(invoice.link)
    own = {number: _own(line, title) for number, line in enumerate(_lines(invoice), start=1)}
    names = columns(invoice)
    both = Side.BOTH if invoice.link.push_state == InvoiceLink.PUSH_STATE_LINKED else Side.OURS
    found: list[Row] = []
    for number in sorted({*own, *differing} - {0}):
        values = own.get(number, {})
        found += _rows_of(number, values, differing.get(number, {}), both, names)
    return found


def _rows_of(
    number: int, own: Mapping[str, str], differing: Differing, both: Side, names: list[str]
) -> Iterator[Row]:
    alone = differing.get("line")
    if alone is not None:
        side = Side.THEIRS if alone.theirs else Side.OURS
        values = {"description": alone.theirs} if alone.theirs else own
        yield _row(number, side, values, names, is_alone=True)
    elif differing:
        ours = {name: each.ours for name, each in differing.items()}
        theirs = {name: each.theirs for name, each in differing.items()}
        yield _row(number, Side.OURS, {**own, **ours}, names, differing=differing)
        yield _row(number, Side.THEIRS, {**own, **theirs}, names, differing=differing)
    else:
        yield _row(number, both, own, names)


def _row(
    number: int,
    side: Side,
    values: Mapping[str, str],
    names: list[str],
    *,
    differing: Differing | None = None,
    is_alone: bool = False,
) -> Row:
    changed = differing or {}
    cells = [
        Cell(text=_text(name, values), differs=name in changed, is_amount=name not in _TEXTS)
        for name in names
    ]
    if "product" in changed:  # it has no column of its own, as lines seldom differ in it
        text = f"{cells[0].text} (item {values['product'] or 'none'})"
        cells[0] = Cell(text=text, differs=True, is_amount=False)
    return Row(number=number, side=side, cells=cells, is_alone=is_alone)


def _text(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "")
    if name == "discount_percent":
        return f"{value} %" if value else ""
    if name in _TEXTS:
        return value
    return figure(value) if name == "quantity" else figure(value, places=2)


def _own(line: InvoiceLine, title: Title) -> dict[str, str]:
    values = {name: str(getattr(line, name)) for name in COLUMNS}
    return {**values, "tax_code": title(line.tax_code) if line.tax_code else ""}


def _lines(invoice: Invoice) -> list[InvoiceLine]:
    """Return its lines, with freight behind them as it is sent."""
    freight = invoice.freight
    if freight.state != Freight.STATE_FIXED:
        return list(invoice.lines)
    last = InvoiceLine(
        description="Freight",
        quantity="1",
        unit_price=freight.amount,
        tax_code=freight.tax_code,
        line_amount=freight.amount,
    )
    return [*invoice.lines, last]


def _by_line(link: InvoiceLink) -> dict[int, dict[str, VarianceLine]]:
    found: dict[int, dict[str, VarianceLine]] = defaultdict(dict)
    for each in link.variance.lines:
        found[each.line_number][each.field] = each
    return found
