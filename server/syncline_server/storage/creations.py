"""Rows of ``creations``: records on their way to a provider, each before it is sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from syncline_sdk import RecordKind
from syncline_server.core.creation import (
    Content,
    Creation,
    CreationState,
    NewCustomer,
    NewProduct,
    keys_of,
    kind_of,
)
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import (
    from_micros,
    from_micros_or_none,
    to_micros,
    to_micros_or_none,
)

_COLUMNS = (
    "id",
    "workspace",
    "provider",
    "organisation_id",
    "module",
    "kind",
    "record_id",
    "code_key",
    "name_key",
    "request",
    "payload",
    "state",
    "sendings",
    "lease_until",
    "proof_time",
    "create_time",
    "update_time",
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ? AND kind = ?"
_OPEN = "state <> 'DONE'"
_CONTENTS: Final[Mapping[RecordKind, type[NewCustomer] | type[NewProduct]]] = {
    RecordKind.CONTACT: NewCustomer,
    RecordKind.ITEM: NewProduct,
}


def wait_turn(database: Database, organisation: Organisation) -> None:
    """Wait for others that store records of this organisation; they wait until this one commits.

    Pulls and creations look whether a record is known before they make one.
    """
    database.queue_for(*organisation, "creations")


def insert(database: Database, creation: Creation) -> None:
    """Store a new creation.

    :raises peewee.IntegrityError: another one under way shares its record id, code or name.
    """
    code_key, name_key = keys_of(creation.content)
    row = (
        creation.id,
        *creation.organisation,
        creation.module,
        creation.kind.value,
        creation.record_id,
        code_key,
        name_key,
        creation.request,
        msgspec.json.encode(creation.content).decode(),
        creation.state.value,
        creation.sendings,
        to_micros(creation.lease_until),
        to_micros_or_none(creation.proof_time),
        to_micros(creation.create_time),
        to_micros(creation.create_time),
    )
    bulk.insert(database, "creations", _COLUMNS, [row])


def save(database: Database, creation: Creation, now: datetime) -> Creation | None:
    """Store how far a creation has come; None when somebody else has changed it meanwhile."""
    touched = database.execute(
        "UPDATE creations SET state = ?, record_id = ?, sendings = ?, lease_until = ?,"
        " proof_time = ?, update_time = ?, version = version + 1 WHERE id = ? AND version = ?",
        (
            creation.state.value,
            creation.record_id,
            creation.sendings,
            to_micros(creation.lease_until),
            to_micros_or_none(creation.proof_time),
            to_micros(now),
            creation.id,
            creation.version,
        ),
    )
    return replace(creation, version=creation.version + 1) if touched else None


def remove(database: Database, creation: Creation) -> bool:
    """Forget a creation; False when somebody else has changed it meanwhile."""
    sql = "DELETE FROM creations WHERE id = ? AND version = ?"
    return database.execute(sql, (creation.id, creation.version)) == 1


def locked(database: Database, identifier: str) -> Creation | None:
    """Return a creation and hold its row until the transaction ends."""
    query = f"SELECT * FROM creations WHERE id = ?{database.for_update()}"
    row = database.row(query, (identifier,))
    return _from_row(row) if row else None


def repeated(
    database: Database, organisation: Organisation, kind: RecordKind, request: str
) -> Creation | None:
    """Return the newest creation that the same request began."""
    query = f"SELECT * FROM creations WHERE {_OF} AND request = ? ORDER BY id DESC LIMIT 1"
    row = database.row(query, (*organisation, kind.value, request))
    return _from_row(row) if row else None


def in_the_way(
    database: Database, organisation: Organisation, content: Content, record_id: str
) -> Creation | None:
    """Return a creation under way that shares this one's record id, code or name."""
    code_key, name_key = keys_of(content)
    query = (
        f"SELECT * FROM creations WHERE {_OF} AND {_OPEN} AND (record_id = ?"
        " OR (code_key = ? AND code_key <> '') OR (name_key = ? AND name_key <> ''))"
        " ORDER BY id LIMIT 1"
    )
    values = (*organisation, kind_of(content).value, record_id, code_key, name_key)
    row = database.row(query, values)
    return _from_row(row) if row else None


def under_way(
    database: Database, organisation: Organisation, kind: RecordKind, *, lock: bool
) -> list[Creation]:
    """Return what is under way at an organisation and has left, by id.

    :param lock: hold the rows until the transaction ends.
    """
    suffix = database.for_update() if lock else ""
    where = f"{_OF} AND {_OPEN} AND state <> 'PENDING'"
    query = f"SELECT * FROM creations WHERE {where} ORDER BY id{suffix}"
    return [_from_row(row) for row in database.rows(query, (*organisation, kind.value))]


def abandoned(database: Database, now: datetime, limit: int) -> list[Creation]:
    """Return creations under way that nobody works on, the longest untouched first."""
    query = (
        f"SELECT * FROM creations WHERE {_OPEN} AND lease_until <= ? ORDER BY lease_until LIMIT ?"
    )
    return [_from_row(row) for row in database.rows(query, (to_micros(now), limit))]


def forget_done(database: Database, before: datetime) -> None:
    """Remove creations that were done before a time."""
    sql = "DELETE FROM creations WHERE state = 'DONE' AND update_time < ?"
    database.execute(sql, (to_micros(before),))


def _from_row(row: Row) -> Creation:
    return Creation(
        id=row["id"],
        organisation=Organisation(row["workspace"], row["provider"], row["organisation_id"]),
        module=row["module"],
        content=msgspec.json.decode(row["payload"], type=_CONTENTS[RecordKind(row["kind"])]),
        request=row["request"],
        record_id=row["record_id"],
        state=CreationState(row["state"]),
        sendings=row["sendings"],
        lease_until=from_micros(row["lease_until"]),
        proof_time=from_micros_or_none(row["proof_time"]),
        create_time=from_micros(row["create_time"]),
        version=row["version"],
    )
