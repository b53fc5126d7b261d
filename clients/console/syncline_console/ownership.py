"""Whose the fields of mapped records are, in words, as a module declares it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syncline.v1.integration_pb2 import Node
from syncline.v1.ownership_pb2 import RecordField
from syncline.v1.run_pb2 import RecordKind
from syncline_console.templates import listed

_NOUNS: Final[Mapping[int, str]] = {
    RecordKind.RECORD_KIND_CONTACT: "customers",
    RecordKind.RECORD_KIND_ITEM: "products",
}


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What is told beside the settings of a module that owns fields."""

    noun: str
    """What the records are called here."""
    theirs: str
    """Fields of the provider's."""
    ours: str
    """Fields that never are."""


def owned_by(node: Node) -> Owned | None:
    """Return what a module declares; None when it declares nothing."""
    if not node.HasField("ownership"):
        return None
    return Owned(
        noun=_NOUNS.get(node.record_kind, "records"),
        theirs=_theirs(node.ownership.provider_fields),
        ours=", ".join(each.title for each in node.ownership.local_fields),
    )


def _theirs(fields: Sequence[RecordField]) -> str:
    """Return the fields, those that depend on a setting last."""
    always = ", ".join(each.title for each in fields if not each.setting)
    chosen = [each.title for each in fields if each.setting]
    if not chosen:
        return always
    where = f"{listed(chosen)} where {'it is' if len(chosen) == 1 else 'they are'} synced"
    return f"{always}; {where}" if always else where
