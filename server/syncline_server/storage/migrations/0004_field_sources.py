"""Who set each value of a customer or product, and when; candidates of an issue."""

from typing import Any

_TABLES = ("customers", "products")


def up(_migrator: Any, database: Any) -> None:
    """Add the columns; what is there already has empty ones, which say that nobody knows."""
    for table in _TABLES:
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN sources TEXT NOT NULL DEFAULT ''")
    database.execute_sql("ALTER TABLE run_issues ADD COLUMN candidates TEXT NOT NULL DEFAULT '[]'")
