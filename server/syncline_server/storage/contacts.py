"""Rows of ``contacts``: a provider's contacts and the customers they are mapped to."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from syncline_sdk import Contact
from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import Candidate, ContactMapping
from syncline_server.core.matching import key
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, changes, customers
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros
from syncline_server.storage.where import Where, any_like, contained

_KEY = ("workspace", "provider", "organisation_id", "contact_id")
_COLUMNS = (
    *_KEY,
    "name",
    "name_key",
    "code",
    "email",
    "active",
    "merged_into",
    "content_hash",
    "state",
    "review_reason",
    "customer_id",
    "candidates",
    "detached",
    "present",
    "update_time",
)
# By "id > ''" SQLite walks the key, not an index it would look every row up from.
_ON_EITHER_SIDE = (
    f"({any_like('name_key', 'LOWER(code)', 'LOWER(email)')}"
    " OR customer_id IN (SELECT id FROM customers"
    f" WHERE workspace = ? AND id > '' AND {any_like('name_key', 'code_key')}))"
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


class StoredContact(NamedTuple):
    """What is known of a contact before a page is stored."""

    id: str
    content_hash: str
    state: MappingState
    customer_id: str | None
    merged_into: str
    detached: bool
    present: bool = True
    """Whether the provider still has it, as far as is known."""


class CustomerContact(NamedTuple):
    """How a customer's contact stands."""

    id: str
    state: MappingState
    active: bool
    present: bool
    """Whether the provider still has it, as far as is known."""


class ContactRow(NamedTuple):
    """What a page makes of a contact."""

    contact: Contact
    content_hash: str
    state: MappingState
    customer_id: str | None = None
    review_reason: str = ""
    candidates: tuple[str, ...] = ()
    """Ids of customers that fit, when it is AMBIGUOUS."""
    detached: bool = False


def read(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, StoredContact]:
    """Return what is stored of these contacts, by id."""
    query = (
        "SELECT contact_id, content_hash, state, customer_id, merged_into, detached, present"
        f" FROM contacts WHERE {_OF} AND {bulk.among(database, 'contact_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return {row[0]: StoredContact(*row) for row in rows}


def get(database: Database, organisation: Organisation, contact_id: str) -> ContactMapping | None:
    """Return one contact with its mapping, or None."""
    found = mappings(database, organisation, [contact_id])
    return found[0] if found else None


def mappings(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> list[ContactMapping]:
    """Return those of these contacts that are there, with their mappings."""
    query = f"SELECT * FROM contacts WHERE {_OF} AND {bulk.among(database, 'contact_id')}"
    rows = database.rows(query, (*organisation, bulk.members(database, ids)))
    return _mappings(database, organisation, rows)


def of_customers(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, CustomerContact]:
    """Return how the contacts of these customers stand, by customer id."""
    query = (
        f"SELECT customer_id, contact_id, state, active, present FROM contacts WHERE {_OF}"
        f" AND {bulk.among(database, 'customer_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return {
        row[0]: CustomerContact(row[1], MappingState(row[2]), bool(row[3]), bool(row[4]))
        for row in rows
    }


def write(
    database: Database, organisation: Organisation, rows: Collection[ContactRow], now: datetime
) -> None:
    """Store contacts with their mappings, each once.

    :raises peewee.IntegrityError: a customer would be mapped twice in this organisation.
    """
    stamp = to_micros(now)
    bulk.upsert(
        database,
        "contacts",
        key=_KEY,
        columns=_COLUMNS,
        rows=[(*organisation, *_columns(row), stamp) for row in rows],
    )
    _note(database, organisation, [row.contact.id for row in rows], now)


def release(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    """Untie contacts from their customers, so that others can take these."""
    database.execute(
        "UPDATE contacts SET customer_id = NULL, state = 'UNMAPPED', update_time = ?,"
        f" version = version + 1 WHERE {_OF} AND {bulk.among(database, 'contact_id')}",
        (to_micros(now), *organisation, bulk.members(database, ids)),
    )
    _note(database, organisation, ids, now)


def point(
    database: Database,
    organisation: Organisation,
    customers: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Map stored contacts to customers; their next read brings the customers up to date.

    :param customers: pairs of contact id and customer id.
    """
    stamp = to_micros(now)
    bulk.update(
        database,
        "contacts",
        key=_KEY,
        columns=("customer_id", "state", "candidates", "content_hash", "update_time"),
        rows=[
            (customer, MappingState.MAPPED, "[]", "", stamp, *organisation, contact)
            for contact, customer in customers
        ],
    )
    _note(database, organisation, [contact for contact, _ in customers], now)


def assign(
    database: Database,
    organisation: Organisation,
    contact_id: str,
    customer_id: str,
    now: datetime,
) -> None:
    """Map a contact to a customer as a person says; its next read brings the customer up to date.

    :raises peewee.IntegrityError: another contact of this organisation has the customer.
    """
    _settle(database, organisation, contact_id, (customer_id, MappingState.MAPPED, False), now)


def detach(database: Database, organisation: Organisation, contact_id: str, now: datetime) -> None:
    """Leave a contact without a customer as a person says; no pull gives it one."""
    _settle(database, organisation, contact_id, (None, MappingState.UNMAPPED, True), now)


def page(
    database: Database, organisation: Organisation, wanted: MappingFilter, after: str, limit: int
) -> list[ContactMapping]:
    """Return contacts with their mappings behind a contact id, in order."""
    where = Where(f"{_OF} AND contact_id > ?", *organisation, after)
    where.one_of("state", wanted.states)
    if wanted.leaves_out_mapped:
        where.add("state <> 'MAPPED'")
    if pattern := contained(wanted.text):
        where.add(_ON_EITHER_SIDE, *[pattern] * 3, organisation.workspace, *[pattern] * 2)
    query = f"SELECT * FROM contacts WHERE {where} ORDER BY contact_id LIMIT ?"
    rows = database.rows(query, (*where.parameters, limit))
    return _mappings(database, organisation, rows)


def of_customers_anywhere(
    database: Database, workspace: str, ids: Collection[str]
) -> list[tuple[str, Organisation, str]]:
    """Return the mappings of customers in any organisation: id, organisation, contact id."""
    query = (
        "SELECT customer_id, workspace, provider, organisation_id, contact_id FROM contacts"
        f" WHERE workspace = ? AND {bulk.among(database, 'customer_id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return [(row[0], Organisation(*row[1:4]), row[4]) for row in rows]


def forget_content(database: Database, workspace: str, customer_ids: Collection[str]) -> None:
    """Make the next read of customers' contacts bring the customers up to date again.

    For changes made here while no provider owned the field.
    """
    database.execute(
        "UPDATE contacts SET content_hash = '' WHERE workspace = ?"
        f" AND {bulk.among(database, 'customer_id')}",
        (workspace, bulk.members(database, customer_ids)),
    )


def _settle(
    database: Database,
    organisation: Organisation,
    contact_id: str,
    settled: tuple[str | None, MappingState, bool],
    now: datetime,
) -> None:
    bulk.update(
        database,
        "contacts",
        key=_KEY,
        columns=(
            "customer_id",
            "state",
            "detached",
            "candidates",
            "review_reason",
            "content_hash",
            "update_time",
        ),
        rows=[(*settled, "[]", "", "", to_micros(now), *organisation, contact_id)],
    )
    _note(database, organisation, [contact_id], now)


def _note(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    changes.note_at(database, ChangeKind.CONTACT_MAPPING, organisation, ids, now)


def _columns(row: ContactRow) -> tuple[object, ...]:
    contact = row.contact
    return (
        contact.id,
        contact.name,
        key(contact.name),
        contact.codes[0] if contact.codes else "",
        contact.email,
        contact.active,
        contact.merged_into,
        row.content_hash,
        row.state,
        row.review_reason,
        row.customer_id,
        json.dumps(row.candidates) if row.candidates else "[]",
        row.detached,
        True,
    )


def _mappings(
    database: Database, organisation: Organisation, rows: Sequence[Row]
) -> list[ContactMapping]:
    """Return mappings with what people call our side of them, for one more statement."""
    fitting = {row["contact_id"]: _candidates(row) for row in rows}
    ids = {row["customer_id"] for row in rows}.union(*fitting.values()) - {None}
    called = customers.called(database, organisation.workspace, ids) if ids else {}
    return [_mapping(row, fitting[row["contact_id"]], called) for row in rows]


def _candidates(row: Row) -> tuple[str, ...]:
    ambiguous = row["state"] == MappingState.AMBIGUOUS
    return tuple(json.loads(row["candidates"])) if ambiguous else ()


def _mapping(
    row: Row, candidates: Sequence[str], called: Mapping[str, tuple[str, str]]
) -> ContactMapping:
    name, code = called.get(row["customer_id"], ("", ""))
    return ContactMapping(
        organisation=Organisation(row["workspace"], row["provider"], row["organisation_id"]),
        contact_id=row["contact_id"],
        contact_name=row["name"],
        contact_code=row["code"],
        contact_email=row["email"],
        contact_active=bool(row["active"]),
        contact_present=bool(row["present"]),
        state=MappingState(row["state"]),
        review_reason=row["review_reason"],
        customer_id=row["customer_id"],
        customer_name=name,
        customer_code=code,
        detached=bool(row["detached"]),
        candidates=tuple(Candidate(id_, *called.get(id_, ("", ""))) for id_ in candidates),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )


def update_times(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, datetime]:
    """Return when these contacts changed last, by id."""
    query = (
        f"SELECT contact_id, update_time FROM contacts WHERE {_OF}"
        f" AND {bulk.among(database, 'contact_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return {id_: from_micros(changed) for id_, changed in rows}
