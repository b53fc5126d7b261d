"""Numbers that are no floats on the wire: decimal strings."""

from decimal import Decimal
from typing import Final

from syncline_server.core import money

_CENTS: Final = 2


def plain(number: Decimal | None) -> str:
    """Return a number without exponent and without needless zeros; empty for none."""
    if number is None:
        return ""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cents(number: Decimal | None) -> str:
    """Return an amount of money with two decimals, more where it has more; empty for none."""
    if number is None:
        return ""
    return plain(number) if money.places(number) > _CENTS else format(money.to_cents(number), "f")
