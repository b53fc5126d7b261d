"""Rows of ``items``: a provider's items and the products they are mapped to."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from syncline_sdk import Item
from syncline_server.core.matching import key
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

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
    "update_time",
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


class ItemRow(NamedTuple):
    """What the list makes of an item that is in it."""

    item: Item
    content_hash: str
    state: MappingState
    product_id: str | None = None
    candidates: tuple[str, ...] = ()
    """Ids of products that fit, when it is AMBIGUOUS."""


def every(database: Database, organisation: Organisation) -> dict[str, StoredItem]:
    """Return what is stored of an organisation's items, by id."""
    query = (
        "SELECT item_id, code, name, content_hash, state, product_id, present FROM items"
        f" WHERE {_OF}"
    )
    return {row[0]: StoredItem(*row) for row in database.tuples(query, organisation)}


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
    database: Database, organisation: Organisation, rows: Iterable[ItemRow], now: datetime
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
        rows=[(*organisation, *_columns(row), "", stamp) for row in rows],
    )


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


def release_vanished(
    database: Database, organisation: Organisation, product_ids: Collection[str]
) -> None:
    """Untie vanished items from products that another item takes over."""
    database.execute(
        "UPDATE items SET product_id = NULL, state = 'UNMAPPED', review_reason = '',"
        f" version = version + 1 WHERE {_OF} AND NOT present"
        f" AND {bulk.among(database, 'product_id')}",
        (*organisation, bulk.members(database, product_ids)),
    )


def forget_content(database: Database, workspace: str, product_id: str) -> None:
    """Make the next read of a product's items bring the product up to date again.

    For a change made here while no provider owned the field.
    """
    database.execute(
        "UPDATE items SET content_hash = '' WHERE workspace = ? AND product_id = ?",
        (workspace, product_id),
    )


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
