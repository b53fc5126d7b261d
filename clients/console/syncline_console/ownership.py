"""Whose the fields of mapped records are, in words; see "Ownership of fields" of the product."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncline.v1.run_pb2 import RecordKind


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What is told beside the settings of a module that pulls records."""

    noun: str
    """What the records are called here."""
    theirs: str
    """Fields of the provider's."""
    ours: str
    """Fields that never are."""


OWNERSHIP: Final[Mapping[int, Owned]] = {
    RecordKind.RECORD_KIND_CONTACT: Owned(
        noun="customers",
        theirs="name, code, e-mail, active; phone and address where they are synced",
        ours="contact person, order web access, notes",
    ),
    RecordKind.RECORD_KIND_ITEM: Owned(
        noun="products",
        theirs="SKU, name, tax code, stock quantity; default price where it is synced",
        ours="category, active, out of stock, zero price allowed, unit of measure",
    ),
}
"""By the kind of the records."""
