"""Xero's contacts as neutral records: which phone and address are synced, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from syncline_sdk import Address, Contact, Value
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Answer, Element, ListDecoder


class PhoneField(StrEnum):
    """Which of a contact's phones is synced; all but ``NONE`` are Xero's phone types."""

    DEFAULT = "DEFAULT"
    DDI = "DDI"
    FAX = "FAX"
    MOBILE = "MOBILE"
    NONE = "NONE"


class AddressField(StrEnum):
    """Which of a contact's addresses is synced."""

    BILLING = "BILLING"
    DELIVERY = "DELIVERY"
    NONE = "NONE"


# POBOX is the one Xero prints on invoices; STREET the physical one.
_XERO_ADDRESS: Final = {AddressField.BILLING: "POBOX", AddressField.DELIVERY: "STREET"}


def contact_decoder() -> ListDecoder[wire.Contact]:
    """Return a decoder for lists of contacts."""
    return ListDecoder(wire.Contact, Element(id_key="ContactID", name_key="Name"))


def read_by_ids(client: XeroClient, ids: Sequence[str]) -> Answer[wire.Contact]:
    """Return the contacts with these ids, archived ones too, as many as one call may name.

    An id this organisation does not know is left out silently. Only paged lists tell mergers.
    """
    params = {"includeArchived": "true", "IDs": ",".join(ids), "page": "1"}
    return client.read("Contacts", contact_decoder(), params={**params, "pageSize": "100"})


def chosen_fields(settings: Mapping[str, Value]) -> tuple[str, str]:
    """Return the phone and the address the workspace syncs, by Xero's names for them.

    A choice to sync none gives a name that no phone or address has.
    """
    address = AddressField(str(settings["address_field"]))
    return str(settings["phone_field"]), _XERO_ADDRESS.get(address, "")


def to_contact(row: wire.Contact, phone_type: str, address_type: str) -> Contact:
    """Return the neutral contact.

    :param row: has an id and a name.
    :param phone_type: the phone to take, by Xero's name; one that no phone has takes none.
    :param address_type: the address to take, likewise.
    """
    return Contact(
        row.id or "",
        (row.name or "").strip(),
        _codes(row.contact_number, row.account_number),
        (row.email or "").strip(),
        _phone(row.phones, phone_type),
        _address(row.addresses, address_type),
        # ARCHIVED, GDPRREQUEST and whatever Xero adds cannot be invoiced; nothing said is active.
        row.status == "ACTIVE" or row.status is None,
        row.merged_to or "",
    )


def _codes(contact_number: str | None, account_number: str | None) -> tuple[str, ...]:
    first = contact_number.strip() if contact_number else ""
    second = account_number.strip() if account_number else ""
    if not second or second == first:
        return (first,) if first else ()
    return (first, second) if first else (second,)


def _phone(phones: list[wire.Phone] | None, phone_type: str) -> str:
    for phone in phones or ():
        if phone.phone_type == phone_type and phone.phone_number:
            return _written(phone)
    return ""


def _written(phone: wire.Phone) -> str:
    """Return country, area and number as one writes them: ``+64 3 5550134``."""
    number = (phone.phone_number or "").strip()
    if not number:
        return ""
    country = (phone.phone_country_code or "").strip().lstrip("+")
    area = (phone.phone_area_code or "").strip()
    return " ".join([part for part in (country and f"+{country}", area, number) if part])


def _address(addresses: list[wire.PostalAddress] | None, address_type: str) -> Address | None:
    for row in addresses or ():
        if row.address_type == address_type:
            address = Address(
                _lines(row),
                (row.city or "").strip(),
                (row.region or "").strip(),
                (row.postal_code or "").strip(),
                (row.country or "").strip(),
                (row.attention_to or "").strip(),
            )
            if any(address):
                return address
    return None


def _lines(row: wire.PostalAddress) -> tuple[str, ...]:
    lines = (row.address_line1, row.address_line2, row.address_line3, row.address_line4)
    return tuple([line.strip() for line in lines if line and line.strip()])
