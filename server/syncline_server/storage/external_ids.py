"""Ids that records have in their callers' own systems, in whichever table; what was imported last.

Writers of one table's keys take turns: those of single records beside each other, by the key, and
an import all alone. Each takes its turn before it locks a row.
"""

from syncline_server.storage.database import Database


def turn_beside(database: Database, workspace: str, table: str) -> None:
    """Wait for an import into a table; later ones wait until this transaction ends."""
    database.queue_beside(workspace, table)


def holder(database: Database, workspace: str, table: str, external_id: str) -> str | None:
    """Return the id of the record that has this external id, or None.

    Others who ask about it wait until this transaction ends.
    """
    if not external_id:
        return None
    database.queue_for(workspace, table, "external_id", external_id)
    query = f"SELECT id FROM {table} WHERE workspace = ? AND external_id = ? AND external_id <> ''"
    row = database.row(query, (workspace, external_id))
    return str(row["id"]) if row else None
