"""The module ``contacts``: Xero's contacts become customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from syncline_sdk import (
    Address,
    Contact,
    Direction,
    Issue,
    ModuleSpec,
    OptionKind,
    RecordKind,
    RunContext,
    Setting,
    Toggle,
    Value,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Element, ListDecoder
from syncline_xero.paging import Page, PagedList, Place
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable


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


def contacts_module() -> ModuleSpec:
    """Return the module ``contacts``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="contacts",
        title="Contacts",
        direction=Direction.PULL,
        kind=RecordKind.CONTACT,
        toggle=Toggle(name="contacts", title="Sync Contacts"),
        cooldown=timedelta(seconds=60),
        run=run,
        after=("tax_mapping",),
        settings=(
            Setting(
                name="phone_field",
                title="Phone",
                kind=OptionKind.CHOICE,
                default=PhoneField.DEFAULT.value,
                choices=tuple(choice.value for choice in PhoneField),
                full_read_on_change=True,
            ),
            Setting(
                name="address_field",
                title="Address",
                kind=OptionKind.CHOICE,
                default=AddressField.BILLING.value,
                choices=tuple(choice.value for choice in AddressField),
                full_read_on_change=True,
            ),
        ),
        owns=owns,
    )


def owns(settings: Mapping[str, Value]) -> frozenset[str]:
    """Return the fields of a mapped customer that are Xero's under these settings."""
    owned = {"name", "code", "email", "active"}
    if settings["phone_field"] != PhoneField.NONE:
        owned.add("phone")
    if settings["address_field"] != AddressField.NONE:
        owned.add("address")
    return frozenset(owned)


def run(ctx: RunContext) -> None:
    """Pull contacts: all of them, or those changed since the watermark.

    Pages are stored as they come and the cursor keeps the first page's time, so an execution that
    takes the run up again ends with the same watermark.
    """
    client = XeroClient(ctx)
    place = Place.at(ctx.cursor)
    if place.until is not None:
        ctx.advance_watermark(place.until)
    told = False
    for page in _listing(ctx).pages(client, place):
        if not told:
            _tell(ctx, page)
            told = True
        _store(ctx, page)
        del page  # before the next one is decoded


def _listing(ctx: RunContext) -> PagedList[wire.Contact]:
    return PagedList(
        path="Contacts",
        params={"includeArchived": "true", "order": "ContactID"},
        decoder=ListDecoder(wire.Contact, Element(id_key="ContactID", name_key="Name")),
        row_id=lambda row: row.id,
        since=ctx.watermark,
    )


def _tell(ctx: RunContext, page: Page[wire.Contact]) -> None:
    if page.next.until is not None:
        ctx.advance_watermark(page.next.until)
    pagination = page.answer.pagination
    if pagination is not None and pagination.item_count is not None:
        ctx.progress(total=max(pagination.item_count, 0))


def _store(ctx: RunContext, page: Page[wire.Contact]) -> None:
    phone_type = str(ctx.settings["phone_field"])
    address_type = _XERO_ADDRESS.get(AddressField(str(ctx.settings["address_field"])), "")
    report_unreadable(ctx, RecordKind.CONTACT, page.answer.bad)
    records = []
    for row in page.answer.rows:
        if not row.id:
            report_unreadable(ctx, RecordKind.CONTACT, [unreadable("", row.name, "it has no id")])
        elif not row.name or not row.name.strip():
            _report_nameless(ctx, row)
        else:
            records.append(to_contact(row, phone_type, address_type))
    ctx.contacts.store(records, cursor=page.next.cursor())


def _report_nameless(ctx: RunContext, row: wire.Contact) -> None:
    ctx.issue(
        Issue(
            code="XERO_CONTACT_NAME_MISSING",
            message="This contact has no name in Xero, so no customer can be made of it.",
            action="Give the contact a name in Xero.",
            kind=RecordKind.CONTACT,
            record_id=row.id or "",
            record_name=row.email or row.contact_number or "",
        )
    )


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
