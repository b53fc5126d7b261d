"""Line amounts, tax and totals (developer.xero.com, invoices; rounding in Xero)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from syncline_xero_simulator.books.invoice import InvoiceLine, LineAmountTypes
from syncline_xero_simulator.switches import InclusiveTax, Switches, TieRounding

_HUNDRED = Decimal(100)
_ZERO = Decimal("0.00")
_WIDE = Context(prec=100)  # a line that is refused as too large must still be computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """An invoice's three sums."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal


def rounded(amount: Decimal, places: int, switches: Switches) -> Decimal:
    """Round to `places` decimals; ROUND_HALF_UP of `decimal` is half away from zero."""
    half_even = switches.tie_rounding is TieRounding.HALF_EVEN
    mode = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
    return amount.quantize(Decimal(1).scaleb(-places), mode, _WIDE)


def line_amount(line: InvoiceLine, switches: Switches) -> Decimal:
    """Return quantity times unit amount less the discount, rounded to cents."""
    if line.quantity is None or line.unit_amount is None:
        return _ZERO
    gross = line.quantity * line.unit_amount
    if line.discount_rate is not None:
        gross = gross * (_HUNDRED - line.discount_rate) / _HUNDRED
    elif line.discount_amount is not None:
        gross -= line.discount_amount
    return rounded(gross, 2, switches)


def line_tax(
    amount: Decimal, percent: Decimal, kind: LineAmountTypes, switches: Switches
) -> Decimal:
    """Return the tax of one line, rounded to cents, at `percent`."""
    if kind is LineAmountTypes.NO_TAX:
        return _ZERO
    if kind is LineAmountTypes.EXCLUSIVE:
        return rounded(amount * percent / _HUNDRED, 2, switches)
    if switches.inclusive_tax is InclusiveTax.NET_ROUNDED:
        return amount - rounded(amount * _HUNDRED / (_HUNDRED + percent), 2, switches)
    return rounded(amount * percent / (_HUNDRED + percent), 2, switches)


def totals(lines: Sequence[InvoiceLine], kind: LineAmountTypes) -> Totals:
    """Return the sums of lines whose tax was rounded line by line."""
    amounts = sum((line.line_amount for line in lines), _ZERO)
    tax = sum((line.tax_amount for line in lines), _ZERO)
    net = amounts - tax if kind is LineAmountTypes.INCLUSIVE else amounts
    return Totals(sub_total=net, total_tax=tax, total=net + tax)
