"""Creating a contact in Xero, and finding one that was created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncline_sdk import (
    Address,
    Contact,
    ContactDraft,
    CreateContext,
    Creator,
    PluginError,
    RecordRejected,
    RetryLater,
    Value,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.contact_records import PhoneField, chosen_fields, to_contact
from syncline_xero.creating import Refused, put_one, quoted
from syncline_xero.decoding import Element, ListDecoder

REJECTED: Final = "XERO_CONTACT_REJECTED"
TAKEN: Final = "XERO_CONTACT_TAKEN"
ARCHIVED: Final = "XERO_CONTACT_ARCHIVED"

_ADDRESS_LINES: Final = 4
_EVERY_STATUS: Final = {"includeArchived": "true", "page": "1"}


def contact_creator() -> Creator[ContactDraft, Contact]:
    """Return how a contact is created in Xero."""
    return Creator(create=create, find=find)


def create(ctx: CreateContext, draft: ContactDraft) -> Contact:
    """Create a contact; its ContactNumber is our code.

    :raises RecordRejected: Xero refused; whose a number or name is is read, never guessed.
    :raises RetryLater: the call was not carried out.
    :raises AccessLost: the organisation is no longer connected.
    :raises OutcomeUnknown: nobody can tell what became of it.
    """
    try:
        row = put_one(ctx, "Contacts", _to_wire(draft, ctx.settings), wire.Contact)
    except Refused as refused:
        raise _explained(ctx, draft, refused) from refused
    return to_contact(row, *chosen_fields(ctx.settings))


def find(ctx: CreateContext, draft: ContactDraft) -> Contact | None:
    """Return the contact that creating this draft made, or None.

    It is looked for by its name, which Xero reads fast however many contacts there are, and
    recognised by its number as well, which nobody can type in Xero.
    """
    chosen = chosen_fields(ctx.settings)
    contacts = [to_contact(row, *chosen) for row in _called(ctx, draft.name) if row.id and row.name]
    return next((contact for contact in contacts if draft.is_met_by(contact)), None)


def _to_wire(draft: ContactDraft, settings: Mapping[str, Value]) -> dict[str, object]:
    phone_type, address_type = chosen_fields(settings)
    # Xero refuses names with double spaces.
    element: dict[str, object] = {"Name": " ".join(draft.name.split())}
    if draft.code:
        element["ContactNumber"] = draft.code
    if draft.email:
        element["EmailAddress"] = draft.email
    if draft.phone and phone_type != PhoneField.NONE:
        element["Phones"] = [{"PhoneType": phone_type, "PhoneNumber": draft.phone}]
    if draft.address and address_type:
        element["Addresses"] = [{"AddressType": address_type, **_parts(draft.address)}]
    return element


def _parts(address: Address) -> dict[str, str]:
    lines = address.lines[:_ADDRESS_LINES]
    parts = {f"AddressLine{place}": line for place, line in enumerate(lines, start=1)}
    parts |= {
        "City": address.city,
        "Region": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
        "AttentionTo": address.attention_to,
    }
    return {name: text for name, text in parts.items() if text}


def _explained(ctx: CreateContext, draft: ContactDraft, refused: Refused) -> RecordRejected:
    """Return why Xero refused it: in our words when another contact stands in the way.

    Where that cannot be read, Xero's own words must do.
    """
    try:
        holders = [*_numbered(ctx, draft.code), *_called(ctx, draft.name)]
    except PluginError:
        holders = []
    for row in holders:
        if row.status != "ACTIVE" and _same(row.contact_number, draft.code):
            message = (
                f"Xero has an archived contact with the number {draft.code}, {row.name}. Restore"
                " it in Xero and sync, or use another code."
            )
            return RecordRejected(ARCHIVED, message)
        if row.status == "ACTIVE":
            number = f" with the number {row.contact_number}" if row.contact_number else ""
            message = f"Xero has another contact called {row.name}{number}. {refused.said}"
            return RecordRejected(TAKEN, message)
    return RecordRejected(REJECTED, refused.said)


def _called(ctx: CreateContext, name: str) -> list[wire.Contact]:
    """Return the contacts of this name, archived ones as well."""
    name = " ".join(name.split())
    literal = quoted(name)
    narrow = {"searchTerm": name} if literal is None else {"where": f"Name=={literal}"}
    return [row for row in _read(ctx, narrow) if _same(row.name, name)]


def _numbered(ctx: CreateContext, number: str) -> list[wire.Contact]:
    if not number:
        return []
    literal = quoted(number)
    narrow = {"searchTerm": number} if literal is None else {"where": f"ContactNumber=={literal}"}
    return [row for row in _read(ctx, narrow) if _same(row.contact_number, number)]


def _read(ctx: CreateContext, narrow: Mapping[str, str]) -> list[wire.Contact]:
    decoder = ListDecoder(wire.Contact, Element(id_key="ContactID", name_key="Name"))
    answer = XeroClient(ctx).read("Contacts", decoder, params={**_EVERY_STATUS, **narrow})
    if answer.bad:
        raise RetryLater("Xero holds a contact of this name or number that cannot be read.")
    return answer.rows


def _same(theirs: str | None, ours: str) -> bool:
    return bool(ours) and " ".join((theirs or "").split()).casefold() == ours.casefold()
