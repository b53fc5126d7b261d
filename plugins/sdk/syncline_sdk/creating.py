"""How one record is created at the provider because somebody creates it here, and never twice.

The host writes every creation down before it calls ``create``, and again right before the write
leaves; so whatever dies in between leaves a creation that is settled by ``find``. Nothing is sent
again before ``find`` has said that the provider holds nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import httpx

from syncline_sdk.options import Value
from syncline_sdk.records import Address, Contact, Item

D = TypeVar("D")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class ContactDraft:
    """A contact to create; what the workspace keeps for itself is empty."""

    name: str
    code: str = ""
    """Our code for it; what recovery recognises it by when there is one."""
    email: str = ""
    phone: str = ""
    address: Address | None = None

    def is_met_by(self, contact: Contact) -> bool:
        """Return whether this contact is what creating the draft makes, and not somebody else's.

        With a code: a living contact of that code and name. Without one everything must agree.
        """
        if not contact.active or not _same(contact.name, self.name):
            return False
        if self.code:
            return _same(contact.codes[0] if contact.codes else "", self.code)
        return (
            not contact.codes
            and _same(contact.email, self.email)
            and _same(contact.phone, self.phone)
            and (contact.address or None) == (self.address or None)
        )


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """An item to create; what the workspace keeps for itself is empty."""

    code: str
    name: str
    tax_type: str = ""
    """The provider's tax type for sales; empty leaves it to the provider."""
    price: Decimal | None = None

    def is_met_by(self, item: Item) -> bool:
        """Return whether this item is what creating the draft makes, and not somebody else's."""
        return (
            _same(item.code, self.code)
            and _same(item.name, self.name)
            and self.tax_type in ("", item.tax_type)
            and self.price in (None, item.price)
        )


@dataclass(frozen=True, kw_only=True)
class CreateContext:
    """What ``create`` and ``find`` are given. It holds no token, no database, no other workspace.

    Calls of ``http`` may raise :class:`syncline_sdk.RunStopped`, :class:`syncline_sdk.RetryLater`
    and :class:`syncline_sdk.AccessLost`: let them pass. Somebody waits, so be brief.
    """

    http: httpx.Client
    """A client as ``RunContext.http``; make one write with it at most."""
    settings: Mapping[str, Value]
    """The module's declared settings, checked, with defaults filled in."""
    organisation_id: str
    idempotency_key: str
    """Another one for every time the record is sent; safe to send as a header."""


@dataclass(frozen=True, kw_only=True)
class Creator(Generic[D, R]):
    """How a module creates one record: ``Creator[ContactDraft, Contact]`` or with items."""

    create: Callable[[CreateContext, D], R]
    """Creates it and returns what the provider made of it. Raises

    - :class:`syncline_sdk.RecordRejected` when the provider refused and holds nothing;
    - :class:`syncline_sdk.RetryLater` when the write was not carried out, for certain;
    - :class:`syncline_sdk.AccessLost` likewise, when access is gone;
    - :class:`syncline_sdk.OutcomeUnknown` when nobody can tell. What httpx raises counts as that,
      and so does everything else once the write has left.
    """
    find: Callable[[CreateContext, D], R | None]
    """Reads whether the provider holds what ``create`` makes of this draft; None when it does not.

    Decides with ``is_met_by``: whatever merely looks like it is somebody else's. Writes nothing.
    """


ContactCreator = Creator[ContactDraft, Contact]
ItemCreator = Creator[ItemDraft, Item]


def _same(theirs: str, ours: str) -> bool:
    return " ".join(theirs.split()).casefold() == " ".join(ours.split()).casefold()
