"""Which browser a consent is bound to, as the hash of a secret it holds; empty is none."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Add the column; consents that are under way are bound to no browser."""
    database.execute_sql("ALTER TABLE consents ADD COLUMN browser_hash TEXT NOT NULL DEFAULT ''")
