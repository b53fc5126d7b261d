"""Rows of ``connections``: one per workspace and provider, made when first locked."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

import peewee

from syncline_server.core.model import Candidate, ConnectionRow, ConnectionState
from syncline_server.core.names import Connection
from syncline_server.storage import bulk, changes, erasures
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros_or_none, to_micros, to_micros_or_none


class OrganisationHeld(Exception):  # noqa: N818 - named by what is the case
    """Another connection holds the organisation; the transaction must be given up."""


_BY_KEY = "SELECT * FROM connections WHERE workspace = ? AND provider = ?"


def get(database: Database, key: Connection) -> ConnectionRow:
    """Return the connection; a NOT_CONNECTED one when there is no row yet."""
    row = database.row(_BY_KEY, (key.workspace, key.provider))
    return _from_row(row) if row else ConnectionRow(key=key)


def lock(database: Database, key: Connection, now: datetime) -> ConnectionRow:
    """Return the connection and hold its row until the transaction ends.

    Everything that decides by a connection's state (admission, toggles, connect, disconnect)
    locks it first, so that these happen one after the other on every replica.
    """
    return _locked(database, key) or _made(database, key, now)


def hold(database: Database, key: Connection) -> ConnectionRow:
    """Return the connection and keep it as it is until the transaction ends, beside others."""
    row = database.row(_BY_KEY + database.for_share(), (key.workspace, key.provider))
    return _from_row(row) if row else ConnectionRow(key=key)


def _locked(database: Database, key: Connection) -> ConnectionRow | None:
    row = database.row(_BY_KEY + database.for_update(), (key.workspace, key.provider))
    return _from_row(row) if row else None


def _made(database: Database, key: Connection, now: datetime) -> ConnectionRow:
    erasures.keep_out(database, key.workspace)
    database.execute(
        "INSERT INTO connections (workspace, provider, state, update_time) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (key.workspace, key.provider, ConnectionState.NOT_CONNECTED, to_micros(now)),
    )
    found = _locked(database, key)
    if found is None:
        raise LookupError(key)
    return found


def of_workspace(database: Database, workspace: str) -> list[ConnectionRow]:
    """Return every connection row of a workspace, by provider."""
    query = "SELECT * FROM connections WHERE workspace = ? ORDER BY provider"
    return [_from_row(row) for row in database.rows(query, (workspace,))]


def connected(database: Database) -> list[ConnectionRow]:
    """Return every connection that is CONNECTED."""
    query = "SELECT * FROM connections WHERE state = 'CONNECTED' ORDER BY workspace, provider"
    return [_from_row(row) for row in database.rows(query)]


def of_grant(database: Database, grant_id: str) -> list[ConnectionRow]:
    """Return every connection that lives on this grant."""
    query = "SELECT * FROM connections WHERE grant_id = ? ORDER BY workspace, provider"
    return [_from_row(row) for row in database.rows(query, (grant_id,))]


def holder(database: Database, provider: str, organisation_id: str) -> Connection | None:
    """Return the connection that holds an organisation, whichever workspace it is of."""
    query = "SELECT workspace, provider FROM connections WHERE provider = ? AND organisation_id = ?"
    row = database.row(query, (provider, organisation_id))
    return Connection(row["workspace"], row["provider"]) if row else None


def holders(
    database: Database, provider: str, organisation_ids: Collection[str]
) -> dict[str, ConnectionRow]:
    """Return the connections that hold these organisations, whichever workspaces they are of."""
    among = bulk.among(database, "organisation_id")
    query = f"SELECT * FROM connections WHERE provider = ? AND {among}"
    rows = database.rows(query, (provider, bulk.members(database, organisation_ids)))
    return {row["organisation_id"]: _from_row(row) for row in rows}


def held_elsewhere(
    database: Database, key: Connection, organisation_ids: Sequence[str]
) -> frozenset[str]:
    """Return which of the provider's organisations other workspaces hold."""
    places = ", ".join("?" for _ in organisation_ids) or "NULL"
    query = (
        "SELECT organisation_id FROM connections"
        f" WHERE provider = ? AND workspace <> ? AND organisation_id IN ({places})"
    )
    rows = database.rows(query, (key.provider, key.workspace, *organisation_ids))
    return frozenset(row["organisation_id"] for row in rows)


def with_expired_candidates(database: Database, now: datetime) -> list[Connection]:
    """Return the connections whose time to choose an organisation is over."""
    query = "SELECT workspace, provider FROM connections WHERE candidates_expire_time <= ?"
    rows = database.rows(query, (to_micros(now),))
    return [Connection(row["workspace"], row["provider"]) for row in rows]


def save(database: Database, connection: ConnectionRow, now: datetime) -> ConnectionRow:
    """Write a locked connection back and return it as stored.

    :raises OrganisationHeld: another workspace's connection has the organisation.
    """
    try:
        database.execute(
            "UPDATE connections SET state = ?, state_reason = ?, generation = ?,"
            " organisation_id = ?, organisation_name = ?, provider_connection_id = ?,"
            " grant_id = ?, candidates = ?, candidates_grant_id = ?, candidates_expire_time = ?,"
            " connect_time = ?, update_time = ?, version = version + 1"
            " WHERE workspace = ? AND provider = ?",
            (*_columns(connection), to_micros(now), *_key(connection)),
        )
    except peewee.IntegrityError as error:
        raise OrganisationHeld(connection.organisation_id) from error
    changes.note_connection(database, *_key(connection), now)
    return get(database, connection.key)


def _key(connection: ConnectionRow) -> tuple[str, str]:
    return connection.key.workspace, connection.key.provider


def _columns(connection: ConnectionRow) -> tuple[object, ...]:
    return (
        connection.state,
        connection.state_reason,
        connection.generation,
        connection.organisation_id or None,
        connection.organisation_name,
        connection.provider_connection_id,
        connection.grant_id or None,
        _candidates_json(connection.candidates),
        connection.candidates_grant_id or None,
        to_micros_or_none(connection.candidates_expire_time),
        to_micros_or_none(connection.connect_time),
    )


def _candidates_json(candidates: Sequence[Candidate]) -> str:
    return json.dumps([[each.id, each.name, each.connection_id] for each in candidates])


def _from_row(row: Row) -> ConnectionRow:
    return ConnectionRow(
        key=Connection(row["workspace"], row["provider"]),
        state=ConnectionState(row["state"]),
        state_reason=row["state_reason"],
        generation=row["generation"],
        organisation_id=row["organisation_id"] or "",
        organisation_name=row["organisation_name"],
        provider_connection_id=row["provider_connection_id"],
        grant_id=row["grant_id"] or "",
        candidates=tuple(
            Candidate(id=id_, name=name, connection_id=connection_id)
            for id_, name, connection_id in json.loads(row["candidates"])
        ),
        candidates_grant_id=row["candidates_grant_id"] or "",
        candidates_expire_time=from_micros_or_none(row["candidates_expire_time"]),
        connect_time=from_micros_or_none(row["connect_time"]),
        update_time=from_micros_or_none(row["update_time"]),
        version=row["version"],
    )
