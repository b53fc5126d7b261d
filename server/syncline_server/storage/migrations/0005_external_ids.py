"""Ids that records have in their callers' own systems, and what was imported under them last."""

from typing import Any

_TABLES = ("customers", "products", "tax_codes", "invoices")
_IMPORTED = """
CREATE TABLE imported (
    record_kind TEXT NOT NULL,
    workspace TEXT NOT NULL,
    record_id TEXT NOT NULL,
    marks TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, record_kind, record_id)
)
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the ids, each once in its workspace, and the table of imports."""
    for table in _TABLES:
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN external_id TEXT NOT NULL DEFAULT ''")
        database.execute_sql(
            f"CREATE UNIQUE INDEX {table}_external_id ON {table} (workspace, external_id)"
            " WHERE external_id <> ''"
        )
    database.execute_sql(_IMPORTED)
