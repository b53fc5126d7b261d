"""What changed in a workspace, in the order in which it was stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.names import Connection, record
from syncline_server.core.organisations import Organisation


class ChangeKind(StrEnum):
    """What kind of resource changed."""

    CUSTOMER = "CUSTOMER"
    PRODUCT = "PRODUCT"
    TAX_CODE = "TAX_CODE"
    INVOICE = "INVOICE"
    CONTACT_MAPPING = "CONTACT_MAPPING"
    ITEM_MAPPING = "ITEM_MAPPING"
    TAX_MAPPING = "TAX_MAPPING"
    INVOICE_LINK = "INVOICE_LINK"
    CONNECTION = "CONNECTION"  # its settings, too


_COLLECTIONS = {
    ChangeKind.CUSTOMER: "customers",
    ChangeKind.PRODUCT: "products",
    ChangeKind.TAX_CODE: "taxCodes",
    ChangeKind.INVOICE: "invoices",
    ChangeKind.CONTACT_MAPPING: "contactMappings",
    ChangeKind.ITEM_MAPPING: "itemMappings",
    ChangeKind.TAX_MAPPING: "taxMappings",
    ChangeKind.INVOICE_LINK: "invoiceLinks",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a changed resource belongs: to a workspace, or to an organisation it knows."""

    kind: ChangeKind
    workspace: str
    provider: str = ""
    """Empty for what is the workspace's own."""
    organisation_id: str = ""
    """Empty for connections, too."""

    @classmethod
    def at(cls, kind: ChangeKind, organisation: Organisation) -> "Place":
        """Return the place of an organisation's mappings or links."""
        return cls(
            kind=kind,
            workspace=organisation.workspace,
            provider=organisation.provider,
            organisation_id=organisation.id,
        )

    @property
    def connection(self) -> Connection:
        """The connection it belongs to, where it belongs to one."""
        return Connection(self.workspace, self.provider)

    @property
    def organisation(self) -> Organisation:
        """The organisation it belongs to, where it belongs to one."""
        return Organisation(self.workspace, self.provider, self.organisation_id)

    def name(self, identifier: str) -> str:
        """Return the resource name of what changed here."""
        if self.kind is ChangeKind.CONNECTION:
            return str(self.connection)
        collection = _COLLECTIONS[self.kind]
        if self.provider:
            return f"{self.connection}/{collection}/{identifier}"
        return record(self.workspace, collection, identifier)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that was created or changed."""

    number: int
    """Counts the workspace's changes from 1, without gaps, in the order of their commits."""
    place: Place
    id: str
    """The provider's name for a connection."""
    time: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """How far a workspace's changes reach."""

    last: int = 0
    """Number of the newest one; 0 before the first."""
    forgotten: int = 0
    """Number up to which they are no longer kept."""

    def refuse_lost(self, after: int) -> None:
        """Refuse to go on behind a change when what follows it is not all here.

        :raises FailedPrecondition: some of it is no longer kept, or the database is an older one
            than the number is from.
        """
        if self.forgotten <= after <= self.last:
            return
        blocker = Blocker(
            reason=Reason.CHANGE_TOKEN_EXPIRED,
            subject="resume_token",
            title="resume token",
            description="Follow the changes from now on, then read everything anew.",
        )
        message = "The history behind this token is no longer kept, so changes would be missed."
        raise FailedPrecondition(message, [blocker])


def newest_of_each(changes: Iterable[Change]) -> list[Change]:
    """Return the last change of each resource, in order."""
    newest = {(change.place, change.id): change for change in changes}
    return sorted(newest.values(), key=lambda change: change.number)
