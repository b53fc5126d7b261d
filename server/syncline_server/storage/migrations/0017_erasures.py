"""Erasures of whole workspaces, and finding what is old enough to be forgotten.

An erasure's row stays as its receipt. One that is not finished keeps callers out of its workspace;
one that is says up to which entry the audit trail is of whoever had the workspace's id before.
"""

from typing import Any

_STATEMENTS = """
CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    request_time BIGINT NOT NULL,
    row_counts TEXT NOT NULL DEFAULT '{}',
    finish_time BIGINT,
    last_entry BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX erasures_open ON erasures (workspace) WHERE finish_time IS NULL;
CREATE INDEX erasures_last_entry ON erasures (workspace, last_entry);
CREATE INDEX runs_ended ON runs (end_time, id) WHERE end_time IS NOT NULL;
"""


def up(_migrator: Any, database: Any) -> None:
    """Create the table and the indexes."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
