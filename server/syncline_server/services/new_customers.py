"""Storing customers that were created at their provider first."""

from dataclasses import replace
from datetime import datetime

from syncline_sdk import Contact
from syncline_server.core import customer_draft, provenance
from syncline_server.core.creation import Creation, NewCustomer
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import MappingState
from syncline_server.core.ownership import wire_name
from syncline_server.core.provenance import Source
from syncline_server.core.records import Customer
from syncline_server.services.external_ids import unless_taken
from syncline_server.storage import contacts
from syncline_server.storage import customers as rows
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.database import Database

COLLECTION = "customers"


def holder(database: Database, creation: Creation, contact_id: str) -> Customer | None:
    """Return the customer that a contact is mapped to already."""
    known = contacts.read(database, creation.organisation, [contact_id]).get(contact_id)
    if known is None or known.customer_id is None:
        return None
    workspace = creation.organisation.workspace
    return rows.by_ids(database, workspace, [known.customer_id], lock=True).get(known.customer_id)


def store(
    database: Database, creation: Creation, contact: Contact, make_id: MakeId, now: datetime
) -> str:
    """Store a customer as the provider made it, mapped, and return its id.

    A contact that is mapped already has its customer: that one takes what is always local. One
    that was made here under the id meanwhile is mapped, and the next pull brings it up to date.
    """
    content = _content(creation)
    content = replace(content, record=unless_taken(database, COLLECTION, content.record))
    if (other := holder(database, creation, contact.id)) is not None:
        rows.update(database, _with_local_fields(other, content, now), now)
        return other.id
    source = Source(now, creation.organisation.provider, creation.organisation.id)
    customer = _as_answered(content, contact, source)
    content_hash = Fingerprinter(content.fields).of(contact)
    if not rows.insert(database, customer, now):
        content_hash = ""
        if contacts.of_customers(database, creation.organisation, [customer.id]):
            customer = replace(customer, id=make_id())
            rows.insert(database, customer, now)
    row = ContactRow(contact, content_hash, MappingState.MAPPED, customer.id)
    contacts.write(database, creation.organisation, [row], now)
    return customer.id


def _content(creation: Creation) -> NewCustomer:
    if not isinstance(creation.content, NewCustomer):
        raise TypeError("contacts are made of customers")
    return creation.content


def values(contact: Contact) -> dict[str, object]:
    """Return what a contact says of each field of its customer, whoever owns the field."""
    return {
        "display_name": contact.name,
        "code": contact.codes[0] if contact.codes else "",
        "email": contact.email,
        "phone": contact.phone,
        "address": contact.address,
        "active": contact.active,
    }


def _as_answered(content: NewCustomer, contact: Contact, source: Source) -> Customer:
    owned = _owned(content)
    taken = {name: value for name, value in values(contact).items() if name in owned}
    sources = dict.fromkeys(taken, source)
    return replace(content.record, sources=sources, **taken)  # type: ignore[arg-type]  # each is a field of it


def _with_local_fields(other: Customer, content: NewCustomer, now: datetime) -> Customer:
    names = [name for name in customer_draft.FIELDS if name not in _owned(content)]
    local = {name: getattr(content.record, name) for name in names}
    local["external_id"] = content.record.external_id or other.external_id
    after = replace(other, **local)
    changed = customer_draft.changed(other, after)
    return replace(after, sources=provenance.set_here(other.sources, changed, now))


def _owned(content: NewCustomer) -> set[str]:
    return {*map(wire_name, content.fields), "display_name"}
