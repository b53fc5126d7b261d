"""Numbers with the decimals Xero prints."""

from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(prec=100)


def with_places(value: Decimal, places: int) -> Decimal:
    """Return `value` with exactly `places` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def money(value: Decimal) -> Decimal:
    """Return an amount with two decimals."""
    return with_places(value, 2)


def percent(value: Decimal) -> Decimal:
    """Return a rate or a quantity with four decimals."""
    return with_places(value, 4)
