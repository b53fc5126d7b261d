"""Telling of local records how they are mapped and who owns what."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from syncline_sdk import RecordKind
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import FindMaster, Master, owned_fields
from syncline_server.core.records import Customer, Product, TaxCode
from syncline_server.core.views import RecordView
from syncline_server.storage import connections, contacts, items, tax_rates
from syncline_server.storage.database import Database


class _Record(Protocol):
    @property
    def id(self) -> str:
        """Its id in the workspace."""


R = TypeVar("R", bound=_Record)

Mapped = Iterable[tuple[str, Organisation, str]]
"""Mappings: id of our record, organisation, the provider's id."""


class RecordViews:
    """Makes views of a workspace's records, a page at a time."""

    def __init__(self, database: Database, find_master: FindMaster) -> None:
        self._database = database
        self._find_master = find_master

    def of_customers(
        self, workspace: str, records: Sequence[Customer]
    ) -> list[RecordView[Customer]]:
        """Return customers as they are told."""
        ids = [record.id for record in records]
        mapped = contacts.of_customers_anywhere(self._database, workspace, ids)
        master = self._find_master(workspace, RecordKind.CONTACT)
        return self._views(records, mapped, "contactMappings", master)

    def of_products(self, workspace: str, records: Sequence[Product]) -> list[RecordView[Product]]:
        """Return products as they are told."""
        ids = [record.id for record in records]
        mapped = items.of_products_anywhere(self._database, workspace, ids)
        master = self._find_master(workspace, RecordKind.ITEM)
        return self._views(records, mapped, "itemMappings", master)

    def of_tax_codes(self, workspace: str, records: Sequence[TaxCode]) -> list[RecordView[TaxCode]]:
        """Return tax codes as they are told; nobody but us ever owns one."""
        ids = [record.id for record in records]
        mapped = tax_rates.of_tax_codes_anywhere(self._database, workspace, ids)
        return self._views(records, mapped, "taxMappings", None)

    def _views(
        self, records: Sequence[R], mapped: Mapped, collection: str, master: Master | None
    ) -> list[RecordView[R]]:
        if not records:
            return []
        by_record: dict[str, dict[Organisation, str]] = {}
        for record_id, organisation, remote_id in mapped:
            by_record.setdefault(record_id, {})[organisation] = remote_id
        current = self._current({place for places in by_record.values() for place in places})
        return [
            _view(record, by_record.get(record.id, {}), current, collection, master)
            for record in records
        ]

    def _current(self, organisations: set[Organisation]) -> set[Organisation]:
        """Return those organisations that are connected now."""
        workspaces = {organisation.workspace for organisation in organisations}
        connected = {
            Organisation(row.key.workspace, row.key.provider, row.organisation_id)
            for workspace in workspaces
            for row in connections.of_workspace(self._database, workspace)
        }
        return organisations & connected


def _view(
    record: R,
    mapped: dict[Organisation, str],
    current: set[Organisation],
    collection: str,
    master: Master | None,
) -> RecordView[R]:
    owned = owned_fields(master, mapped)
    names = [
        f"{organisation.connection}/{collection}/{remote_id}"
        for organisation, remote_id in sorted(mapped.items())
        if organisation in current
    ]
    return RecordView(
        record=record,
        mapped_to=names[0] if names else "",
        owned_fields=owned,
        master=master if owned else None,
    )
