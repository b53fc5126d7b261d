"""What every write rule needs and returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.switches import Switches

R = TypeVar("R")


class Mode(StrEnum):
    """PUT creates only; POST creates or updates."""

    CREATE = "create"
    UPSERT = "upsert"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """The circumstances of a write.

    `now` is whole milliseconds; `unit_places` is 2 or 4; `may_create_contacts` is about invoices
    that bring a new contact.
    """

    now: datetime
    switches: Switches
    mint: Mint
    unit_places: int = 2
    may_create_contacts: bool = True


class RefusedError(Exception):
    """An element breaks rules. `contact_messages` belong to the invoice's contact."""

    def __init__(self, messages: Sequence[str], contact_messages: Sequence[str] = ()) -> None:
        super().__init__(*messages, *contact_messages)
        self.messages = tuple(messages)
        self.contact_messages = tuple(contact_messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Generic[R]):
    """A record as it was saved."""

    record: R
    created: bool
    warnings: tuple[str, ...] = ()


def too_long(name: str, value: str, longest: int) -> list[str]:
    """Return the message for a text longer than `longest`, or nothing."""
    if len(value) <= longest:
        return []
    return [f"The {name} field exceeds the maximum length of {longest}."]
