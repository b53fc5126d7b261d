"""Storing products that were created at their provider first."""

from dataclasses import replace
from datetime import datetime

from syncline_sdk import Item
from syncline_server.core import product_draft
from syncline_server.core.creation import Creation, NewProduct
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import MappingState
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
        rows.update(database, _with_local_fields(other, content), now)
        return other.id
    tax_code = tax_rates.tax_codes(database, creation.organisation).get(item.tax_type)
    product = _as_answered(content, item, tax_code)
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


def _as_answered(content: NewProduct, item: Item, tax_code: str | None) -> Product:
    answered = {
        "sku": item.code,
        "display_name": item.name,
        "tax_code_id": tax_code,
        "stock_quantity": item.stock_quantity,
        "default_price": item.price,
    }
    owned = _owned(content)
    taken = {name: value for name, value in answered.items() if name in owned}
    return replace(content.record, **taken)  # type: ignore[arg-type]  # each is a field of it


def _with_local_fields(other: Product, content: NewProduct) -> Product:
    owned = _owned(content)
    names = (_attribute(field) for field in product_draft.FIELDS)
    local = {name: getattr(content.record, name) for name in names if name not in owned}
    local["external_id"] = content.record.external_id or other.external_id
    return replace(other, **local)


def _owned(content: NewProduct) -> set[str]:
    return {*map(_attribute, content.fields), *_ALWAYS_TAKEN}


def _attribute(field: str) -> str:
    return {"name": "display_name", "tax_code": "tax_code_id"}.get(field, field)
