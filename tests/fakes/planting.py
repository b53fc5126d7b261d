"""Rows of a workspace in every table there is, by the inventory and the schema itself."""

from collections.abc import Mapping
from typing import Final

from syncline_server.core.data_inventory import INVENTORY, Owner
from syncline_server.storage.database import Database

OLD: Final = 1_000_000
"""When everything that is planted happened, in microseconds since 1970."""
_OWNED: Final = (Owner.WORKSPACE, Owner.RUN, Owner.ORGANISATION)
_JSON: Final[Mapping[tuple[str, str], str]] = {
    ("connections", "candidates"): "[]",
    ("connections", "state"): "NOT_CONNECTED",
    ("runs", "state"): "SUCCEEDED",
    ("budgets", "state"): "{}",
}
"""What is read while a workspace is erased."""


def plant(database: Database, workspace: str, mark: str) -> None:
    """Put a row into each table that holds something of a workspace, with a mark in every text.

    :param mark: also its keys, so that it must not be planted twice.
    """
    for holding in INVENTORY:
        if holding.owner in _OWNED and not holding.kept:
            kinds = columns(database, holding.table)
            values = {
                name: workspace if name == "workspace" else _value(holding.table, name, kind, mark)
                for name, kind in kinds.items()
                if not (holding.table == "connections" and name.endswith("grant_id"))
            }
            marks = ", ".join("?" for _ in values)
            database.execute(
                f"INSERT INTO {holding.table} ({', '.join(values)}) VALUES ({marks})",
                list(values.values()),
            )


def columns(database: Database, table: str) -> dict[str, str]:
    """Return a table's columns with their types, in lower case."""
    if database.is_sqlite:
        rows = database.rows(f"PRAGMA table_info({table})")
        return {row["name"]: row["type"].lower() for row in rows}
    query = (
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"
    )
    return dict(database.tuples(query, (table,)))


def _value(table: str, name: str, kind: str, mark: str) -> object:
    if kind == "text":
        return _JSON.get((table, name), mark)
    return False if kind == "boolean" else OLD
