"""What customers, products and tax codes have in common on the wire."""

from collections.abc import Sequence
from typing import TypeVar

from syncline.v1 import ownership_pb2
from syncline_server.core import ownership, provenance
from syncline_server.core.names import Connection
from syncline_server.core.records import Customer, Product
from syncline_server.core.views import RecordView

T = TypeVar("T")


def owned_fields(view: RecordView[T]) -> list[ownership_pb2.OwnedField]:
    """Return which fields can't be changed here now, and who owns them, and why."""
    master = view.master
    if master is None:
        return []
    return [
        ownership_pb2.OwnedField(
            field=field,
            owner=str(master.connection),
            module=str(master.scope),
            reason=ownership.reason(master, field),
        )
        for field in view.owned_fields
    ]


def field_sources(
    record: Customer | Product, fields: Sequence[str]
) -> list[ownership_pb2.FieldSource]:
    """Return where the values of these fields came from, and when, in this order."""
    if record.create_time is None:
        return []
    found = [
        (field, provenance.of_field(record.sources, field, record.create_time)) for field in fields
    ]
    return [
        ownership_pb2.FieldSource(
            field=field,
            source=str(Connection(record.workspace, source.provider)) if source.provider else "",
            organisation=source.organisation_id,
            update_time=source.time,
        )
        for field, source in found
    ]
