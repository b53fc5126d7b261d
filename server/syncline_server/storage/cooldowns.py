"""Rows of ``cooldowns``: until when a scope refuses manual triggers."""

from collections.abc import Mapping
from datetime import datetime

from syncline_server.core.names import Connection, Scope
from syncline_server.storage.database import Database
from syncline_server.storage.values import from_micros, to_micros


def ends(database: Database, connection: Connection) -> Mapping[str, datetime]:
    """Return when each module's last cooldown ends or ended."""
    query = "SELECT module, end_time FROM cooldowns WHERE workspace = ? AND provider = ?"
    rows = database.tuples(query, (connection.workspace, connection.provider))
    return {module: from_micros(end) for module, end in rows}


def running(database: Database, now: datetime) -> list[tuple[Scope, datetime]]:
    """Return every cooldown that has not ended."""
    query = "SELECT workspace, provider, module, end_time FROM cooldowns WHERE end_time > ?"
    return [
        (Scope(Connection(workspace, provider), module), from_micros(end))
        for workspace, provider, module, end in database.tuples(query, (to_micros(now),))
    ]


def begin(database: Database, scope: Scope, end: datetime) -> None:
    """Let a scope cool down; inside the transaction that accepts its run."""
    database.execute(
        "INSERT INTO cooldowns (workspace, provider, module, end_time) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (workspace, provider, module) DO UPDATE SET end_time = excluded.end_time",
        (scope.connection.workspace, scope.connection.provider, scope.module, to_micros(end)),
    )
