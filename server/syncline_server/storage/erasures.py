"""Rows of ``erasures``, and keeping writers out of a workspace while one is not finished.

Whoever writes rows of a workspace either notes it in the feed of changes, whose last act looks
here, or calls :func:`keep_out` in its transaction. Both wait for the transaction that begins an
erasure: what was written before it is there to be deleted, and nothing is written behind it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import msgspec

from syncline_server.core.erasure import Erasure, under_way
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, from_micros_or_none, to_micros

_TURN: Final = "erasure"
_OPEN: Final = "finish_time IS NULL"
IS_OPEN: Final = f"EXISTS (SELECT 1 FROM erasures WHERE workspace = ? AND {_OPEN})"
"""Holds while a workspace is being erased."""


def turn_alone(database: Database, workspace: str) -> None:
    """Wait for whoever is in :func:`keep_out`; they wait until this transaction ends."""
    database.queue_for(_TURN, workspace)


def keep_out(database: Database, workspace: str) -> None:
    """Refuse to write rows of a workspace that is being erased, until the transaction ends.

    :raises FailedPrecondition: it is.
    """
    if in_erasure(database, [workspace]):
        raise under_way(workspace)


def in_erasure(database: Database, workspaces: Collection[str]) -> set[str]:
    """Return which of these are being erased, and keep the others from it likewise."""
    found = set()
    for workspace in sorted(set(workspaces)):
        database.queue_beside(_TURN, workspace)
        if open_of(database, workspace):
            found.add(workspace)
    return found


def insert(database: Database, erasure: Erasure) -> None:
    """Store one that begins."""
    database.execute(
        "INSERT INTO erasures (id, workspace, requested_by, request_time) VALUES (?, ?, ?, ?)",
        (erasure.id, erasure.workspace, erasure.requested_by, to_micros(erasure.request_time)),
    )


def get(database: Database, workspace: str, identifier: str) -> Erasure | None:
    """Return a workspace's erasure, finished or not."""
    query = "SELECT * FROM erasures WHERE id = ? AND workspace = ?"
    row = database.row(query, (identifier, workspace))
    return _from_row(row) if row else None


def open_of(database: Database, workspace: str) -> Erasure | None:
    """Return the erasure of a workspace that is not finished."""
    row = database.row(f"SELECT * FROM erasures WHERE workspace = ? AND {_OPEN}", (workspace,))
    return _from_row(row) if row else None


def every_open(database: Database) -> list[Erasure]:
    """Return what is not finished, by workspace."""
    rows = database.rows(f"SELECT * FROM erasures WHERE {_OPEN} ORDER BY workspace")
    return [_from_row(row) for row in rows]


def begun_since(database: Database, since: datetime) -> list[str]:
    """Return the workspaces whose erasures began not before this time, finished ones included."""
    query = "SELECT DISTINCT workspace FROM erasures WHERE request_time >= ? ORDER BY workspace"
    return [workspace for (workspace,) in database.tuples(query, (to_micros(since),))]


def lock_open(database: Database, identifier: str) -> Erasure | None:
    """Return an erasure and hold it until the transaction ends; None when it is finished."""
    query = f"SELECT * FROM erasures WHERE id = ? AND {_OPEN}{database.for_update()}"
    row = database.row(query, (identifier,))
    return _from_row(row) if row else None


def add_counts(database: Database, erasure: Erasure, counts: Mapping[str, int]) -> None:
    """Add what was deleted to a locked erasure."""
    written = msgspec.json.encode(erasure.with_counts(counts)).decode()
    database.execute("UPDATE erasures SET row_counts = ? WHERE id = ?", (written, erasure.id))


def finish(database: Database, identifier: str, now: datetime) -> None:
    """Write down that nothing is left, and how far the trail of who had the id until now goes.

    One that is finished keeps its time.
    """
    last = "SELECT last FROM audit_chains WHERE chain = erasures.workspace"
    database.execute(
        f"UPDATE erasures SET finish_time = ?, last_entry = COALESCE(({last}), 0)"
        f" WHERE id = ? AND {_OPEN}",
        (to_micros(now), identifier),
    )


def _from_row(row: Row) -> Erasure:
    return Erasure(
        id=row["id"],
        workspace=row["workspace"],
        requested_by=row["requested_by"],
        request_time=from_micros(row["request_time"]),
        row_counts=msgspec.json.decode(row["row_counts"], type=dict[str, int]),
        finish_time=from_micros_or_none(row["finish_time"]),
    )
