"""Records with what callers are told about them beside their own values."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from syncline_server.core.invoice import Invoice
from syncline_server.core.link import Link
from syncline_server.core.ownership import Master

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class RecordView(Generic[T]):
    """A customer, product or tax code, with its mapping and who owns what."""

    record: T
    mapped_to: str = ""
    """Resource name of its mapping in the organisation that is connected; empty for none."""
    owned_fields: tuple[str, ...] = ()
    """Fields that can't be changed here now, as they are called on the wire."""
    master: Master | None = None
    """Who owns them; None when nobody does."""


@dataclass(frozen=True, kw_only=True)
class InvoiceView:
    """An invoice, with how it stands at the organisation that is connected."""

    invoice: Invoice
    link: Link | None = None
