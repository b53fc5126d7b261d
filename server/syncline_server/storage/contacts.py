"""Rows of ``contacts``: a provider's contacts and the customers they are mapped to."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from syncline_sdk import Contact
from syncline_server.core.matching import key
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk
from syncline_server.storage.database import Database
from syncline_server.storage.values import to_micros

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
    "update_time",
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


class StoredContact(NamedTuple):
    """What is known of a contact before a page is stored."""

    id: str
    content_hash: str
    state: MappingState
    customer_id: str | None
    merged_into: str


class ContactRow(NamedTuple):
    """What a page makes of a contact."""

    contact: Contact
    content_hash: str
    state: MappingState
    customer_id: str | None = None
    review_reason: str = ""
    candidates: tuple[str, ...] = ()
    """Ids of customers that fit, when it is AMBIGUOUS."""


def read(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, StoredContact]:
    """Return what is stored of these contacts, by id."""
    query = (
        "SELECT contact_id, content_hash, state, customer_id, merged_into FROM contacts"
        f" WHERE {_OF} AND {bulk.among(database, 'contact_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return {row[0]: StoredContact(*row) for row in rows}


def of_customers(
    database: Database, organisation: Organisation, ids: Collection[str]
) -> dict[str, tuple[str, MappingState, bool]]:
    """Return contact id, state and activity of the contacts of these customers, by customer id."""
    query = (
        f"SELECT customer_id, contact_id, state, active FROM contacts WHERE {_OF}"
        f" AND {bulk.among(database, 'customer_id')}"
    )
    rows = database.tuples(query, (*organisation, bulk.members(database, ids)))
    return {row[0]: (row[1], MappingState(row[2]), bool(row[3])) for row in rows}


def write(
    database: Database, organisation: Organisation, rows: Iterable[ContactRow], now: datetime
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


def release(
    database: Database, organisation: Organisation, ids: Collection[str], now: datetime
) -> None:
    """Untie contacts from their customers, so that others can take these."""
    database.execute(
        "UPDATE contacts SET customer_id = NULL, state = 'UNMAPPED', update_time = ?,"
        f" version = version + 1 WHERE {_OF} AND {bulk.among(database, 'contact_id')}",
        (to_micros(now), *organisation, bulk.members(database, ids)),
    )


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


def forget_content(database: Database, workspace: str, customer_id: str) -> None:
    """Make the next read of a customer's contacts bring the customer up to date again.

    For a change made here while no provider owned the field.
    """
    database.execute(
        "UPDATE contacts SET content_hash = '' WHERE workspace = ? AND customer_id = ?",
        (workspace, customer_id),
    )


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
    )
