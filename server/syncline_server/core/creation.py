"""Records that are created at the provider first, and how far each of them has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncline_sdk import ContactDraft, ItemDraft, RecordKind
from syncline_server.core.matching import key
from syncline_server.core.organisations import Organisation
from syncline_server.core.records import Customer, Product


class CreationState(StrEnum):
    """How far a creation has come. Once the provider refused it, it is gone."""

    PENDING = "PENDING"  # written, and nothing has left yet
    SENT = "SENT"  # leaving now; unknown if we die
    UNCERTAIN = "UNCERTAIN"  # the answer was lost: read before sending again
    DONE = "DONE"  # stored by somebody else than who asked; kept for when they ask again


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """A customer to create at the provider."""

    record: Customer
    draft: ContactDraft
    fields: tuple[str, ...]
    """Names of the fields that are taken from the provider's answer."""


@dataclass(frozen=True, kw_only=True)
class NewProduct:
    """A product to create at the provider."""

    record: Product
    draft: ItemDraft
    fields: tuple[str, ...]
    """As for customers."""


Content = NewCustomer | NewProduct


@dataclass(frozen=True, kw_only=True)
class Creation:
    """One record on its way to the provider and back."""

    id: str
    organisation: Organisation
    module: str
    content: Content
    request: str
    """Fingerprint of what was asked for: whoever repeats it goes on with this creation."""
    record_id: str
    """The id our record gets, or has."""
    state: CreationState = CreationState.PENDING
    sendings: int = 0
    """How often it left."""
    lease_until: datetime
    """Until when somebody works on it; afterwards anybody may take it over."""
    proof_time: datetime | None = None
    """From when on not to find it is proof that it was not created; None before it left."""
    create_time: datetime
    version: int = 1

    @property
    def kind(self) -> RecordKind:
        """What is created at the provider."""
        return kind_of(self.content)


def kind_of(content: Content) -> RecordKind:
    """Return what is created at the provider."""
    return RecordKind.CONTACT if isinstance(content, NewCustomer) else RecordKind.ITEM


def keys_of(content: Content) -> tuple[str, str]:
    """Return the code and the name that no two creations under way may share; empty is none.

    Contacts have one name each; items share names.
    """
    if isinstance(content, NewCustomer):
        return key(content.draft.code), key(content.draft.name)
    return key(content.draft.code), ""
