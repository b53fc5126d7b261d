"""Rows of ``budgets`` and ``traffic``: an organisation's limits on calls, and what it sent us.

All of a budget is one value in one row: whoever takes or gives back must hold the whole of it
anyway, and it is a few kilobytes at most.
"""

from datetime import datetime
from typing import Final, TypeVar

import msgspec

from syncline_server.core.budget import AppBudget, Budget
from syncline_server.core.names import Connection
from syncline_server.storage.database import Database

_ALL: Final = ""
"""Stands for all organisations of a provider."""
_STATE: Final = "SELECT state FROM budgets WHERE provider = ? AND organisation_id = ?"

S = TypeVar("S", Budget, AppBudget)


def get(database: Database, provider: str, organisation_id: str) -> Budget:
    """Return an organisation's budget; an untouched one when there is no row yet."""
    return _read(database, _STATE, (provider, organisation_id), Budget) or Budget()


def lock(database: Database, provider: str, organisation_id: str) -> Budget:
    """Return the same and hold it until the transaction ends."""
    return _locked(database, (provider, organisation_id), Budget)


def save(
    database: Database, provider: str, organisation_id: str, workspace: str, budget: Budget
) -> None:
    """Write a locked budget back.

    :param workspace: whose call it was written for.
    """
    database.execute(
        "UPDATE budgets SET state = ?, workspace = ? WHERE provider = ? AND organisation_id = ?",
        (_written(budget), workspace, provider, organisation_id),
    )


def of_connection(database: Database, connection: Connection) -> list[Budget]:
    """Return the budgets of the organisations that a connection called last, or calls now."""
    query = "SELECT state FROM budgets WHERE workspace = ? AND provider = ?"
    rows = database.rows(query, (connection.workspace, connection.provider))
    return [msgspec.json.decode(row["state"], type=Budget) for row in rows]


def lock_all(database: Database) -> list[tuple[str, str, str, Budget]]:
    """Return provider, organisation, workspace and budget of each, and hold them all."""
    query = "SELECT * FROM budgets WHERE organisation_id <> ? ORDER BY provider, organisation_id"
    return [
        (
            row["provider"],
            row["organisation_id"],
            row["workspace"],
            msgspec.json.decode(row["state"], type=Budget),
        )
        for row in database.rows(query + database.for_update(), (_ALL,))
    ]


def get_app(database: Database, provider: str) -> AppBudget:
    """Return what is known of the limits that all organisations of a provider share."""
    return _read(database, _STATE, (provider, _ALL), AppBudget) or AppBudget()


def lock_app(database: Database, provider: str) -> AppBudget:
    """Return the same and hold it until the transaction ends. Lock organisations' before it."""
    return _locked(database, (provider, _ALL), AppBudget)


def save_app(database: Database, provider: str, app: AppBudget) -> None:
    """Write it back when it is locked."""
    database.execute(
        "UPDATE budgets SET state = ? WHERE provider = ? AND organisation_id = ?",
        (_written(app), provider, _ALL),
    )


def add_traffic(
    database: Database, provider: str, organisation_id: str, now: datetime, size: int
) -> None:
    """Add bytes to what was read from an organisation this month."""
    database.execute(
        "INSERT INTO traffic (provider, organisation_id, month, bytes_read) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (provider, organisation_id, month)"
        " DO UPDATE SET bytes_read = traffic.bytes_read + excluded.bytes_read",
        (provider, organisation_id, _month(now), size),
    )


def look(
    database: Database, provider: str, organisation_id: str, now: datetime
) -> tuple[Budget, AppBudget, int]:
    """Return an organisation's budget, what all share, and the bytes read from it this month."""
    row = database.row(
        "SELECT (SELECT state FROM budgets WHERE provider = ? AND organisation_id = ?) AS own,"
        " (SELECT state FROM budgets WHERE provider = ? AND organisation_id = ?) AS app,"
        " (SELECT bytes_read FROM traffic"
        " WHERE provider = ? AND organisation_id = ? AND month = ?) AS bytes_read",
        (provider, organisation_id, provider, _ALL, provider, organisation_id, _month(now)),
    )
    own, app, size = row.values() if row else (None, None, None)
    return (
        msgspec.json.decode(own, type=Budget) if own else Budget(),
        msgspec.json.decode(app, type=AppBudget) if app else AppBudget(),
        size or 0,
    )


def _month(now: datetime) -> str:
    """Return a calendar month; times are in UTC everywhere."""
    return f"{now:%Y-%m}"


def _locked(database: Database, key: tuple[str, str], kind: type[S]) -> S:
    query = _STATE + database.for_update()
    found = _read(database, query, key, kind)
    if found is not None:
        return found
    database.execute(
        "INSERT INTO budgets (provider, organisation_id, workspace, state) VALUES (?, ?, '', ?)"
        " ON CONFLICT DO NOTHING",
        (*key, _written(kind())),
    )
    return _read(database, query, key, kind) or kind()


def _read(database: Database, query: str, key: tuple[str, str], kind: type[S]) -> S | None:
    row = database.row(query, key)
    return msgspec.json.decode(row["state"], type=kind) if row else None


def _written(state: Budget | AppBudget) -> str:
    return msgspec.json.encode(state).decode()
