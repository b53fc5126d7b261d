"""MappingService, contacts and items: which of theirs are which of ours, settled by people."""

from collections.abc import Sequence

from syncline.v1 import mapping_pb2
from syncline_server.core.listing import MappingFilter
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.messages.mapping import contact_mapping, item_mapping
from syncline_server.rpc.paging import page
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.item_mappings import ItemMappings

_CONTACTS, _ITEMS = "contactMappings", "itemMappings"


class RecordMappingCalls:
    """Handles the methods around contact and item mappings."""

    def __init__(self, contacts: ContactMappings, items: ItemMappings) -> None:
        self._contacts = contacts
        self._items = items

    def get_contact(
        self, request: mapping_pb2.GetContactMappingRequest
    ) -> mapping_pb2.GetContactMappingResponse:
        """Return one contact with its customer."""
        fields = Fields()
        key, contact = fields.under_connection("name", request.name, _CONTACTS)
        fields.refuse()
        found = self._contacts.get(key, contact)
        return mapping_pb2.GetContactMappingResponse(contact_mapping=contact_mapping(found))

    def list_contacts(
        self, request: mapping_pb2.ListContactMappingsRequest
    ) -> mapping_pb2.ListContactMappingsResponse:
        """List contacts with their customers."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        which = _filter(request.states, request.query)
        wanted = page(request, fields)
        fields.refuse()
        found = self._contacts.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.contact_id, contact_mapping)
        return mapping_pb2.ListContactMappingsResponse(
            contact_mappings=cut.messages, next_page_token=cut.next_page_token
        )

    def assign_contact(
        self, request: mapping_pb2.AssignContactMappingRequest
    ) -> mapping_pb2.AssignContactMappingResponse:
        """Map a contact to a customer."""
        fields = Fields()
        key, contact = fields.under_connection("name", request.name, _CONTACTS)
        customer = _assigned("customer", request.customer, key, fields)
        fields.refuse()
        found = self._contacts.assign(key, contact, customer, request.etag)
        return mapping_pb2.AssignContactMappingResponse(contact_mapping=contact_mapping(found))

    def remove_contact(
        self, request: mapping_pb2.RemoveContactMappingRequest
    ) -> mapping_pb2.RemoveContactMappingResponse:
        """Leave a contact without a customer."""
        fields = Fields()
        key, contact = fields.under_connection("name", request.name, _CONTACTS)
        fields.refuse()
        found = self._contacts.remove(key, contact, request.etag)
        return mapping_pb2.RemoveContactMappingResponse(contact_mapping=contact_mapping(found))

    def get_item(
        self, request: mapping_pb2.GetItemMappingRequest
    ) -> mapping_pb2.GetItemMappingResponse:
        """Return one item with its product."""
        fields = Fields()
        key, item = fields.under_connection("name", request.name, _ITEMS)
        fields.refuse()
        found = self._items.get(key, item)
        return mapping_pb2.GetItemMappingResponse(item_mapping=item_mapping(found))

    def list_items(
        self, request: mapping_pb2.ListItemMappingsRequest
    ) -> mapping_pb2.ListItemMappingsResponse:
        """List items with their products."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        which = _filter(request.states, request.query)
        wanted = page(request, fields)
        fields.refuse()
        found = self._items.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.item_id, item_mapping)
        return mapping_pb2.ListItemMappingsResponse(
            item_mappings=cut.messages, next_page_token=cut.next_page_token
        )

    def assign_item(
        self, request: mapping_pb2.AssignItemMappingRequest
    ) -> mapping_pb2.AssignItemMappingResponse:
        """Map an item to a product."""
        fields = Fields()
        key, item = fields.under_connection("name", request.name, _ITEMS)
        product = _assigned("product", request.product, key, fields)
        fields.refuse()
        found = self._items.assign(key, item, product, request.etag)
        return mapping_pb2.AssignItemMappingResponse(item_mapping=item_mapping(found))

    def remove_item(
        self, request: mapping_pb2.RemoveItemMappingRequest
    ) -> mapping_pb2.RemoveItemMappingResponse:
        """Leave an item without a product."""
        fields = Fields()
        key, item = fields.under_connection("name", request.name, _ITEMS)
        fields.refuse()
        found = self._items.remove(key, item, request.etag)
        return mapping_pb2.RemoveItemMappingResponse(item_mapping=item_mapping(found))


def _assigned(field: str, name: str, key: Connection, fields: Fields) -> str:
    """Check the required name of a record of the mapping's workspace and return the id."""
    collection = f"{field}s"
    if not name:
        fields.record(field, name, collection)
    return fields.reference(field, name, collection, key.workspace)


def _filter(states: Sequence[int], query: str) -> MappingFilter:
    names = chosen(states, mapping_pb2.RecordMappingState)
    return MappingFilter(states=tuple(map(MappingState, names)), text=query)
