"""Rows of ``products``."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from syncline_sdk import Item
from syncline_server.core import product_draft, provenance
from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import RecordFilter
from syncline_server.core.matching import Keys, key
from syncline_server.core.organisations import Organisation
from syncline_server.core.records import Product
from syncline_server.storage import bulk, changes, sources
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, from_text, to_micros, to_text
from syncline_server.storage.where import Where

_COLUMNS = (
    "sku",
    "sku_key",
    "name",
    "name_key",
    "tax_code_id",
    "stock_quantity",
    "default_price",
    "category",
    "active",
    "out_of_stock",
    "zero_price_allowed",
    "unit_of_measure",
    "external_id",
    "sources",
)

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


def insert(database: Database, product: Product, now: datetime) -> bool:
    """Store a new product; False when its id is taken."""
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    row = (product.workspace, product.id, *_row(product), stamp, stamp)
    inserted = bulk.insert_new(database, "products", columns, row)
    if inserted:
        changes.note(database, ChangeKind.PRODUCT, product.workspace, [product.id], now)
    return inserted


def update(database: Database, product: Product, now: datetime) -> None:
    """Overwrite a product."""
    update_all(database, product.workspace, [product], now)


def insert_all(
    database: Database, workspace: str, products: Collection[Product], now: datetime
) -> None:
    """Store new products.

    :raises peewee.IntegrityError: an id or external id is taken.
    """
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    rows = [(workspace, each.id, *_row(each), stamp, stamp) for each in products]
    bulk.insert(database, "products", columns, rows)
    changes.note(database, ChangeKind.PRODUCT, workspace, [each.id for each in products], now)


def update_all(
    database: Database, workspace: str, products: Collection[Product], now: datetime
) -> None:
    """Overwrite products."""
    stamp = to_micros(now)
    bulk.update(
        database,
        "products",
        key=("workspace", "id"),
        columns=(*_COLUMNS, "update_time"),
        rows=[(*_row(each), stamp, workspace, each.id) for each in products],
    )
    changes.note(database, ChangeKind.PRODUCT, workspace, [each.id for each in products], now)


def by_ids(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool = False
) -> dict[str, Product]:
    """Return those of these products that are there, by id.

    :param lock: hold their rows until the transaction ends.
    """
    rows = _rows_of(database, workspace, ids, lock=lock)
    return {id_: _from_row(row) for id_, row in rows.items()}


def id_of_sku(database: Database, workspace: str, sku: str) -> str | None:
    """Return the id of a product with this SKU, whatever its case, or None.

    Others who ask about the SKU wait until this transaction ends.
    """
    database.queue_for(workspace, "products", key(sku))
    query = "SELECT id FROM products WHERE workspace = ? AND sku_key = ?"
    row = database.row(query, (workspace, key(sku)))
    return str(row["id"]) if row else None


def page(
    database: Database, workspace: str, wanted: RecordFilter, after: str, limit: int
) -> list[Product]:
    """Return products behind an id, in order."""
    where = Where("workspace = ? AND id > ?", workspace, after)
    if wanted.active_only:
        where.add("active")
    where.external_id(wanted.external_id)
    where.containing(wanted.text, "name_key", "sku_key")
    query = f"SELECT * FROM products WHERE {where} ORDER BY id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def candidates(
    database: Database, organisation: Organisation, wanted: Sequence[Keys], gone: Collection[str]
) -> list[Keys]:
    """Return the products with the SKUs of these items.

    Those mapped to an item that this organisation still has are left out: an item that was
    deleted and made again under its code takes its product back.

    :param gone: ids of items that are stored as present and are not any more.
    """
    codes = {code for record in wanted for code in record.codes if code}
    query = (
        "SELECT id, sku_key FROM products WHERE workspace = ?"
        f" AND {bulk.among(database, 'sku_key')}"
        " AND NOT EXISTS (SELECT 1 FROM items WHERE items.workspace = products.workspace"
        " AND items.product_id = products.id AND items.provider = ?"
        " AND items.organisation_id = ? AND items.present"
        f" AND NOT ({bulk.among(database, 'items.item_id')}))"
    )
    parameters = (
        organisation.workspace,
        bulk.members(database, codes),
        organisation.provider,
        organisation.id,
        bulk.members(database, gone),
    )
    return [Keys(id_, (sku,)) for id_, sku in database.tuples(query, parameters)]


def called(database: Database, workspace: str, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return name and sku of these products, by id."""
    query = (
        f"SELECT id, name, sku FROM products WHERE workspace = ? AND {bulk.among(database, 'id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def titles(database: Database, workspace: str, ids: Collection[str]) -> dict[str, str]:
    """Return what people call these products, by id."""
    found = called(database, workspace, ids).items()
    return {id_: f"{name} ({sku})" for id_, (name, sku) in found}


def insert_synced(
    database: Database,
    organisation: Organisation,
    products: Sequence[SyncedProduct],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Make products of an organisation's items.

    :param fields: what is taken of them beside SKU and name.
    """
    taken = _in_order({"sku", "name", *fields})
    workspace, stamp = organisation.workspace, to_micros(now)
    told = (sources.of_new(organisation, taken, now), stamp, stamp)
    columns = ("workspace", "id", *_columns(taken), "sources", "create_time", "update_time")
    rows = [(workspace, each.id, *_values(each, taken), *told) for each in products]
    bulk.insert(database, "products", columns, rows)
    changes.note(database, ChangeKind.PRODUCT, workspace, [each.id for each in products], now)


def update_synced(
    database: Database,
    organisation: Organisation,
    products: Sequence[SyncedProduct],
    fields: Collection[str],
    now: datetime,
) -> set[str]:
    """Bring mapped products up to date with an organisation's items.

    :param fields: what is taken of them.
    :returns: the ids of those whose SKU is another now.
    """
    if not products:
        return set()
    taken = _in_order(fields)
    workspace, stamp = organisation.workspace, to_micros(now)
    held = _rows_of(database, workspace, [each.id for each in products], lock=True)
    taken_over = sources.TakenOver(organisation, product_draft.FIELDS, taken, now)
    rows, recoded = [], set()
    for each in products:
        if (row := held.get(each.id)) is not None:
            values = [_synced(each, field) for field in taken]
            changed = _changed(row, taken, values)
            if "sku" in changed:
                recoded.add(each.id)
            told = taken_over.column(row, changed)
            rows.append((*chain.from_iterable(values), told, stamp, workspace, each.id))
    bulk.update(
        database,
        "products",
        key=("workspace", "id"),
        columns=(*_columns(taken), "sources", "update_time"),
        rows=rows,
    )
    changes.note(database, ChangeKind.PRODUCT, workspace, [each.id for each in products], now)
    return recoded


def _rows_of(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool
) -> dict[str, Row]:
    query = (
        f"SELECT * FROM products WHERE workspace = ? AND {bulk.among(database, 'id')} ORDER BY id"
    )
    rows = database.rows(
        query + (database.for_update() if lock else ""), (workspace, bulk.members(database, ids))
    )
    return {row["id"]: row for row in rows}


def _changed(row: Row, fields: Sequence[str], values: Sequence[tuple[object, ...]]) -> list[str]:
    # A field's first column is its value, the others follow from it.
    return [
        field
        for field, value in zip(fields, values, strict=True)
        if row[_SYNCED[field][0]] != value[0]
    ]


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


def _row(product: Product) -> tuple[object, ...]:
    return (
        product.sku,
        key(product.sku),
        product.display_name,
        key(product.display_name),
        product.tax_code_id,
        to_text(product.stock_quantity),
        to_text(product.default_price),
        product.category,
        product.active,
        product.out_of_stock,
        product.zero_price_allowed,
        product.unit_of_measure,
        product.external_id,
        provenance.render(product.sources),
    )


def _from_row(row: Row) -> Product:
    return Product(
        workspace=row["workspace"],
        id=row["id"],
        sku=row["sku"],
        display_name=row["name"],
        tax_code_id=row["tax_code_id"],
        stock_quantity=from_text(row["stock_quantity"]),
        default_price=from_text(row["default_price"]),
        category=row["category"],
        active=bool(row["active"]),
        out_of_stock=bool(row["out_of_stock"]),
        zero_price_allowed=bool(row["zero_price_allowed"]),
        unit_of_measure=row["unit_of_measure"],
        external_id=row["external_id"],
        sources=sources.from_row(row, product_draft.FIELDS),
        create_time=from_micros(row["create_time"]),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
