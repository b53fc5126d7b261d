"""Finding the few mappings that are not settled among very many that are."""

from typing import Any

_STATEMENTS = """
CREATE INDEX contacts_open ON contacts (workspace, provider, organisation_id, contact_id)
    WHERE state <> 'MAPPED';
CREATE INDEX items_open ON items (workspace, provider, organisation_id, item_id)
    WHERE state <> 'MAPPED';
"""


def up(_migrator: Any, database: Any) -> None:
    """Index them; a pull that maps everything writes nothing there."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
