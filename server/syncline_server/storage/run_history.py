"""Deleting runs that ended long ago, with their issues and pages, and keeping those in use.

Kept are: what has not ended; the newest of each module, by which it is told what ran last, when it
is due and what failed; whatever has an issue that is open; and what an invoice was sent by whose
fate is not known.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from syncline_server.core.automatic import RUNS_LOOKED_AT
from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

_ADVISORY_LOCK: Final = 7_310_003
_NEWER: Final = (
    "SELECT 1 FROM runs AS newer WHERE newer.workspace = runs.workspace"
    " AND newer.provider = runs.provider AND newer.module = runs.module AND newer.id > runs.id"
)
_IN_USE: Final = (
    # Told in ListModules, and what an interval's next time is counted from.
    f"(trigger_kind <> 'WEBHOOK' AND (SELECT COUNT(*) FROM ({_NEWER}"
    f" AND newer.trigger_kind <> 'WEBHOOK' LIMIT {RUNS_LOOKED_AT}) AS latest) < {RUNS_LOOKED_AT})"
    f" OR NOT EXISTS ({_NEWER} AND newer.end_time IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM run_issues WHERE run_issues.workspace = runs.workspace"
    " AND run_issues.run_id = runs.id AND run_issues.resolve_time IS NULL)"
    " OR EXISTS (SELECT 1 FROM invoice_links AS link WHERE link.workspace = runs.workspace"
    " AND link.provider = runs.provider AND link.organisation_id = runs.organisation_id"
    " AND link.run_id = runs.id AND link.push_state = 'PENDING')"
    " OR EXISTS (SELECT 1 FROM invoice_links AS link WHERE link.workspace = runs.workspace"
    " AND link.provider = runs.provider AND link.organisation_id = runs.organisation_id"
    " AND link.run_id = runs.id AND link.push_state IN ('SENT', 'UNCERTAIN'))"
)


class Ended(NamedTuple):
    """Where a walk over ended runs is: the last one's end and id."""

    end_time: int = -1
    id: str = ""


def take_turn(database: Database) -> bool:
    """Return whether nobody else deletes old runs; nobody will until we commit."""
    if database.is_sqlite:
        return True
    return bool(database.tuples("SELECT pg_try_advisory_xact_lock(?)", (_ADVISORY_LOCK,))[0][0])


def ended(database: Database, before: datetime, behind: Ended, limit: int) -> list[Ended]:
    """Return runs that ended before a time, in order, behind where a walk is."""
    query = (
        "SELECT end_time, id FROM runs WHERE end_time IS NOT NULL AND end_time < ?"
        " AND (end_time, id) > (?, ?) ORDER BY end_time, id LIMIT ?"
    )
    return [Ended(*row) for row in database.tuples(query, (to_micros(before), *behind, limit))]


def not_in_use(database: Database, ids: Collection[str]) -> list[str]:
    """Return those of these ended runs that nothing relies on, in order."""
    query = (
        f"SELECT id FROM runs WHERE {bulk.among(database, 'id')} AND NOT ({_IN_USE}) ORDER BY id"
    )
    return [row[0] for row in database.tuples(query, (bulk.members(database, ids),))]


def delete(database: Database, ids: Collection[str], limit: int) -> Mapping[str, int]:
    """Delete at most so many rows of what belongs to runs; once nothing does, the runs.

    :returns: how many rows of which table; nothing when all of it is gone already.
    """
    members = bulk.members(database, ids)
    of = bulk.among(database, "run_id")
    for table in ("run_issues", "run_pages"):
        gone = bulk.delete_some(database, table, of, (members,), limit)
        if gone:
            return {table: gone}
    gone = database.execute(f"DELETE FROM runs WHERE {bulk.among(database, 'id')}", (members,))
    return {"runs": gone} if gone else {}
