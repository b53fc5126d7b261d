"""Deleting all rows of one workspace, a few at a time, by the inventory of data."""

from collections.abc import Callable, Mapping
from typing import Final

from syncline_server.core.data_inventory import INVENTORY, Owner
from syncline_server.storage import bulk, run_history
from syncline_server.storage.database import Database

Step = Callable[[Database, str, int], Mapping[str, int]]
"""Deletes so many rows of a workspace in its caller's transaction; returns how many of which table,
and nothing when none are left."""


def _runs(database: Database, workspace: str, limit: int) -> Mapping[str, int]:
    """Delete runs with what belongs to them; what belongs to them first."""
    query = "SELECT id FROM runs WHERE workspace = ? ORDER BY id LIMIT ?"
    ids = [row[0] for row in database.tuples(query, (workspace, limit))]
    return run_history.delete(database, ids, limit) if ids else {}


def _traffic(database: Database, workspace: str, limit: int) -> Mapping[str, int]:
    """Delete what organisations sent, which are found by their budgets: before those."""
    of = (
        "SELECT 1 FROM budgets WHERE budgets.workspace = ? AND budgets.provider = traffic.provider"
        " AND budgets.organisation_id = traffic.organisation_id"
    )
    return _delete(database, "traffic", f"EXISTS ({of})", workspace, limit)


def _table(name: str) -> Step:
    def step(database: Database, workspace: str, limit: int) -> Mapping[str, int]:
        return _delete(database, name, "workspace = ?", workspace, limit)

    return step


def _delete(
    database: Database, table: str, condition: str, workspace: str, limit: int
) -> Mapping[str, int]:
    count = bulk.delete_some(database, table, condition, (workspace,), limit)
    return {table: count} if count else {}


_SPECIAL: Final[Mapping[str, Step]] = {"runs": _runs}
STEPS: Final[tuple[Step, ...]] = (
    _traffic,
    *(
        _SPECIAL.get(each.table) or _table(each.table)
        for each in INVENTORY
        if each.owner is Owner.WORKSPACE and not each.kept
    ),
)
"""Everything that is deleted, in order."""
