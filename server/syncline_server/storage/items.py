"""Rows of ``items``: a provider's items and the products they are mapped to."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from syncline_sdk import Item
from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import Candidate, ItemMapping
from syncline_server.core.matching import key
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, changes, products
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros
from syncline_server.storage.where import Where, any_like, contained

_KEY = ("workspace", "provider", "organisation_id", "item_id")
_COLUMNS = (
    *_KEY,
    "code",
    "code_key",
    "name",
    "name_key",
    "tax_type",
    "present",
    "content_hash",
    "state",
    "product_id",
    "candidates",
    "review_reason",
    "detached",
    "update_time",
)
# By "id > ''" SQLite walks the key, not an index it would look every row up from.
_ON_EITHER_SIDE = (
    f"({any_like('name_key', 'code_key')} OR product_id IN (SELECT id FROM products"
    f" WHERE workspace = ? AND id > '' AND {any_like('name_key', 'sku_key')}))"
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


class StoredItem(NamedTuple):
    """What is known of an item before the list is stored."""

    id: str
    code: str
    name: str
    content_hash: str
    state: MappingState
    product_id: str | None
    present: bool
    detached: bool
    update_time: datetime


class ItemRow(NamedTuple):
    """What the list makes of an item that is in it."""

    item: Item
    content_hash: str
    state: MappingState
    product_id: str | None = None
    candidates: tuple[str, ...] = ()
    """Ids of products that fit, when it is AMBIGUOUS."""
    detached: bool = False


def every(database: Database, organisation: Organisation) -> dict[str, StoredItem]:
    """Return what is stored of an organisation's items, by id."""
    query = (
        "SELECT item_id, code, name, content_hash, state, product_id, present, detached,"
        f" update_time FROM items WHERE {_OF}"
    )
    return {
        row[0]: StoredItem(*row)._replace(update_time=from_micros(row[-1]))
        for row in database.tuples(query, organisation)
    }


def get(database: Database, organisation: Organisation, item_id: str) -> ItemMapping | None:
    """Return one item with its mapping, or None."""
    found = mappings(database, organisation, [item_id])
    return found[0] if found else None


def mappings(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> list[ItemMapping]:
    """Return those of these items that are there, with their mappings."""
    query = f"SELECT * FROM items WHERE {_OF} AND {bulk.among(database, 'item_id')}"
    rows = database.rows(query, (*organisation, bulk.members(database, ids)))
    return _mappings(database, organisation, rows)


def of_products(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, str]:
    """Return the ids of the items of these products, present or gone, by product id."""
    query = (
        f"SELECT product_id, item_id FROM items WHERE {_OF}"
        f" AND {bulk.among(database, 'product_id')}"
    )
    return dict(database.tuples(query, (*organisation, bulk.members(database, ids))))


def codes(
    database: Database, organisation: Organisation, product_ids: Collection[str]
) -> dict[str, str]:
    """Return the codes under which the provider knows these products, by product id.

    Products without an item, or whose item is gone, are left out.
    """
    query = (
        f"SELECT product_id, code FROM items WHERE {_OF} AND state = 'MAPPED'"
        f" AND {bulk.among(database, 'product_id')}"
    )
    return dict(database.tuples(query, (*organisation, bulk.members(database, product_ids))))


def write(
    database: Database, organisation: Organisation, rows: Collection[ItemRow], now: datetime
) -> None:
    """Store items with their mappings, each once.

    :raises peewee.IntegrityError: a product would be mapped twice in this organisation.
    """
    stamp = to_micros(now)
    bulk.upsert(
        database,
        "items",
        key=_KEY,
        columns=_COLUMNS,
        rows=[(*organisation, *_columns(row), "", row.detached, stamp) for row in rows],
    )
    _note(database, organisation, [row.item.id for row in rows], now)


def vanish(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    """Mark items as gone; those with a product need review."""
    database.execute(
        "UPDATE items SET present = FALSE, content_hash = '', update_time = ?,"
        " version = version + 1,"
        " state = CASE WHEN product_id IS NULL THEN 'UNMAPPED' ELSE 'NEEDS_REVIEW' END,"
        " review_reason = CASE WHEN product_id IS NULL THEN '' ELSE ? END"
        f" WHERE {_OF} AND {bulk.among(database, 'item_id')}",
        (
            to_micros(now),
            "It is gone at the provider.",
            *organisation,
            bulk.members(database, ids),
        ),
    )
    _note(database, organisation, ids, now)


def release_vanished(
    database: Database, organisation: Organisation, product_ids: Collection[str], now: datetime
) -> None:
    """Untie vanished items from products that another item takes over."""
    gone = f"{_OF} AND NOT present AND {bulk.among(database, 'product_id')}"
    which = (*organisation, bulk.members(database, product_ids))
    ids = [row[0] for row in database.tuples(f"SELECT item_id FROM items WHERE {gone}", which)]
    database.execute(
        "UPDATE items SET product_id = NULL, state = 'UNMAPPED', review_reason = '',"
        f" update_time = ?, version = version + 1 WHERE {gone}",
        (to_micros(now), *which),
    )
    _note(database, organisation, ids, now)


def assign(
    database: Database, organisation: Organisation, item_id: str, product_id: str, now: datetime
) -> None:
    """Map an item to a product as a person says; its next read brings the product up to date.

    :raises peewee.IntegrityError: another item of this organisation has the product.
    """
    _settle(database, organisation, item_id, (product_id, MappingState.MAPPED, False), now)


def detach(database: Database, organisation: Organisation, item_id: str, now: datetime) -> None:
    """Leave an item without a product as a person says; no pull gives it one."""
    _settle(database, organisation, item_id, (None, MappingState.UNMAPPED, True), now)


def page(
    database: Database, organisation: Organisation, wanted: MappingFilter, after: str, limit: int
) -> list[ItemMapping]:
    """Return items with their mappings behind an item id, in order."""
    where = Where(f"{_OF} AND item_id > ?", *organisation, after)
    where.one_of("state", wanted.states)
    if wanted.leaves_out_mapped:
        where.add("state <> 'MAPPED'")
    if pattern := contained(wanted.text):
        where.add(_ON_EITHER_SIDE, *[pattern] * 2, organisation.workspace, *[pattern] * 2)
    query = f"SELECT * FROM items WHERE {where} ORDER BY item_id LIMIT ?"
    rows = database.rows(query, (*where.parameters, limit))
    return _mappings(database, organisation, rows)


def of_products_anywhere(
    database: Database, workspace: str, ids: Collection[str]
) -> list[tuple[str, Organisation, str]]:
    """Return the mappings of products in any organisation: id, organisation, item id."""
    query = (
        "SELECT product_id, workspace, provider, organisation_id, item_id FROM items"
        f" WHERE workspace = ? AND {bulk.among(database, 'product_id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return [(row[0], Organisation(*row[1:4]), row[4]) for row in rows]


def forget_content(database: Database, workspace: str, product_ids: Collection[str]) -> None:
    """Make the next read of products' items bring the products up to date again.

    For changes made here while no provider owned the field.
    """
    database.execute(
        "UPDATE items SET content_hash = '' WHERE workspace = ?"
        f" AND {bulk.among(database, 'product_id')}",
        (workspace, bulk.members(database, product_ids)),
    )


def _settle(
    database: Database,
    organisation: Organisation,
    item_id: str,
    settled: tuple[str | None, MappingState, bool],
    now: datetime,
) -> None:
    bulk.update(
        database,
        "items",
        key=_KEY,
        columns=(
            "product_id",
            "state",
            "detached",
            "candidates",
            "review_reason",
            "content_hash",
            "update_time",
        ),
        rows=[(*settled, "[]", "", "", to_micros(now), *organisation, item_id)],
    )
    _note(database, organisation, [item_id], now)


def _note(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    changes.note_at(database, ChangeKind.ITEM_MAPPING, organisation, ids, now)


def _columns(row: ItemRow) -> tuple[object, ...]:
    item = row.item
    return (
        item.id,
        item.code,
        key(item.code),
        item.name,
        key(item.name),
        item.tax_type,
        True,
        row.content_hash,
        row.state,
        row.product_id,
        json.dumps(row.candidates) if row.candidates else "[]",
    )


def _mappings(
    database: Database, organisation: Organisation, rows: Sequence[Row]
) -> list[ItemMapping]:
    """Return mappings with what people call our side of them, for one more statement."""
    fitting = {row["item_id"]: _candidates(row) for row in rows}
    ids = {row["product_id"] for row in rows}.union(*fitting.values()) - {None}
    called = products.called(database, organisation.workspace, ids) if ids else {}
    return [_mapping(row, fitting[row["item_id"]], called) for row in rows]


def _candidates(row: Row) -> tuple[str, ...]:
    ambiguous = row["state"] == MappingState.AMBIGUOUS
    return tuple(json.loads(row["candidates"])) if ambiguous else ()


def _mapping(
    row: Row, candidates: Sequence[str], called: Mapping[str, tuple[str, str]]
) -> ItemMapping:
    name, code = called.get(row["product_id"], ("", ""))
    return ItemMapping(
        organisation=Organisation(row["workspace"], row["provider"], row["organisation_id"]),
        item_id=row["item_id"],
        item_name=row["name"],
        item_code=row["code"],
        item_active=bool(row["present"]),
        state=MappingState(row["state"]),
        review_reason=row["review_reason"],
        product_id=row["product_id"],
        product_name=name,
        product_sku=code,
        detached=bool(row["detached"]),
        candidates=tuple(Candidate(id_, *called.get(id_, ("", ""))) for id_ in candidates),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
