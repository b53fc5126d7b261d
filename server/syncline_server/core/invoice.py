"""An invoice of ours: what it says and what it comes to."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from syncline_sdk import LineAmounts
from syncline_server.core import money
from syncline_server.core.money import Amount, Totals

FREIGHT_DESCRIPTION = "Freight"
"""What the freight line says at the provider."""

NOTHING = Totals(Decimal(0), Decimal(0), Decimal(0))
"""What an invoice comes to before it is computed."""

_ZERO = Decimal(0)


class InvoiceStage(StrEnum):
    """How far an invoice is on our side."""

    DRAFT = "DRAFT"
    CONFIRMED = "CONFIRMED"
    VOID = "VOID"


class FreightState(StrEnum):
    """Whether the freight of an invoice is known."""

    NONE = "NONE"
    TO_BE_CONFIRMED = "TO_BE_CONFIRMED"
    FIXED = "FIXED"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line; its tax rate is the tax code's when the line was written."""

    product_id: str | None = None
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = _ZERO
    tax_code_id: str | None = None
    tax_rate: Decimal = _ZERO
    line_amount: Decimal = _ZERO
    tax_amount: Decimal = _ZERO


@dataclass(frozen=True, kw_only=True)
class Freight:
    """What delivery costs."""

    state: FreightState = FreightState.NONE
    amount: Decimal | None = None
    """None unless FIXED."""
    tax_code_id: str | None = None
    tax_rate: Decimal = _ZERO
    tax_amount: Decimal = _ZERO


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice with its computed amounts."""

    workspace: str
    id: str
    number: str
    customer_id: str
    stage: InvoiceStage = InvoiceStage.DRAFT
    currency: str
    invoice_date: date
    due_date: date | None = None
    line_amounts: LineAmounts
    reference: str = ""
    lines: tuple[Line, ...] = ()
    freight: Freight = field(default_factory=Freight)
    totals: Totals = NOTHING
    external_id: str = ""
    """Its id in the caller's own system, if it has one."""
    create_time: datetime | None = None
    update_time: datetime | None = None
    version: int = 0

    @property
    def has_freight(self) -> bool:
        """Whether freight is a line of its own: known, and not nothing."""
        return self.freight.state is FreightState.FIXED and bool(self.freight.amount)


def computed(invoice: Invoice) -> Invoice:
    """Return the invoice with every amount computed anew from its lines and freight."""
    lines = tuple(_computed_line(line, invoice.line_amounts) for line in invoice.lines)
    freight = _computed_freight(invoice.freight, invoice.line_amounts)
    amounts = [Amount(line.line_amount, line.tax_amount) for line in lines]
    if freight.amount is not None:
        amounts.append(Amount(freight.amount, freight.tax_amount))
    return replace(
        invoice,
        lines=lines,
        freight=freight,
        totals=money.totals(amounts, invoice.line_amounts),
    )


def _computed_line(line: Line, line_amounts: LineAmounts) -> Line:
    amount = money.line_amount(line.quantity, line.unit_price, line.discount_percent)
    tax = money.tax_amount(amount, line.tax_rate, line_amounts)
    return replace(line, line_amount=amount, tax_amount=tax)


def _computed_freight(freight: Freight, line_amounts: LineAmounts) -> Freight:
    if freight.amount is None:
        return replace(freight, tax_amount=_ZERO)
    amount = money.to_cents(freight.amount)
    tax = money.tax_amount(amount, freight.tax_rate, line_amounts)
    return replace(freight, amount=amount, tax_amount=tax)
