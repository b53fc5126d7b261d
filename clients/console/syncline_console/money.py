"""Amounts as the API gives them, decimal strings, made readable; never floating point."""

from decimal import Decimal, InvalidOperation


def money(amount: str, currency: str = "") -> str:
    """Return an amount with its thousands apart: ``1,234.50 NZD``.

    :param amount: a decimal string; what is none comes back as it is, and nothing as nothing.
    :param currency: ISO 4217 code; empty leaves it out.
    """
    try:
        found = Decimal(amount)
    except InvalidOperation:
        return amount
    if not found.is_finite():
        return amount
    return f"{found:,f} {currency}".rstrip()


def signed(amount: str, currency: str = "") -> str:
    """Return a difference with its sign: ``+12.00 NZD``."""
    text = money(amount, currency)
    return text if not amount or amount.startswith("-") else f"+{text}"
