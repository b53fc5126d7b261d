"""Ids that records have in their callers' own systems, in whichever table; what was imported last.

Writers of one table's keys take turns: those of single records beside each other, by the key, and
an import all alone. Each takes its turn before it locks a row.
"""

from collections.abc import Collection, Mapping

import msgspec

from syncline_server.core.importing import Marks
from syncline_server.storage import bulk
from syncline_server.storage.database import Database


def turn_beside(database: Database, workspace: str, table: str) -> None:
    """Wait for an import into a table; later ones wait until this transaction ends."""
    database.queue_beside(workspace, table)


def turn_alone(database: Database, workspace: str, table: str) -> None:
    """Wait for everybody who writes keys of a table; they wait until this transaction ends."""
    database.queue_for(workspace, table)


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


def holders(
    database: Database,
    workspace: str,
    column: tuple[str, str],
    external_ids: Collection[str],
    keys: Collection[str],
) -> list[str]:
    """Return the ids of the records that have one of these external ids or keys.

    :param column: the table, and its column that holds keys.
    """
    table, name = column
    ids = f"SELECT id FROM {table} WHERE workspace = ? AND "
    query = (
        f"{ids} external_id <> '' AND {bulk.among(database, 'external_id')} UNION"
        f" {ids} {name} <> '' AND {bulk.among(database, name)}"
    )
    parameters = (
        workspace,
        bulk.members(database, external_ids),
        workspace,
        bulk.members(database, keys),
    )
    return [row[0] for row in database.tuples(query, parameters)]


def imported(
    database: Database, workspace: str, table: str, ids: Collection[str]
) -> dict[str, Marks]:
    """Return what was imported last of these records, by id; those that never were are left out."""
    query = (
        "SELECT record_id, marks FROM imported WHERE workspace = ? AND record_kind = ?"
        f" AND {bulk.among(database, 'record_id')}"
    )
    rows = database.tuples(query, (workspace, table, bulk.members(database, ids)))
    return {id_: msgspec.json.decode(marks, type=dict[str, str]) for id_, marks in rows}


def remember(database: Database, workspace: str, table: str, marks: Mapping[str, Marks]) -> None:
    """Keep what was imported of these records, by id."""
    key = ("workspace", "record_kind", "record_id")
    rows = [
        (workspace, table, id_, msgspec.json.encode(each).decode()) for id_, each in marks.items()
    ]
    bulk.upsert(database, "imported", key=key, columns=(*key, "marks"), rows=rows)
