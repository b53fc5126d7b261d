"""Rows of ``settings``: what a workspace chose for a connection."""

import json
from datetime import datetime, timedelta

from syncline_server.core.model import Settings
from syncline_server.core.names import Connection
from syncline_server.storage import changes, options
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros


def get(database: Database, connection: Connection) -> Settings:
    """Return the settings; everything off and at its default when none were ever saved."""
    query = "SELECT * FROM settings WHERE workspace = ? AND provider = ?"
    row = database.row(query, (connection.workspace, connection.provider))
    return _from_row(row) if row else Settings()


def with_intervals(database: Database) -> list[Connection]:
    """Return the connections for which an automatic interval is set, by workspace."""
    query = (
        "SELECT workspace, provider FROM settings WHERE intervals <> '{}'"
        " ORDER BY workspace, provider"
    )
    return [Connection(*key) for key in database.tuples(query)]


def save(database: Database, connection: Connection, settings: Settings, now: datetime) -> None:
    """Write the settings of a locked connection."""
    database.execute(
        "INSERT INTO settings (workspace, provider, toggles, options, intervals, update_time,"
        " version) VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (workspace, provider) DO UPDATE SET"
        " toggles = excluded.toggles, options = excluded.options, intervals = excluded.intervals,"
        " update_time = excluded.update_time, version = settings.version + 1",
        (
            connection.workspace,
            connection.provider,
            json.dumps(sorted(settings.on)),
            options.to_json(settings.options),
            json.dumps({name: each.total_seconds() for name, each in settings.intervals.items()}),
            to_micros(now),
        ),
    )
    changes.note_connection(database, connection.workspace, connection.provider, now)


def _from_row(row: Row) -> Settings:
    intervals = json.loads(row["intervals"])
    return Settings(
        on=frozenset(json.loads(row["toggles"])),
        options=options.from_json(row["options"]),
        intervals={name: timedelta(seconds=seconds) for name, seconds in intervals.items()},
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
