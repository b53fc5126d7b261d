"""Rows of ``contacts`` by whether the provider still has them, as far as is known."""

from collections.abc import Collection
from datetime import datetime

from syncline_sdk import RecordKind
from syncline_server.core.changes import ChangeKind
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, changes, run_pages
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

_OF = "workspace = ? AND provider = ? AND organisation_id = ?"
_GONE = "The provider does not have this contact any more."


def sample(database: Database, organisation: Organisation, after: str, limit: int) -> list[str]:
    """Return contacts behind one that the provider still has, as far as is known, by id."""
    query = (
        f"SELECT contact_id FROM contacts WHERE {_OF} AND present AND contact_id > ?"
        " ORDER BY contact_id LIMIT ?"
    )
    return [row[0] for row in database.tuples(query, (*organisation, after, limit))]


def count_active(database: Database, organisation: Organisation) -> tuple[int, int]:
    """Return how many active contacts are stored, and how many may be active and could not be.

    The latter are those that an open issue is about.
    """
    stored = f"SELECT COUNT(*) FROM contacts WHERE {_OF} AND present AND active"
    missing = (
        "SELECT COUNT(DISTINCT record_id) FROM run_issues WHERE resolve_time IS NULL"
        f" AND kind = ? AND record_id <> '' AND {_OF} AND NOT EXISTS (SELECT 1 FROM contacts"
        " WHERE contacts.workspace = run_issues.workspace"
        " AND contacts.provider = run_issues.provider"
        " AND contacts.organisation_id = run_issues.organisation_id"
        " AND contacts.contact_id = run_issues.record_id)"
    )
    of_contacts = (RecordKind.CONTACT, *organisation)
    return (
        int(database.tuples(stored, organisation)[0][0]),
        int(database.tuples(missing, of_contacts)[0][0]),
    )


def unseen(database: Database, organisation: Organisation, run_id: str) -> list[str]:
    """Return the contacts that the provider should still have, in no page of a run, by id."""
    query = (
        f"SELECT contact_id FROM contacts WHERE {_OF} AND present"
        f" EXCEPT {run_pages.seen(database)} ORDER BY contact_id"
    )
    return [row[0] for row in database.tuples(query, (*organisation, run_id))]


def count_known(database: Database, organisation: Organisation, run_id: str) -> tuple[int, int]:
    """Return how many contacts were there before a run, and how many of those it has not met."""
    known = f"SELECT contact_id FROM contacts WHERE {_OF} AND present"
    known += f" EXCEPT {run_pages.fresh(database)}"
    gone = f"{known} EXCEPT {run_pages.seen(database)}"
    of_known = (*organisation, run_id)
    return (
        _count_of(database, known, of_known),
        _count_of(database, gone, (*of_known, run_id)),
    )


def every(database: Database, organisation: Organisation) -> list[str]:
    """Return the contacts that the provider still has, as far as is known, by id."""
    query = f"SELECT contact_id FROM contacts WHERE {_OF} AND present ORDER BY contact_id"
    return [row[0] for row in database.tuples(query, organisation)]


def vanish(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    """Mark contacts the provider has no more; whoever has a customer needs review.

    Without a fingerprint a contact is news when it comes back.
    """
    database.execute(
        "UPDATE contacts SET present = FALSE, active = FALSE, content_hash = '',"
        " state = CASE WHEN customer_id IS NULL THEN 'UNMAPPED' ELSE 'NEEDS_REVIEW' END,"
        " review_reason = CASE WHEN customer_id IS NULL THEN '' ELSE ? END, candidates = '[]',"
        f" update_time = ?, version = version + 1 WHERE {_OF} AND present"
        f" AND {bulk.among(database, 'contact_id')}",
        (_GONE, to_micros(now), *organisation, bulk.members(database, ids)),
    )
    changes.note_at(database, ChangeKind.CONTACT_MAPPING, organisation, ids, now)


def _count_of(database: Database, query: str, values: tuple[object, ...]) -> int:
    return int(database.tuples(f"SELECT COUNT(*) FROM ({query}) AS found", values)[0][0])
