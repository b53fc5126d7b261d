"""Rows of ``customers``."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain

from syncline_sdk import Contact
from syncline_server.core import customer_draft, provenance
from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import RecordFilter
from syncline_server.core.matching import Keys, key
from syncline_server.core.organisations import Organisation
from syncline_server.core.records import Customer
from syncline_server.storage import bulk, changes, postal, sources
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros
from syncline_server.storage.where import Where

_COLUMNS = (
    "code",
    "code_key",
    "name",
    "name_key",
    "email",
    "email_key",
    "phone",
    "address",
    "active",
    "contact_person",
    "web_access",
    "notes",
    "external_id",
    "sources",
)

# A synced field's columns, in the order of the values in _synced.
_SYNCED = {
    "name": ("name", "name_key"),
    "code": ("code", "code_key"),
    "email": ("email", "email_key"),
    "phone": ("phone",),
    "address": ("address",),
    "active": ("active",),
}


def insert(database: Database, customer: Customer, now: datetime) -> bool:
    """Store a new customer; False when its id is taken."""
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    row = (customer.workspace, customer.id, *_row(customer), stamp, stamp)
    inserted = bulk.insert_new(database, "customers", columns, row)
    if inserted:
        changes.note(database, ChangeKind.CUSTOMER, customer.workspace, [customer.id], now)
    return inserted


def update(database: Database, customer: Customer, now: datetime) -> None:
    """Overwrite a customer."""
    update_all(database, customer.workspace, [customer], now)


def insert_all(
    database: Database, workspace: str, customers: Collection[Customer], now: datetime
) -> None:
    """Store new customers.

    :raises peewee.IntegrityError: an id or external id is taken.
    """
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    rows = [(workspace, each.id, *_row(each), stamp, stamp) for each in customers]
    bulk.insert(database, "customers", columns, rows)
    changes.note(database, ChangeKind.CUSTOMER, workspace, [each.id for each in customers], now)


def update_all(
    database: Database, workspace: str, customers: Collection[Customer], now: datetime
) -> None:
    """Overwrite customers."""
    stamp = to_micros(now)
    bulk.update(
        database,
        "customers",
        key=("workspace", "id"),
        columns=(*_COLUMNS, "update_time"),
        rows=[(*_row(each), stamp, workspace, each.id) for each in customers],
    )
    changes.note(database, ChangeKind.CUSTOMER, workspace, [each.id for each in customers], now)


def by_ids(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool = False
) -> dict[str, Customer]:
    """Return those of these customers that are there, by id.

    :param lock: hold their rows until the transaction ends.
    """
    rows = _rows_of(database, workspace, ids, lock=lock)
    return {id_: _from_row(row) for id_, row in rows.items()}


def id_of_code(database: Database, workspace: str, code: str) -> str | None:
    """Return the id of a customer with this code, whatever its case, or None.

    Others who ask about the code wait until this transaction ends.
    """
    database.queue_for(workspace, "customers", key(code))
    query = "SELECT id FROM customers WHERE workspace = ? AND code_key = ? AND code_key <> ''"
    row = database.row(query, (workspace, key(code)))
    return str(row["id"]) if row else None


def page(
    database: Database, workspace: str, wanted: RecordFilter, after: str, limit: int
) -> list[Customer]:
    """Return customers behind an id, in order."""
    where = Where("workspace = ? AND id > ?", workspace, after)
    if wanted.active_only:
        where.add("active")
    where.external_id(wanted.external_id)
    where.containing(wanted.text, "name_key", "code_key", "email_key")
    query = f"SELECT * FROM customers WHERE {where} ORDER BY id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


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


def called(database: Database, workspace: str, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return name and code of these customers, by id."""
    query = (
        f"SELECT id, name, code FROM customers WHERE workspace = ? AND {bulk.among(database, 'id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def titles(database: Database, workspace: str, ids: Collection[str]) -> dict[str, str]:
    """Return what people call these customers, by id."""
    found = called(database, workspace, ids).items()
    return {id_: f"{name} ({code})" if code else name for id_, (name, code) in found}


def insert_synced(
    database: Database,
    organisation: Organisation,
    contacts: Sequence[tuple[str, Contact]],
    fields: Collection[str],
    now: datetime,
) -> None:
    """Make customers of an organisation's contacts.

    :param contacts: each with the id its customer gets.
    :param fields: what is taken of them beside the name.
    """
    taken = _in_order({"name", *fields})
    workspace, stamp = organisation.workspace, to_micros(now)
    told = (sources.of_new(organisation, taken, now), stamp, stamp)
    columns = ("workspace", "id", *_columns(taken), "sources", "create_time", "update_time")
    rows = [(workspace, id_, *_values(contact, taken), *told) for id_, contact in contacts]
    bulk.insert(database, "customers", columns, rows)
    changes.note(database, ChangeKind.CUSTOMER, workspace, [id_ for id_, _ in contacts], now)


def update_synced(
    database: Database,
    organisation: Organisation,
    contacts: Sequence[tuple[str, Contact]],
    fields: Collection[str],
    now: datetime,
) -> set[str]:
    """Bring mapped customers up to date with an organisation's contacts.

    :param contacts: each with its customer's id.
    :param fields: what is taken of them.
    :returns: the ids of those whose code is another now.
    """
    if not contacts:
        return set()
    taken = _in_order(fields)
    workspace, stamp = organisation.workspace, to_micros(now)
    held = _rows_of(database, workspace, [id_ for id_, _ in contacts], lock=True)
    taken_over = sources.TakenOver(organisation, customer_draft.FIELDS, taken, now)
    rows, recoded = [], set()
    for id_, contact in contacts:
        if (row := held.get(id_)) is not None:
            values = [_synced(contact, field) for field in taken]
            changed = _changed(row, taken, values)
            if "code" in changed:
                recoded.add(id_)
            told = taken_over.column(row, changed)
            rows.append((*chain.from_iterable(values), told, stamp, workspace, id_))
    bulk.update(
        database,
        "customers",
        key=("workspace", "id"),
        columns=(*_columns(taken), "sources", "update_time"),
        rows=rows,
    )
    changes.note(database, ChangeKind.CUSTOMER, workspace, [id_ for id_, _ in contacts], now)
    return recoded


def _rows_of(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool
) -> dict[str, Row]:
    query = (
        f"SELECT * FROM customers WHERE workspace = ? AND {bulk.among(database, 'id')} ORDER BY id"
    )
    rows = database.rows(
        query + (database.for_update() if lock else ""), (workspace, bulk.members(database, ids))
    )
    return {row["id"]: row for row in rows}


def _changed(row: Row, fields: Sequence[str], values: Sequence[tuple[object, ...]]) -> list[str]:
    # A field's first column is its value, the others follow from it.
    return [
        field
        for field, value in zip(fields, values, strict=True)
        if row[_SYNCED[field][0]] != value[0]
    ]


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


def _row(customer: Customer) -> tuple[object, ...]:
    return (
        customer.code,
        key(customer.code),
        customer.display_name,
        key(customer.display_name),
        customer.email,
        key(customer.email),
        customer.phone,
        postal.to_column(customer.address),
        customer.active,
        customer.contact_person,
        customer.web_access,
        customer.notes,
        customer.external_id,
        provenance.render(customer.sources),
    )


def _from_row(row: Row) -> Customer:
    return Customer(
        workspace=row["workspace"],
        id=row["id"],
        code=row["code"],
        display_name=row["name"],
        email=row["email"],
        phone=row["phone"],
        address=postal.from_column(row["address"]),
        active=bool(row["active"]),
        contact_person=row["contact_person"],
        web_access=bool(row["web_access"]),
        notes=row["notes"],
        external_id=row["external_id"],
        sources=sources.from_row(row, customer_draft.FIELDS),
        create_time=from_micros(row["create_time"]),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
