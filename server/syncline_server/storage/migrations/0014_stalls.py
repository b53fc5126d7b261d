"""How often a run was parked or lost its process, and what was refused, found by itself."""

from typing import Any

_STATEMENTS = """
ALTER TABLE runs ADD COLUMN stalled_parks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN stall_time BIGINT;
ALTER TABLE runs ADD COLUMN stalled_deaths BIGINT NOT NULL DEFAULT 0;
ALTER TABLE invoice_links ADD COLUMN holder_id TEXT NOT NULL DEFAULT '';
CREATE INDEX invoice_links_refused ON invoice_links
    (workspace, provider, organisation_id, invoice_id)
    WHERE push_state = 'REJECTED';
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the columns; runs that are parked now begin to be counted."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
