"""Rows of ``customers``."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from syncline_sdk import Contact
from syncline_server.core.matching import Keys, key
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, postal
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

# A synced field's columns, in the order of the values in _synced.
_SYNCED = {
    "name": ("name", "name_key"),
    "code": ("code", "code_key"),
    "email": ("email", "email_key"),
    "phone": ("phone",),
    "address": ("address",),
    "active": ("active",),
}


def candidates(
    database: Database, organisation: Organisation, wanted: Sequence[Keys]
) -> list[Keys]:
    """Return the customers that share a key with these contacts.

    Those already mapped to a contact of this organisation are left out.
    """
    columns = {
        "code_key": {code for record in wanted for code in record.codes},
        "email_key": {record.email for record in wanted},
        "name_key": {record.name for record in wanted},
    }
    selects: list[str] = []
    parameters: list[object] = []
    for column, values in columns.items():
        selects.append(
            "SELECT id, code_key, email_key, name_key FROM customers WHERE workspace = ?"
            f" AND {column} <> '' AND {bulk.among(database, column)}"
            " AND NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.workspace = customers.workspace"
            " AND contacts.customer_id = customers.id AND contacts.provider = ?"
            " AND contacts.organisation_id = ?)"
        )
        members = bulk.members(database, values - {""})
        parameters += [organisation.workspace, members, organisation.provider, organisation.id]
    rows = database.tuples(" UNION ".join(selects), parameters)
    return [Keys(id_, (code,) if code else (), email, name) for id_, code, email, name in rows]


def titles(database: Database, workspace: str, ids: Collection[str]) -> dict[str, str]:
    """Return what people call these customers, by id."""
    query = (
        f"SELECT id, name, code FROM customers WHERE workspace = ? AND {bulk.among(database, 'id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return {id_: f"{name} ({code})" if code else name for id_, name, code in rows}


def insert_synced(
    database: Database,
    workspace: str,
    contacts: Iterable[tuple[str, Contact]],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Make customers of contacts.

    :param contacts: each with the id its customer gets.
    :param fields: what is taken of them beside the name.
    """
    taken = _in_order({"name", *fields})
    stamp = to_micros(now)
    columns = ("workspace", "id", *_columns(taken), "create_time", "update_time")
    rows = [(workspace, id_, *_values(contact, taken), stamp, stamp) for id_, contact in contacts]
    bulk.insert(database, "customers", columns, rows)


def update_synced(
    database: Database,
    workspace: str,
    contacts: Iterable[tuple[str, Contact]],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Bring mapped customers up to date with their contacts.

    :param contacts: each with its customer's id.
    :param fields: what is taken of them.
    """
    taken = _in_order(fields)
    stamp = to_micros(now)
    bulk.update(
        database,
        "customers",
        key=("workspace", "id"),
        columns=(*_columns(taken), "update_time"),
        rows=[(*_values(contact, taken), stamp, workspace, id_) for id_, contact in contacts],
    )


def _in_order(fields: Collection[str]) -> tuple[str, ...]:
    return tuple(field for field in _SYNCED if field in fields)


def _columns(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for field in fields for column in _SYNCED[field])


def _values(contact: Contact, fields: Sequence[str]) -> list[object]:
    values: list[object] = []
    for field in fields:
        values += _synced(contact, field)
    return values


def _synced(contact: Contact, field: str) -> tuple[object, ...]:
    match field:
        case "name":
            return (contact.name, key(contact.name))
        case "code":
            code = contact.codes[0] if contact.codes else ""
            return (code, key(code))
        case "email":
            return (contact.email, key(contact.email))
        case "phone":
            return (contact.phone,)
        case "address":
            return (postal.to_column(contact.address),)
        case _:
            return (contact.active,)
