"""Postal addresses in a column: JSON text, empty when there is none."""

import msgspec

from syncline_sdk import Address


def to_column(address: Address | None) -> str:
    """Return an address as a column value."""
    return "" if address is None else msgspec.json.encode(address).decode()


def from_column(text: str) -> Address | None:
    """Return the address of a column."""
    return msgspec.json.decode(text, type=Address) if text else None
