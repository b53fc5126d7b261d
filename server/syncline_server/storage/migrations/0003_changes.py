"""The feed of changes, and how far each workspace's reaches."""

from typing import Any

_STATEMENTS = """
CREATE TABLE change_heads (
    workspace TEXT PRIMARY KEY,
    last BIGINT NOT NULL,
    forgotten BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE changes (
    workspace TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    ids TEXT NOT NULL,
    change_time BIGINT NOT NULL,
    PRIMARY KEY (workspace, number)
);
CREATE INDEX changes_time ON changes (change_time);
"""


def up(_migrator: Any, database: Any) -> None:
    """Create the tables; the history begins with what is written from now on."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
