"""Rows of ``module_states``: what a module has achieved, per organisation."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from syncline_server.core.model import ConnectionRow, ModuleState, Run
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation, of_run
from syncline_server.storage.database import Database
from syncline_server.storage.values import (
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)


def of_connection(database: Database, connection: ConnectionRow) -> Mapping[str, ModuleState]:
    """Return the states of a connection's modules for its organisation, by module."""
    query = (
        "SELECT module, complete_time, watermark, full_read_asked_time, wake_time, full_read_time"
        " FROM module_states"
        " WHERE workspace = ? AND provider = ? AND organisation_id = ?"
    )
    key = (connection.key.workspace, connection.key.provider, connection.organisation_id)
    return {
        module: ModuleState(
            complete_time=from_micros_or_none(complete),
            watermark=from_micros_or_none(watermark),
            full_read_asked_time=from_micros_or_none(asked),
            wake_time=from_micros_or_none(wake),
            full_read_time=from_micros_or_none(full),
        )
        for module, complete, watermark, asked, wake, full in database.tuples(query, key)
    }


def ever_run(database: Database, connection: Connection) -> frozenset[str]:
    """Return the modules that have succeeded for any organisation of a connection."""
    query = (
        "SELECT DISTINCT module FROM module_states"
        " WHERE workspace = ? AND provider = ? AND complete_time IS NOT NULL"
    )
    rows = database.tuples(query, (connection.workspace, connection.provider))
    return frozenset(module for (module,) in rows)


def ask_full_read(
    database: Database, connection: ConnectionRow, modules: Iterable[str], now: datetime
) -> None:
    """Make the next run of these modules read everything, for every organisation ever connected.

    The one connected now gets a row even without a success: its first run may be under way.
    """
    workspace, provider = connection.key.workspace, connection.key.provider
    for module in modules:
        database.execute(
            "UPDATE module_states SET full_read_asked_time = ?"
            " WHERE workspace = ? AND provider = ? AND module = ?",
            (to_micros(now), workspace, provider, module),
        )
        if connection.organisation_id:
            database.execute(
                "INSERT INTO module_states"
                " (workspace, provider, organisation_id, module, full_read_asked_time)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (workspace, provider, connection.organisation_id, module, to_micros(now)),
            )


def wake(
    database: Database, organisation: Organisation, modules: Iterable[str], now: datetime
) -> None:
    """Make modules that run by themselves due at once: what held their records up is settled."""
    for module in sorted(modules):
        database.execute(
            "INSERT INTO module_states (workspace, provider, organisation_id, module, wake_time)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (workspace, provider, organisation_id, module)"
            " DO UPDATE SET wake_time = excluded.wake_time",
            (*organisation, module, to_micros(now)),
        )


def wakened(database: Database, run: Run) -> None:
    """Write down that a run sees whatever was settled before it started."""
    database.execute(
        "UPDATE module_states SET wake_time = NULL WHERE workspace = ? AND provider = ?"
        " AND organisation_id = ? AND module = ? AND wake_time IS NOT NULL",
        (*of_run(run), run.scope.module),
    )


def collapse(database: Database, run: Run, now: datetime) -> None:
    """Write down that a run found too little to be believed: the next one reads everything."""
    database.execute(
        "INSERT INTO module_states"
        " (workspace, provider, organisation_id, module, full_read_asked_time)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (workspace, provider, organisation_id, module)"
        " DO UPDATE SET full_read_asked_time = excluded.full_read_asked_time",
        (*of_run(run), run.scope.module, to_micros(now)),
    )


def succeed(database: Database, run: Run, now: datetime) -> None:
    """Write down that a run went through: complete, watermark moved, its full read done.

    A full read that was asked for after the run started stays asked for, and so does one where the
    run was about a few records only.
    """
    begun = to_micros(run.start_time or now)
    full = begun if run.reads_everything else None
    database.execute(
        "INSERT INTO module_states"
        " (workspace, provider, organisation_id, module, complete_time, watermark, full_read_time)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (workspace, provider, organisation_id, module) DO UPDATE SET"
        " complete_time = COALESCE(module_states.complete_time, excluded.complete_time),"
        " watermark = COALESCE(excluded.watermark, module_states.watermark),"
        " full_read_time = COALESCE(excluded.full_read_time, module_states.full_read_time),"
        " full_read_asked_time = CASE WHEN module_states.full_read_asked_time <= ?"
        " THEN NULL ELSE module_states.full_read_asked_time END",
        (
            run.scope.connection.workspace,
            run.scope.connection.provider,
            run.organisation_id,
            run.scope.module,
            to_micros(now),
            to_micros_or_none(run.watermark),
            full,
            full,
        ),
    )
