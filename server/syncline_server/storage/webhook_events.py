"""Rows of ``webhook_events``: which records a provider said have changed, until they are read.

An event waits until a run of its module has succeeded that began behind it: such a run claims what
waits when it first starts, and settles that in the transaction of its success. A run that ends
otherwise leaves what it claimed waiting for the next.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from syncline_server.core.model import ConnectionRow, Run
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation, of_run
from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.values import from_micros, to_micros

_COLUMNS = (
    "workspace",
    "provider",
    "organisation_id",
    "module",
    "record_id",
    "event_key",
    "event_time",
    "receive_time",
)
_WAITING = "done_time IS NULL"


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One event, for one module that reads such records."""

    organisation: Organisation
    module: str
    record_id: str
    key: str
    event_time: datetime


def insert(database: Database, events: Collection[EventRow], now: datetime) -> int:
    """Store events, each once however often it comes, and return how many were new."""
    rows = [
        (
            *event.organisation,
            event.module,
            event.record_id,
            event.key,
            to_micros(event.event_time),
            to_micros(now),
        )
        for event in events
    ]
    # In order, or two deliveries of the same events could wait for each other.
    return bulk.insert_missing(database, "webhook_events", _COLUMNS, sorted(rows))


def waiting_connections(database: Database) -> list[Connection]:
    """Return the connections that events wait for."""
    query = (
        f"SELECT DISTINCT workspace, provider FROM webhook_events WHERE {_WAITING}"
        " ORDER BY workspace, provider"
    )
    return [Connection(*row) for row in database.tuples(query)]


def waiting_modules(database: Database, connection: ConnectionRow) -> dict[str, datetime]:
    """Return when the oldest event of each module came that waits for this organisation."""
    query = (
        "SELECT module, MIN(receive_time) FROM webhook_events"
        f" WHERE workspace = ? AND provider = ? AND organisation_id = ? AND {_WAITING}"
        " GROUP BY module"
    )
    key = (connection.key.workspace, connection.key.provider, connection.organisation_id)
    return {module: from_micros(oldest) for module, oldest in database.tuples(query, key)}


def claim(database: Database, run: Run) -> None:
    """Give whatever waits for a run's module to the run, which is about to read it."""
    database.execute(
        "UPDATE webhook_events SET run_id = ?"
        " WHERE workspace = ? AND provider = ? AND organisation_id = ? AND module = ?"
        f" AND {_WAITING}",
        (run.id, *of_run(run), run.scope.module),
    )


def records(database: Database, run: Run, limit: int) -> tuple[str, ...]:
    """Return the records a run's events are about, each once, in order; the first so many."""
    query = (
        f"SELECT DISTINCT record_id FROM webhook_events WHERE run_id = ? AND {_WAITING}"
        " ORDER BY record_id LIMIT ?"
    )
    return tuple(row[0] for row in database.tuples(query, (run.id, limit)))


def settle(database: Database, run: Run, now: datetime) -> None:
    """Write down that a run has read what it had claimed."""
    database.execute(
        f"UPDATE webhook_events SET done_time = ? WHERE run_id = ? AND {_WAITING}",
        (to_micros(now), run.id),
    )


def forget(database: Database, before: datetime, limit: int) -> int:
    """Delete so many of those that came earlier, read or not; return how many it were."""
    return bulk.delete_some(
        database, "webhook_events", "receive_time < ?", (to_micros(before),), limit
    )
