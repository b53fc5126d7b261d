"""Contacts and items: how each is asked for and settled, and what people call it."""

from dataclasses import dataclass
from typing import Final, Protocol

from syncline.v1 import mapping_pb2 as mappings
from syncline.v1 import record_pb2 as records
from syncline.v1.customer_pb2 import Address, Customer
from syncline.v1.product_pb2 import Product
from syncline.v1.run_pb2 import RECORD_KIND_CONTACT, RECORD_KIND_ITEM, RecordKind
from syncline_console.record_pairs import NAME, Leaf, Ours, Theirs, Wanted
from syncline_console.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Words:
    """What people call both sides of a kind."""

    theirs: str
    ours: str
    code: str
    """What both sides call the code that they go by."""
    searched: str
    """What a search among ours looks at."""


class Kind(Protocol):
    """One kind of record that is mapped."""

    id: str
    """What its pages are called in addresses."""
    record_kind: RecordKind
    words: Words

    def listed(self, visit: Visit, wanted: Wanted) -> Leaf[Theirs]:
        """Return a page of the provider's records with their mappings."""

    def mapping(self, visit: Visit, id_: str) -> Theirs:
        """Return one of the provider's records with its mapping."""

    def assign(self, visit: Visit, id_: str, ours: str, etag: str) -> None:
        """Tie a record of the provider to one of ours, by its resource name."""

    def remove(self, visit: Visit, id_: str, etag: str) -> None:
        """Leave a record of the provider without one of ours."""

    def get(self, visit: Visit, name: str) -> Ours:
        """Return one of ours by its resource name."""

    def search(self, visit: Visit, wanted: Wanted) -> Leaf[Ours]:
        """Return a page of ours."""


class Contacts:
    """Contacts of the provider and our customers."""

    id: str = "contacts"
    record_kind: RecordKind = RECORD_KIND_CONTACT
    words = Words(theirs="contact", ours="customer", code="Code", searched="name, code or e-mail")

    def listed(self, visit: Visit, wanted: Wanted) -> Leaf[Theirs]:
        """Return a page of contacts."""
        request = mappings.ListContactMappingsRequest(
            parent=visit.connection,
            page_size=wanted.size,
            page_token=wanted.token,
            states=wanted.states,
            query=wanted.query,
        )
        answer = visit.ask(visit.client.mappings.ListContactMappings, request)
        found = [_contact(each) for each in answer.contact_mappings]
        return Leaf(found=found, next_token=answer.next_page_token)

    def mapping(self, visit: Visit, id_: str) -> Theirs:
        """Return a contact."""
        name = f"{visit.connection}/contactMappings/{id_}"
        request = mappings.GetContactMappingRequest(name=name)
        return _contact(visit.ask(visit.client.mappings.GetContactMapping, request).contact_mapping)

    def assign(self, visit: Visit, id_: str, ours: str, etag: str) -> None:
        """Tie a contact to a customer."""
        name = f"{visit.connection}/contactMappings/{id_}"
        request = mappings.AssignContactMappingRequest(name=name, customer=ours, etag=etag)
        visit.ask(visit.client.mappings.AssignContactMapping, request)

    def remove(self, visit: Visit, id_: str, etag: str) -> None:
        """Leave a contact without a customer."""
        name = f"{visit.connection}/contactMappings/{id_}"
        request = mappings.RemoveContactMappingRequest(name=name, etag=etag)
        visit.ask(visit.client.mappings.RemoveContactMapping, request)

    def get(self, visit: Visit, name: str) -> Ours:
        """Return a customer."""
        request = records.GetCustomerRequest(name=name)
        return _customer(visit.ask(visit.client.records.GetCustomer, request).customer)

    def search(self, visit: Visit, wanted: Wanted) -> Leaf[Ours]:
        """Return a page of customers."""
        request = records.ListCustomersRequest(
            parent=visit.parent,
            page_size=wanted.size,
            page_token=wanted.token,
            query=wanted.query,
        )
        answer = visit.ask(visit.client.records.ListCustomers, request)
        found = [_customer(each) for each in answer.customers]
        return Leaf(found=found, next_token=answer.next_page_token)


class Items:
    """Items of the provider and our products."""

    id: str = "items"
    record_kind: RecordKind = RECORD_KIND_ITEM
    words = Words(theirs="item", ours="product", code="SKU", searched="name or SKU")

    def listed(self, visit: Visit, wanted: Wanted) -> Leaf[Theirs]:
        """Return a page of items."""
        request = mappings.ListItemMappingsRequest(
            parent=visit.connection,
            page_size=wanted.size,
            page_token=wanted.token,
            states=wanted.states,
            query=wanted.query,
        )
        answer = visit.ask(visit.client.mappings.ListItemMappings, request)
        found = [_item(each) for each in answer.item_mappings]
        return Leaf(found=found, next_token=answer.next_page_token)

    def mapping(self, visit: Visit, id_: str) -> Theirs:
        """Return an item."""
        name = f"{visit.connection}/itemMappings/{id_}"
        request = mappings.GetItemMappingRequest(name=name)
        return _item(visit.ask(visit.client.mappings.GetItemMapping, request).item_mapping)

    def assign(self, visit: Visit, id_: str, ours: str, etag: str) -> None:
        """Tie an item to a product."""
        name = f"{visit.connection}/itemMappings/{id_}"
        request = mappings.AssignItemMappingRequest(name=name, product=ours, etag=etag)
        visit.ask(visit.client.mappings.AssignItemMapping, request)

    def remove(self, visit: Visit, id_: str, etag: str) -> None:
        """Leave an item without a product."""
        name = f"{visit.connection}/itemMappings/{id_}"
        request = mappings.RemoveItemMappingRequest(name=name, etag=etag)
        visit.ask(visit.client.mappings.RemoveItemMapping, request)

    def get(self, visit: Visit, name: str) -> Ours:
        """Return a product."""
        request = records.GetProductRequest(name=name)
        return _product(visit.ask(visit.client.records.GetProduct, request).product)

    def search(self, visit: Visit, wanted: Wanted) -> Leaf[Ours]:
        """Return a page of products."""
        request = records.ListProductsRequest(
            parent=visit.parent,
            page_size=wanted.size,
            page_token=wanted.token,
            query=wanted.query,
        )
        answer = visit.ask(visit.client.records.ListProducts, request)
        found = [_product(each) for each in answer.products]
        return Leaf(found=found, next_token=answer.next_page_token)


def _contact(found: mappings.ContactMapping) -> Theirs:
    return Theirs(
        id=found.contact_id,
        title=found.contact_name,
        code=found.contact_code,
        email=found.contact_email,
        is_active=found.contact_active,
        state=found.state,
        ours=found.customer,
        ours_title=found.customer_display_name,
        ours_code=found.customer_code,
        candidates=tuple(found.candidates),
        is_detached=found.detached,
        review_reason=found.review_reason,
        etag=found.etag,
    )


def _item(found: mappings.ItemMapping) -> Theirs:
    return Theirs(
        id=found.item_id,
        title=found.item_name,
        code=found.item_code,
        is_active=found.item_active,
        state=found.state,
        ours=found.product,
        ours_title=found.product_display_name,
        ours_code=found.product_sku,
        candidates=tuple(found.candidates),
        is_detached=found.detached,
        review_reason=found.review_reason,
        etag=found.etag,
    )


def _customer(found: Customer) -> Ours:
    return Ours(
        name=found.name,
        title=found.display_name,
        facts=(
            (NAME, found.display_name),
            ("Code", found.code),
            ("E-mail", found.email),
            ("Phone", found.phone),
            ("Address", _address(found.address)),
            ("Contact person", found.contact_person),
            ("External id", found.external_id),
        ),
        mapped_to=found.mapped_to,
        is_active=found.active,
    )


def _product(found: Product) -> Ours:
    return Ours(
        name=found.name,
        title=found.display_name,
        facts=(
            (NAME, found.display_name),
            ("SKU", found.sku),
            ("Price", found.default_price),
            ("Unit", found.unit_of_measure),
            ("Category", found.category),
            ("In stock", found.stock_quantity),
            ("External id", found.external_id),
        ),
        mapped_to=found.mapped_to,
        is_active=found.active,
    )


def _address(found: Address) -> str:
    parts = (*found.lines, found.city, found.region, found.postal_code, found.country)
    return ", ".join(part for part in parts if part)


CONTACTS: Final[Kind] = Contacts()
ITEMS: Final[Kind] = Items()
