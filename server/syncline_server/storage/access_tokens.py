"""Rows of ``access_tokens``. Only the hash of a secret is ever stored."""

import json
from collections.abc import Sequence
from datetime import datetime

from syncline_server.core.access import AccessToken, Role
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)


def insert(database: Database, token: AccessToken) -> bool:
    """Store a new token, unless one that is not revoked has its certificate's name already.

    :returns: whether it was stored.
    """
    inserted = database.execute(
        "INSERT INTO access_tokens (id, token_hash, certificate, title, role, workspaces,"
        " create_time, expire_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (certificate) WHERE certificate <> '' AND revoke_time IS NULL DO NOTHING",
        (
            token.id,
            token.token_hash,
            token.certificate,
            token.title,
            token.role,
            _workspaces_json(token.workspaces),
            to_micros(token.create_time),
            to_micros_or_none(token.expire_time),
        ),
    )
    return inserted > 0


def find(database: Database, token_hash: str) -> AccessToken | None:
    """Return the token with this hash, revoked and expired ones included; None when unknown."""
    row = database.row("SELECT * FROM access_tokens WHERE token_hash = ?", (token_hash,))
    return _from_row(row) if row else None


def find_certificates(database: Database, names: Sequence[str]) -> list[AccessToken]:
    """Return the tokens of these certificate names that are not revoked, one for each at most."""
    marks = ", ".join("?" * len(names))
    rows = database.rows(
        f"SELECT * FROM access_tokens WHERE certificate IN ({marks})"
        " AND certificate <> '' AND revoke_time IS NULL",
        names,
    )
    return [_from_row(row) for row in rows]


def get(database: Database, token_id: str) -> AccessToken | None:
    """Return the token with this id, or None."""
    row = database.row("SELECT * FROM access_tokens WHERE id = ?", (token_id,))
    return _from_row(row) if row else None


def every(database: Database) -> list[AccessToken]:
    """Return all tokens, oldest first."""
    rows = database.rows("SELECT * FROM access_tokens ORDER BY id")
    return [_from_row(row) for row in rows]


def revoke(database: Database, token_id: str, now: datetime) -> None:
    """Revoke a token; one that is revoked keeps its time."""
    database.execute(
        "UPDATE access_tokens SET revoke_time = ? WHERE id = ? AND revoke_time IS NULL",
        (to_micros(now), token_id),
    )


def withdraw(database: Database, workspace: str, now: datetime) -> list[AccessToken]:
    """Let no token reach a workspace any more that names it; return those, as they were.

    One for this workspace alone is revoked. Those for all workspaces stay as they are. In the
    caller's transaction, which holds all tokens until its end.
    """
    # Held, so that of two workspaces that end at once each takes itself off what the other left.
    held = database.rows(f"SELECT * FROM access_tokens ORDER BY id{database.for_update()}")
    named = [
        token
        for token in map(_from_row, held)
        if token.revoke_time is None and workspace in (token.workspaces or ())
    ]
    for token in named:
        left = (token.workspaces or frozenset()) - {workspace}
        if left:
            database.execute(
                "UPDATE access_tokens SET workspaces = ? WHERE id = ?",
                (_workspaces_json(left), token.id),
            )
        else:
            revoke(database, token.id, now)
    return named


def _workspaces_json(workspaces: frozenset[str] | None) -> str:
    return json.dumps(None if workspaces is None else sorted(workspaces))


def _from_row(row: Row) -> AccessToken:
    workspaces = json.loads(row["workspaces"])
    return AccessToken(
        id=row["id"],
        title=row["title"],
        role=Role(row["role"]),
        workspaces=None if workspaces is None else frozenset(workspaces),
        token_hash=row["token_hash"],
        certificate=row["certificate"],
        create_time=from_micros(row["create_time"]),
        expire_time=from_micros_or_none(row["expire_time"]),
        revoke_time=from_micros_or_none(row["revoke_time"]),
    )


def any_at_all(database: Database) -> bool:
    """Return whether a token was ever made."""
    return database.row("SELECT 1 AS one FROM access_tokens LIMIT 1") is not None
