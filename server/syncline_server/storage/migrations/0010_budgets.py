"""One budget of calls per organisation, for all processes, and what was read from providers."""

from typing import Any

_STATEMENTS = """
CREATE TABLE budgets (
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    workspace TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (provider, organisation_id)
);
CREATE INDEX budgets_workspace ON budgets (workspace, provider);
CREATE TABLE traffic (
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    month TEXT NOT NULL,
    bytes_read BIGINT NOT NULL,
    PRIMARY KEY (provider, organisation_id, month)
);
"""


def up(_migrator: Any, database: Any) -> None:
    """Add the tables. A ``budgets`` row without an organisation is about all of a provider's."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
