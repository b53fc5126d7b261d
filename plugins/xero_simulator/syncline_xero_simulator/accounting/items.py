"""/Items."""

from syncline_xero_simulator.accounting.batches import Noun, write_all
from syncline_xero_simulator.accounting.call import Call
from syncline_xero_simulator.accounting.lists import Source, select
from syncline_xero_simulator.books.item import Item
from syncline_xero_simulator.query.tables import item_fields
from syncline_xero_simulator.rules.items import delete_item, item_by, write_item
from syncline_xero_simulator.rules.writing import RefusedError
from syncline_xero_simulator.wire.envelope import Listing, rendered
from syncline_xero_simulator.wire.inbound import Element
from syncline_xero_simulator.wire.item_json import item_json
from syncline_xero_simulator.wire.problems import api_exception, not_found, validation_problem

_COLLECTION = "Items"
_MOST_ELEMENTS = 500


def list_items(call: Call, _key: str) -> Listing:
    """List all items; there are no pages."""
    source = Source(
        records=call.books.items.values,
        table=item_fields(),
        key=lambda item: item.item_id,
        updated=lambda item: item.updated,
    )
    return _listing(call, select(call, source))


def get_item(call: Call, key: str) -> Listing:
    """Return one item, by id or by code."""
    return _listing(call, [_known(call, key)])


def write_items(call: Call, _key: str) -> Listing:
    """Create items (PUT) or create and update them (POST)."""
    elements = call.elements(_COLLECTION)
    if len(elements) > _MOST_ELEMENTS:
        message = f"A maximum of {_MOST_ELEMENTS} items can be sent in one request"
        raise api_exception(400, 10, "ValidationException", message)
    return write_all(call, _noun(call), elements)


def write_one_item(call: Call, key: str) -> Listing:
    """Update the item with this id."""
    item = _known(call, key)
    element = Element({**call.elements(_COLLECTION)[0].data, "ItemID": item.item_id})
    return write_all(call, _noun(call), [element])


def delete_one_item(call: Call, key: str) -> None:
    """Delete the item with this id for good."""
    item = _known(call, key)
    try:
        delete_item(call.books, item)
    except RefusedError as error:
        errors = [{"Message": message} for message in error.messages]
        shown = item_json(item, call.unit_places) | {"ValidationErrors": errors}
        raise validation_problem([shown]) from error


def _known(call: Call, key: str) -> Item:
    item = item_by(call.books, key)
    if item is None:
        raise not_found()
    return item


def _listing(call: Call, items: list[Item]) -> Listing:
    shown = rendered(item_json(item, call.unit_places) for item in items)
    return Listing(collection=_COLLECTION, records=shown)


def _noun(call: Call) -> Noun[Item]:
    context = call.write_context()
    return Noun(
        collection=_COLLECTION,
        id_name="ItemID",
        write=lambda element: write_item(call.books, element, call.mode, context),
        show=lambda item: item_json(item, call.unit_places, written=True),
        saved=lambda _: None,
        error_flag="HasValidationErrors",
    )
