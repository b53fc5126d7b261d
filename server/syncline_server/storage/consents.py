"""Rows of ``consents``: what a returning ``state`` is measured against, once."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core.names import Connection
from syncline_server.core.tokens import Consent
from syncline_server.storage.cipher import Place
from syncline_server.storage.database import Database
from syncline_server.storage.sealed import CONSENT_VERIFIER
from syncline_server.storage.values import from_micros, to_micros

_REMEMBERED: Final = timedelta(days=1)


def place(state: str, key: Connection) -> Place:
    """Return the place of the verifier that belongs to a state, for this connection."""
    row = {"state_hash": _hash(state), "workspace": key.workspace, "provider": key.provider}
    return CONSENT_VERIFIER.place(row)


def add(database: Database, state: str, consent: Consent, now: datetime) -> None:
    """Store a consent under its state, of which only the hash is kept."""
    database.execute(
        "INSERT INTO consents (state_hash, workspace, provider, caller, redirect_uri, verifier,"
        " create_time, expire_time, browser_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            _hash(state),
            consent.workspace,
            consent.provider,
            consent.caller,
            consent.redirect_uri,
            consent.sealed_verifier,
            to_micros(now),
            to_micros(consent.expire_time),
            consent.browser_hash,
        ),
    )


def find(database: Database, state: str) -> Consent | None:
    """Return the consent of a state, used and expired ones included; None when unknown."""
    row = database.row("SELECT * FROM consents WHERE state_hash = ?", (_hash(state),))
    if row is None:
        return None
    return Consent(
        workspace=row["workspace"],
        provider=row["provider"],
        caller=row["caller"],
        redirect_uri=row["redirect_uri"],
        sealed_verifier=row["verifier"],
        expire_time=from_micros(row["expire_time"]),
        browser_hash=row["browser_hash"],
        used=row["use_time"] is not None,
    )


def use(database: Database, state: str, now: datetime) -> bool:
    """Use a state up; False when it was used before or has expired. One caller gets True.

    The verifier goes: it has been read, and is good for nothing any more.
    """
    return (
        database.execute(
            "UPDATE consents SET use_time = ?, verifier = ''"
            " WHERE state_hash = ? AND use_time IS NULL AND expire_time > ?",
            (to_micros(now), _hash(state), to_micros(now)),
        )
        == 1
    )


def forget(database: Database, now: datetime) -> int:
    """Delete what expired a day ago or longer; until then a late return gets its true reason."""
    return database.execute(
        "DELETE FROM consents WHERE expire_time < ?", (to_micros(now - _REMEMBERED),)
    )


def forget_of(database: Database, workspace: str) -> int:
    """Delete a workspace's consents, so that nobody comes back from one."""
    return database.execute("DELETE FROM consents WHERE workspace = ?", (workspace,))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
