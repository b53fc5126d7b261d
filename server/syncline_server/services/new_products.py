"""Storing products that were created at their provider first."""

from dataclasses import replace
from datetime import datetime

from syncline_sdk import Item
from syncline_server.core import product_draft, provenance
from syncline_server.core.creation import Creation, NewProduct
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import MappingState
from syncline_server.core.ownership import wire_name
from syncline_server.core.provenance import Source
from syncline_server.core.records import Product
from syncline_server.services.external_ids import unless_taken
from syncline_server.storage import items, tax_rates
from syncline_server.storage import products as rows
from syncline_server.storage.database import Database
from syncline_server.storage.items import ItemRow

COLLECTION = "products"
_ALWAYS_TAKEN = ("sku", "display_name")


def holder(database: Database, creation: Creation, item_id: str) -> Product | None:
    """Return the product that an item is mapped to already."""
    known = items.get(database, creation.organisation, item_id)
    if known is None or known.product_id is None:
        return None
    workspace = creation.organisation.workspace
    return rows.by_ids(database, workspace, [known.product_id], lock=True).get(known.product_id)


def store(
    database: Database, creation: Creation, item: Item, make_id: MakeId, now: datetime
) -> str:
    """Store a product as the provider made it, mapped, and return its id.

    An item that is mapped already has its product: that one takes what is always local. One
    that was made here under the id meanwhile is mapped, and the next pull brings it up to date.
    """
    content = _content(creation)
    content = replace(content, record=unless_taken(database, COLLECTION, content.record))
    if (other := holder(database, creation, item.id)) is not None:
        rows.update(database, _with_local_fields(other, content, now), now)
        return other.id
    tax_code = tax_rates.tax_codes(database, creation.organisation).get(item.tax_type)
    source = Source(now, creation.organisation.provider, creation.organisation.id)
    product = _as_answered(content, item, tax_code, source)
    content_hash = Fingerprinter(content.fields).of(item, tax_code)
    if not rows.insert(database, product, now):
        content_hash = ""
        if items.of_products(database, creation.organisation, [product.id]):
            product = replace(product, id=make_id())
            rows.insert(database, product, now)
    row = ItemRow(item, content_hash, MappingState.MAPPED, product.id)
    items.write(database, creation.organisation, [row], now)
    return product.id


def _content(creation: Creation) -> NewProduct:
    if not isinstance(creation.content, NewProduct):
        raise TypeError("items are made of products")
    return creation.content


def values(item: Item, tax_code: str | None) -> dict[str, object]:
    """Return what an item says of each field of its product, whoever owns the field."""
    return {
        "sku": item.code,
        "display_name": item.name,
        "tax_code": tax_code,
        "stock_quantity": item.stock_quantity,
        "default_price": item.price,
    }


def _as_answered(content: NewProduct, item: Item, tax_code: str | None, source: Source) -> Product:
    answered = values(item, tax_code)
    owned = _owned(content)
    taken = {attribute(name): value for name, value in answered.items() if name in owned}
    sources = dict.fromkeys(owned, source)
    return replace(content.record, sources=sources, **taken)  # type: ignore[arg-type]  # each is a field of it


def _with_local_fields(other: Product, content: NewProduct, now: datetime) -> Product:
    owned = _owned(content)
    names = (attribute(field) for field in product_draft.FIELDS if field not in owned)
    local = {name: getattr(content.record, name) for name in names}
    local["external_id"] = content.record.external_id or other.external_id
    after = replace(other, **local)
    changed = product_draft.changed(other, after)
    return replace(after, sources=provenance.set_here(other.sources, changed, now))


def _owned(content: NewProduct) -> set[str]:
    return {*map(wire_name, content.fields), *_ALWAYS_TAKEN}


def attribute(field: str) -> str:
    """Return what a product's field is called among its attributes."""
    return "tax_code_id" if field == "tax_code" else field
