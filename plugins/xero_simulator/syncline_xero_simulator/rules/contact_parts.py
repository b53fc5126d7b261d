"""Phones, addresses and persons of a contact: merged by type, or replaced."""

from enum import StrEnum
from typing import TypeVar

from syncline_xero_simulator.books.contact import (
    Address,
    AddressType,
    Contact,
    Person,
    Phone,
    PhoneType,
)
from syncline_xero_simulator.rules.writing import too_long
from syncline_xero_simulator.wire.inbound import Element, PostDataError

_MOST_PERSONS = 5
_ADDRESS_MEMBERS = {
    "line1": ("AddressLine1", 500),
    "line2": ("AddressLine2", 500),
    "line3": ("AddressLine3", 500),
    "line4": ("AddressLine4", 500),
    "city": ("City", 255),
    "region": ("Region", 255),
    "postal_code": ("PostalCode", 50),
    "country": ("Country", 50),
    "attention_to": ("AttentionTo", 255),
}
_PHONE_MEMBERS = {
    "number": ("PhoneNumber", 50),
    "area_code": ("PhoneAreaCode", 10),
    "country_code": ("PhoneCountryCode", 20),
}

K = TypeVar("K", bound=StrEnum)


def merged_phones(before: tuple[Phone, ...], sent: list[Element] | None) -> tuple[Phone, ...]:
    """Return the set phones after replacing those whose type was sent; blank ones vanish."""
    phones = {phone.type: phone for phone in before}
    for element in sent or []:
        kind = _kind(PhoneType, element, "PhoneType")
        texts = {field: element.text(member) for field, (member, _) in _PHONE_MEMBERS.items()}
        phones[kind] = Phone(type=kind, **texts)
    return tuple(phone for phone in phones.values() if phone.number)


def merged_addresses(
    before: tuple[Address, ...], sent: list[Element] | None
) -> tuple[Address, ...]:
    """Return the set addresses after replacing those whose type was sent; blank ones vanish."""
    addresses = {address.type: address for address in before}
    for element in sent or []:
        kind = _kind(AddressType, element, "AddressType")
        texts = {field: element.text(member) for field, (member, _) in _ADDRESS_MEMBERS.items()}
        addresses[kind] = Address(type=kind, **texts)
    return tuple(address for address in addresses.values() if address != Address(type=address.type))


def merged_persons(before: tuple[Person, ...], sent: list[Element] | None) -> tuple[Person, ...]:
    """Return the persons: a list replaces, an empty list changes nothing, a blank one clears."""
    if not sent:
        return before
    persons = tuple(
        Person(
            first_name=element.text("FirstName"),
            last_name=element.text("LastName"),
            email=element.text("EmailAddress"),
            include_in_emails=bool(element.flag("IncludeInEmails")),
        )
        for element in sent
    )
    return tuple(person for person in persons if person != Person())


def part_errors(contact: Contact) -> list[str]:
    """Return what is wrong with a contact's phones, addresses and persons."""
    errors = [
        message
        for members, parts in (
            (_PHONE_MEMBERS, contact.phones),
            (_ADDRESS_MEMBERS, contact.addresses),
        )
        for part in parts
        for field, (member, longest) in members.items()
        for message in too_long(member, str(getattr(part, field)), longest)
    ]
    if any(character.isdigit() for address in contact.addresses for character in address.country):
        errors.append("The Country field must contain letters only.")
    if len(contact.persons) > _MOST_PERSONS:
        errors.append(f"A contact can have at most {_MOST_PERSONS} contact persons.")
    return errors


def _kind(kinds: type[K], element: Element, member: str) -> K:
    try:
        return kinds(element.text(member))
    except ValueError as error:
        raise PostDataError(f"{member} must be one of {', '.join(kinds)}") from error
