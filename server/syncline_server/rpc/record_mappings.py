"""MappingService, contacts and items: which of theirs are which of ours."""

from collections.abc import Sequence

from syncline.v1 import mapping_pb2
from syncline_server.core.listing import MappingFilter
from syncline_server.core.model import MappingState
from syncline_server.rpc.fields import LONGEST_QUERY, Fields
from syncline_server.rpc.messages.mapping import contact_mapping, item_mapping
from syncline_server.rpc.paging import page
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.item_mappings import ItemMappings


class RecordMappingCalls:
    """Handles the methods around contact and item mappings."""

    def __init__(self, contacts: ContactMappings, items: ItemMappings) -> None:
        self._contacts = contacts
        self._items = items

    def list_contacts(
        self, request: mapping_pb2.ListContactMappingsRequest
    ) -> mapping_pb2.ListContactMappingsResponse:
        """List contacts with their customers."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        which = _filter(request.states, request.query, fields)
        wanted = page(request, fields)
        fields.refuse()
        found = self._contacts.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.contact_id, contact_mapping)
        return mapping_pb2.ListContactMappingsResponse(
            contact_mappings=cut.messages, next_page_token=cut.next_page_token
        )

    def list_items(
        self, request: mapping_pb2.ListItemMappingsRequest
    ) -> mapping_pb2.ListItemMappingsResponse:
        """List items with their products."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        which = _filter(request.states, request.query, fields)
        wanted = page(request, fields)
        fields.refuse()
        found = self._items.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.item_id, item_mapping)
        return mapping_pb2.ListItemMappingsResponse(
            item_mappings=cut.messages, next_page_token=cut.next_page_token
        )


def _filter(states: Sequence[int], query: str, fields: Fields) -> MappingFilter:
    names = fields.choices("states", states, mapping_pb2.RecordMappingState)
    text = fields.text("query", query, LONGEST_QUERY)
    return MappingFilter(states=tuple(MappingState(name) for name in names if name), text=text)
