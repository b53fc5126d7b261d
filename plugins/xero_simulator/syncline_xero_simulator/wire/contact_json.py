"""A contact as JSON, in its shapes."""

from enum import StrEnum
from typing import Any

from syncline_xero_simulator.books.contact import (
    Address,
    AddressType,
    Contact,
    Person,
    Phone,
    PhoneType,
)
from syncline_xero_simulator.wire.dates import instant
from syncline_xero_simulator.wire.numbers import money

_PHONES = tuple(PhoneType)
_ADDRESSES = tuple(AddressType)


class ContactShape(StrEnum):
    """How much of a contact is shown."""

    FULL = "full"
    UNPAGED = "unpaged"
    SUMMARY = "summary"


def contact_json(contact: Contact, shape: ContactShape) -> dict[str, Any]:
    """Return a contact in one shape; unset texts are left out."""
    head = {
        "ContactID": contact.contact_id,
        "ContactNumber": contact.contact_number,
        "AccountNumber": contact.account_number,
        "ContactStatus": contact.status,
        "Name": contact.name,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "CompanyNumber": contact.company_number,
        "EmailAddress": contact.email,
        "BankAccountDetails": contact.bank_account,
        "TaxNumber": contact.tax_number,
        "AccountsReceivableTaxType": contact.sales_tax_type,
        "AccountsPayableTaxType": contact.purchases_tax_type,
        "DefaultCurrency": contact.default_currency,
    }
    shown: dict[str, Any] = {name: value for name, value in head.items() if value}
    shown["Phones"] = _phones(contact)
    shown["UpdatedDateUTC"] = instant(contact.updated)
    if shape is not ContactShape.SUMMARY:
        shown["Addresses"] = _addresses(contact)
        shown["IsSupplier"] = contact.is_supplier
        shown["IsCustomer"] = contact.is_customer
    if shape is ContactShape.FULL:
        shown |= _paged_only(contact)
    shown["HasAttachments"] = False
    shown["HasValidationErrors"] = False
    return shown


def contact_summary(contact_id: str, name: str) -> dict[str, Any]:
    """Return the contact as an unpaged invoice list nests it."""
    return {
        "ContactID": contact_id,
        "Name": name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def _paged_only(contact: Contact) -> dict[str, Any]:
    extra: dict[str, Any] = {
        "ContactGroups": [],
        "ContactPersons": [_person(person) for person in contact.persons],
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
    }
    if contact.sales_terms_days is not None:
        terms = {"Day": contact.sales_terms_days, "Type": "DAYSAFTERBILLDATE"}
        extra["PaymentTerms"] = {"Sales": terms}
    if contact.discount is not None:
        extra["Discount"] = money(contact.discount)
    if contact.merged_to:
        extra["MergedToContactID"] = contact.merged_to
    return extra


def _phones(contact: Contact) -> list[dict[str, str]]:
    known = {phone.type: phone for phone in contact.phones}
    return [
        _phone(known.get(kind) or Phone(type=kind)) for kind in _turned(_PHONES, contact.contact_id)
    ]


def _phone(phone: Phone) -> dict[str, str]:
    return {
        "PhoneType": phone.type,
        "PhoneNumber": phone.number,
        "PhoneAreaCode": phone.area_code,
        "PhoneCountryCode": phone.country_code,
    }


def _addresses(contact: Contact) -> list[dict[str, str]]:
    known = {address.type: address for address in contact.addresses}
    return [
        _address(known.get(kind) or Address(type=kind))
        for kind in _turned(_ADDRESSES, contact.contact_id)
    ]


def _address(address: Address) -> dict[str, str]:
    optional = {
        "AddressLine1": address.line1,
        "AddressLine2": address.line2,
        "AddressLine3": address.line3,
        "AddressLine4": address.line4,
        "AttentionTo": address.attention_to,
    }
    return {
        "AddressType": address.type,
        **{name: value for name, value in optional.items() if value},
        "City": address.city,
        "Region": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "EmailAddress": person.email,
        "IncludeInEmails": person.include_in_emails,
    }


def _turned(kinds: tuple[Any, ...], contact_id: str) -> tuple[Any, ...]:
    """Return the types in an order that differs between contacts, as Xero's does."""
    start = ord(contact_id[0]) % len(kinds)
    return kinds[start:] + kinds[:start]
