"""Contacts and items that a person took apart from their customers and products."""

from typing import Any

_TABLES = ("contacts", "items")


def up(_migrator: Any, database: Any) -> None:
    """Add the mark by which matching leaves them alone."""
    for table in _TABLES:
        database.execute_sql(
            f"ALTER TABLE {table} ADD COLUMN detached BOOLEAN NOT NULL DEFAULT FALSE"
        )
