"""Ids that records have in their callers' own systems."""

from typing import Any

_TABLES = ("customers", "products", "tax_codes", "invoices")


def up(_migrator: Any, database: Any) -> None:
    """Add the ids, each once in its workspace."""
    for table in _TABLES:
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN external_id TEXT NOT NULL DEFAULT ''")
        database.execute_sql(
            f"CREATE UNIQUE INDEX {table}_external_id ON {table} (workspace, external_id)"
            " WHERE external_id <> ''"
        )
