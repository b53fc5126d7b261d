"""Codes of the issues that people settle here, by what settles them."""

from typing import Final

CONTACT_AMBIGUOUS: Final = "CONTACT_AMBIGUOUS"
CONTACT_MERGED: Final = "CONTACT_MERGED"
CONTACT_VANISHED: Final = "CONTACT_VANISHED"
ITEM_AMBIGUOUS: Final = "ITEM_AMBIGUOUS"
ITEM_VANISHED: Final = "ITEM_VANISHED"
TAX_TYPE_NOT_MAPPED: Final = "TAX_TYPE_NOT_MAPPED"

OF_MAPPINGS: Final = frozenset(
    {CONTACT_AMBIGUOUS, CONTACT_MERGED, CONTACT_VANISHED, ITEM_AMBIGUOUS, ITEM_VANISHED}
)
"""What assigning or removing the mapping of that very record settles."""
