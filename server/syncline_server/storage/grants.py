"""Rows of ``grants``: one encrypted token set per person at a provider, and who may renew it."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database, Row
from syncline_server.storage.sealed import GRANT_TOKENS
from syncline_server.storage.values import from_micros, from_micros_or_none, to_micros

_BY_ID = "SELECT * FROM grants WHERE id = ?"


@dataclass(frozen=True)
class SealedGrant:
    """A grant as it is stored, its tokens closed."""

    row: Row = field(repr=False)

    def opened(self, cipher: Cipher) -> Grant:
        """Return the grant with its tokens.

        No transaction may be open, because looking for a missing key can take a while.

        :raises CipherError: they do not open.
        """
        return _from_row(self.row, cipher)


def get(database: Database, cipher: Cipher, grant_id: str) -> Grant | None:
    """Return a grant with its tokens; None when it is gone. As for :meth:`SealedGrant.opened`."""
    found = sealed(database, grant_id)
    return found.opened(cipher) if found else None


def sealed(database: Database, grant_id: str) -> SealedGrant | None:
    """Return a grant as it is stored; None when it is gone."""
    row = database.row(_BY_ID, (grant_id,))
    return SealedGrant(row) if row else None


def put(database: Database, cipher: Cipher, grant: Grant) -> str:
    """Store what a consent brought and return the id of the grant it went to.

    A person's earlier grant keeps its id and takes the new tokens: it lives again, and a renewal
    that is under way loses its right to store.
    """
    row = database.row(
        "INSERT INTO grants (id, provider, subject, tokens, access_expire_time, refresh_time)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (provider, subject) DO UPDATE SET"
        " tokens = excluded.tokens, access_expire_time = excluded.access_expire_time,"
        " refresh_time = excluded.refresh_time, dead_reason = '', lease_holder = '',"
        " lease_until = 0, failures = 0, failure = '', retry_time = 0,"
        " version = grants.version + 1 RETURNING id",
        (
            grant.id,
            grant.provider,
            grant.subject,
            _closed(cipher, grant, grant.tokens),
            to_micros(grant.tokens.expire_time),
            to_micros(grant.refresh_time),
        ),
    )
    return str(row["id"]) if row else grant.id


def renew_if_known(database: Database, cipher: Cipher, grant: Grant) -> None:
    """Store a consent's tokens where that person's earlier ones are, and nowhere if there are none.

    The earlier grant lives again, as with :func:`put`.
    """
    database.execute(
        "UPDATE grants SET tokens = ?, access_expire_time = ?, refresh_time = ?,"
        " dead_reason = '', lease_holder = '', lease_until = 0, failures = 0, failure = '',"
        " retry_time = 0, version = version + 1 WHERE provider = ? AND subject = ?",
        (
            _closed(cipher, grant, grant.tokens),
            to_micros(grant.tokens.expire_time),
            to_micros(grant.refresh_time),
            grant.provider,
            grant.subject,
        ),
    )


def lock_living(database: Database, grant_id: str) -> bool:
    """Hold a grant's row until the transaction ends; False when it is dead or gone.

    Lock connections before grants, never the other way round.
    """
    row = database.row(_BY_ID + database.for_update(), (grant_id,))
    return row is not None and not row["dead_reason"]


def lease(database: Database, grant: Grant, holder: str, now: datetime, until: datetime) -> bool:
    """Take the right to renew a grant; False when another has it or has renewed already.

    A lease that ends longer than another one behind ``until`` is of before the clock was put back,
    and over. One that ends shortly behind it is of somebody who looked at the clock a moment later.
    """
    return (
        database.execute(
            "UPDATE grants SET lease_holder = ?, lease_until = ?"
            " WHERE id = ? AND version = ? AND (lease_until <= ? OR lease_until > ?)",
            (
                holder,
                to_micros(until),
                grant.id,
                grant.version,
                to_micros(now),
                to_micros(until + (until - now)),
            ),
        )
        == 1
    )


def renew(
    database: Database, cipher: Cipher, grant: Grant, holder: str, tokens: TokenSet, now: datetime
) -> bool:
    """Store rotated tokens and end the lease; False when the lease went to another meanwhile."""
    return (
        database.execute(
            "UPDATE grants SET tokens = ?, access_expire_time = ?, refresh_time = ?,"
            " lease_holder = '', lease_until = 0, failures = 0, failure = '', retry_time = 0,"
            " version = version + 1 WHERE id = ? AND lease_holder = ?",
            (
                _closed(cipher, grant, tokens),
                to_micros(tokens.expire_time),
                to_micros(now),
                grant.id,
                holder,
            ),
        )
        == 1
    )


def fail(database: Database, grant: Grant, holder: str) -> bool:
    """End a lease without having renewed; False when it went to another meanwhile.

    Who read the grant before this gets no lease: it has to see that a renewal has just failed.

    :param grant: with its failures and the time to try again.
    """
    return (
        database.execute(
            "UPDATE grants SET lease_holder = '', lease_until = 0, failures = ?, failure = ?,"
            " retry_time = ?, version = version + 1 WHERE id = ? AND lease_holder = ?",
            (
                grant.failures,
                grant.failure,
                to_micros(grant.retry_time) if grant.retry_time else 0,
                grant.id,
                holder,
            ),
        )
        == 1
    )


def declare_dead(database: Database, grant: Grant, reason: str) -> bool:
    """Note that a grant is dead; False when its tokens were replaced since it was read."""
    return (
        database.execute(
            "UPDATE grants SET dead_reason = ?, lease_holder = '', lease_until = 0,"
            " version = version + 1 WHERE id = ? AND version = ?",
            (reason, grant.id, grant.version),
        )
        == 1
    )


def idle_since(database: Database, moment: datetime) -> list[str]:
    """Return the ids of living grants that were last renewed before a moment, oldest first."""
    query = (
        "SELECT id FROM grants WHERE dead_reason = '' AND refresh_time < ? ORDER BY refresh_time"
    )
    return [row["id"] for row in database.rows(query, (to_micros(moment),))]


def left_open(database: Database, now: datetime, failures: int) -> list[str]:
    """Return the ids of living grants of which a renewal may have got through unnoticed.

    :param failures: those that failed more often in a row are left out.
    """
    query = (
        "SELECT id FROM grants WHERE dead_reason = ''"
        " AND ((lease_holder <> '' AND lease_until <= ?)"
        " OR (failures BETWEEN 1 AND ? AND retry_time <= ?)) ORDER BY id"
    )
    rows = database.rows(query, (to_micros(now), failures, to_micros(now)))
    return [row["id"] for row in rows]


def delete_unused(database: Database, grant_id: str) -> bool:
    """Delete a grant that no connection lives on or may still choose from; tell whether.

    Runs in the transaction that gave the grant up. The row is locked first, so that a connection
    that is just taking the grant is either seen here or comes after.
    """
    database.row("SELECT id FROM grants WHERE id = ?" + database.for_update(), (grant_id,))
    return (
        database.execute(
            "DELETE FROM grants WHERE id = ? AND NOT EXISTS (SELECT 1 FROM connections"
            " WHERE grant_id = ? OR candidates_grant_id = ?)",
            (grant_id, grant_id, grant_id),
        )
        == 1
    )


def _closed(cipher: Cipher, grant: Grant, tokens: TokenSet) -> str:
    text = json.dumps({"access": tokens.access, "refresh": tokens.refresh})
    return cipher.encrypt(text, GRANT_TOKENS.place(vars(grant)))


def _from_row(row: Row, cipher: Cipher) -> Grant:
    opened = json.loads(cipher.decrypt(row["tokens"], GRANT_TOKENS.place(row)))
    return Grant(
        id=row["id"],
        provider=row["provider"],
        subject=row["subject"],
        tokens=TokenSet(
            access=opened["access"],
            refresh=opened["refresh"],
            expire_time=from_micros(row["access_expire_time"]),
        ),
        refresh_time=from_micros(row["refresh_time"]),
        dead_reason=row["dead_reason"],
        failures=row["failures"],
        failure=row["failure"],
        retry_time=from_micros_or_none(row["retry_time"] or None),
        lease_until=from_micros(row["lease_until"]) if row["lease_holder"] else None,
        version=row["version"],
    )
