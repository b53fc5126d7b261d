"""Amounts as the API gives them, decimal strings, made readable; never floating point."""

from decimal import Decimal, InvalidOperation


def money(amount: str, currency: str = "") -> str:
    """Return an amount with its thousands apart: ``1,234.50 NZD``.

    :param amount: a decimal string; what is none comes back as it is, and nothing as nothing.
    :param currency: ISO 4217 code; empty leaves it out.
    """
    return f"{figure(amount, places=2)} {currency}".strip() if amount else ""


def figure(amount: str, *, places: int = 0) -> str:
    """Return a quantity or price without zeros that say nothing: ``1,234.5``.

    :param places: decimals that stay, also where they are 0.
    """
    try:
        found = Decimal(amount)
    except InvalidOperation:
        return amount
    if not found.is_finite():
        return amount
    whole, _, decimals = f"{found:,f}".partition(".")
    kept = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{kept}" if kept else whole


def differing(difference: str, currency: str = "") -> str:
    """Return a difference in words: ``12.00 NZD more``; empty when there is none.

    :param difference: theirs less ours.
    """
    if not difference.strip("-0."):
        return ""
    is_less = difference.startswith("-")
    return f"{money(difference.lstrip('-'), currency)} {'less' if is_less else 'more'}"
