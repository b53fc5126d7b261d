"""Renewals of access that failed: every process waits with the next one until it is time."""

from typing import Any

_STATEMENTS = """
ALTER TABLE grants ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN retry_time BIGINT NOT NULL DEFAULT 0;
"""


def up(_migrator: Any, database: Any) -> None:
    """Add how often in a row, why, and from when on it may be tried again."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
