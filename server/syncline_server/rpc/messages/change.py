"""Changes on the wire."""

from collections.abc import Callable
from typing import Any, Final

from syncline.v1 import change_pb2
from syncline_server.core.changes import ChangeKind
from syncline_server.rpc.messages.customer import customer
from syncline_server.rpc.messages.invoice import invoice
from syncline_server.rpc.messages.invoice_link import invoice_link
from syncline_server.rpc.messages.mapping import contact_mapping, item_mapping, tax_mapping
from syncline_server.rpc.messages.product import product
from syncline_server.rpc.messages.tax_code import tax_code
from syncline_server.services.changes import ChangeView

_RENDERED: Final[dict[ChangeKind, Callable[[Any], Any]]] = {
    ChangeKind.CUSTOMER: customer,
    ChangeKind.PRODUCT: product,
    ChangeKind.TAX_CODE: tax_code,
    ChangeKind.INVOICE: invoice,
    ChangeKind.CONTACT_MAPPING: contact_mapping,
    ChangeKind.ITEM_MAPPING: item_mapping,
    ChangeKind.TAX_MAPPING: tax_mapping,
    ChangeKind.INVOICE_LINK: invoice_link,
}


def change(view: ChangeView) -> change_pb2.Change:
    """Return a change as callers see it; what changed lies in the field of its kind."""
    place = view.change.place
    message = change_pb2.Change(
        kind=f"KIND_{place.kind}",
        name=place.name(view.change.id),
        change_time=view.change.time,
    )
    if view.resource is not None:
        field = getattr(message, place.kind.lower())
        field.CopyFrom(_RENDERED[place.kind](view.resource))
    return message
