"""What customers, products and tax codes have in common on the wire."""

from typing import TypeVar

from syncline.v1 import ownership_pb2
from syncline_server.core.views import RecordView

T = TypeVar("T")


def owned_fields(view: RecordView[T]) -> list[ownership_pb2.OwnedField]:
    """Return which fields can't be changed here now, and who owns them."""
    owner = str(view.owner) if view.owner else ""
    return [ownership_pb2.OwnedField(field=field, owner=owner) for field in view.owned_fields]
