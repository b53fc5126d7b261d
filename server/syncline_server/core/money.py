"""Arithmetic of invoices: Decimal only, tax line by line, half a cent rounds away from zero.

As Xero computes (https://developer.xero.com/documentation/guides/how-to-guides/rounding-in-xero):
the tax of each line is rounded to cents, and the sums are sums of rounded amounts.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, NamedTuple

from syncline_sdk import LineAmounts

CENT: Final = Decimal("0.01")
MOST_PLACES: Final = 4
"""Decimals a quantity or unit price may have."""

_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal("0.00")
# The widest product of allowed numbers has 40 digits: nothing is rounded before the last step.
# Python's ROUND_HALF_UP goes away from zero on both sides.
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)


class Amount(NamedTuple):
    """What one line comes to."""

    line_amount: Decimal
    """Tax included or not, as the invoice says."""
    tax_amount: Decimal


class Totals(NamedTuple):
    """What an invoice comes to."""

    subtotal: Decimal
    """Before tax."""
    total_tax: Decimal
    total: Decimal


def to_cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to two decimals, half away from zero."""
    return amount.quantize(CENT, context=_EXACT)


def places(number: Decimal) -> int:
    """Return how many decimals a finite number needs: 1 for 1.50, none for 100."""
    exponent = number.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def line_amount(quantity: Decimal, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    """Return quantity times price less discount, in cents."""
    gross = _EXACT.multiply(quantity, unit_price)
    kept = _EXACT.multiply(gross, _EXACT.subtract(_HUNDRED, discount_percent))
    return to_cents(_EXACT.divide(kept, _HUNDRED))


def tax_amount(amount: Decimal, rate: Decimal, line_amounts: LineAmounts) -> Decimal:
    """Return the tax on or in a line's amount, in cents.

    :param amount: of the line, in cents.
    :param rate: percentage, 15 for 15 %.
    """
    if line_amounts is LineAmounts.NO_TAX:
        return _ZERO
    included = line_amounts is LineAmounts.INCLUSIVE
    whole = _EXACT.add(_HUNDRED, rate) if included else _HUNDRED
    return to_cents(_EXACT.divide(_EXACT.multiply(amount, rate), whole))


def totals(amounts: Iterable[Amount], line_amounts: LineAmounts) -> Totals:
    """Return the sums of an invoice's lines, freight among them."""
    lines = list(amounts)
    total_tax = sum((line.tax_amount for line in lines), _ZERO)
    gross = sum((line.line_amount for line in lines), _ZERO)
    subtotal = gross - total_tax if line_amounts is LineAmounts.INCLUSIVE else gross
    return Totals(subtotal, total_tax, subtotal + total_tax)
