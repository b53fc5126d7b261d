"""What customers, products and tax codes have in common on the wire."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from syncline.v1 import ownership_pb2
from syncline_server.core import ownership, provenance
from syncline_server.core.names import Connection
from syncline_server.core.provenance import Source
from syncline_server.core.records import Customer, Product
from syncline_server.core.views import RecordView

T = TypeVar("T")


def owned_fields(view: RecordView[T]) -> list[ownership_pb2.OwnedField]:
    """Return which fields can't be changed here now, and who owns them, and why."""
    master = view.master
    if master is None:
        return []
    owner, module = str(master.connection), str(master.scope)
    return [
        ownership_pb2.OwnedField(
            field=field, owner=owner, module=module, reason=ownership.reason(master, field)
        )
        for field in view.owned_fields
    ]


def field_sources(
    record: Customer | Product, fields: tuple[str, ...]
) -> Sequence[ownership_pb2.FieldSource]:
    """Return where the values of these fields came from, and when, in this order."""
    created = record.create_time
    if created is None:
        return ()
    found = tuple(provenance.of_field(record.sources, field, created) for field in fields)
    return _field_sources(record.workspace, fields, found)


@lru_cache(maxsize=512)  # whatever a run has written together says the same
def _field_sources(
    workspace: str, fields: tuple[str, ...], found: tuple[Source, ...]
) -> tuple[ownership_pb2.FieldSource, ...]:
    return tuple(
        ownership_pb2.FieldSource(
            field=field,
            source=str(Connection(workspace, source.provider)) if source.provider else "",
            organisation=source.organisation_id,
            update_time=source.time,
        )
        for field, source in zip(fields, found, strict=True)
    )
