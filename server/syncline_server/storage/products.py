"""Rows of ``products``."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from syncline_sdk import Item
from syncline_server.core.matching import Keys, key
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros, to_text

# A synced field's columns, in the order of the values in _synced.
_SYNCED = {
    "sku": ("sku", "sku_key"),
    "name": ("name", "name_key"),
    "tax_code": ("tax_code_id",),
    "stock_quantity": ("stock_quantity",),
    "default_price": ("default_price",),
}


class SyncedProduct(NamedTuple):
    """A product as its item wants it."""

    id: str
    item: Item
    tax_code_id: str | None


def candidates(
    database: Database, organisation: Organisation, wanted: Sequence[Keys]
) -> list[Keys]:
    """Return the products with the SKUs of these items.

    Those mapped to an item that this organisation still has are left out: an item that was
    deleted and made again under its code takes its product back.
    """
    codes = {code for record in wanted for code in record.codes if code}
    query = (
        "SELECT id, sku_key FROM products WHERE workspace = ?"
        f" AND {bulk.among(database, 'sku_key')}"
        " AND NOT EXISTS (SELECT 1 FROM items WHERE items.workspace = products.workspace"
        " AND items.product_id = products.id AND items.provider = ?"
        " AND items.organisation_id = ? AND items.present)"
    )
    members = bulk.members(database, codes)
    parameters = (organisation.workspace, members, organisation.provider, organisation.id)
    return [Keys(id_, (sku,)) for id_, sku in database.tuples(query, parameters)]


def titles(database: Database, workspace: str, ids: Collection[str]) -> dict[str, str]:
    """Return what people call these products, by id."""
    query = (
        f"SELECT id, name, sku FROM products WHERE workspace = ? AND {bulk.among(database, 'id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return {id_: f"{name} ({sku})" for id_, name, sku in rows}


def insert_synced(
    database: Database,
    workspace: str,
    products: Iterable[SyncedProduct],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Make products of items.

    :param fields: what is taken of them beside SKU and name.
    """
    taken = _in_order({"sku", "name", *fields})
    stamp = to_micros(now)
    columns = ("workspace", "id", *_columns(taken), "create_time", "update_time")
    rows = [(workspace, each.id, *_values(each, taken), stamp, stamp) for each in products]
    bulk.insert(database, "products", columns, rows)


def update_synced(
    database: Database,
    workspace: str,
    products: Iterable[SyncedProduct],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Bring mapped products up to date with their items.

    :param fields: what is taken of them.
    """
    taken = _in_order(fields)
    stamp = to_micros(now)
    bulk.update(
        database,
        "products",
        key=("workspace", "id"),
        columns=(*_columns(taken), "update_time"),
        rows=[(*_values(each, taken), stamp, workspace, each.id) for each in products],
    )


def _in_order(fields: Collection[str]) -> tuple[str, ...]:
    return tuple(field for field in _SYNCED if field in fields)


def _columns(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for field in fields for column in _SYNCED[field])


def _values(product: SyncedProduct, fields: Sequence[str]) -> list[object]:
    values: list[object] = []
    for field in fields:
        values += _synced(product, field)
    return values


def _synced(product: SyncedProduct, field: str) -> tuple[object, ...]:
    item = product.item
    match field:
        case "sku":
            return (item.code, key(item.code))
        case "name":
            return (item.name, key(item.name))
        case "tax_code":
            return (product.tax_code_id,)
        case "stock_quantity":
            return (to_text(item.stock_quantity),)
        case _:
            return (to_text(item.price),)
