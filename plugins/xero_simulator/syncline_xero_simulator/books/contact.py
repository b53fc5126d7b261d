"""A contact: somebody the organisation sells to or buys from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class ContactStatus(StrEnum):
    """Where a contact is in its life."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    GDPRREQUEST = "GDPRREQUEST"


class PhoneType(StrEnum):
    """The four phones every contact has."""

    DDI = "DDI"
    DEFAULT = "DEFAULT"
    FAX = "FAX"
    MOBILE = "MOBILE"


class AddressType(StrEnum):
    """The two addresses every contact has."""

    STREET = "STREET"
    POBOX = "POBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One phone; a blank number is an unset phone."""

    type: PhoneType
    number: str = ""
    area_code: str = ""
    country_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address; every part blank is an unset address."""

    type: AddressType
    line1: str = ""
    line2: str = ""
    line3: str = ""
    line4: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    attention_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A further person of a contact, beside the primary one."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    include_in_emails: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact. `phones` and `addresses` hold the set ones only."""

    contact_id: str
    name: str
    updated: datetime
    status: ContactStatus = ContactStatus.ACTIVE
    contact_number: str = ""
    account_number: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    company_number: str = ""
    tax_number: str = ""
    bank_account: str = ""
    default_currency: str = ""
    sales_tax_type: str = ""
    purchases_tax_type: str = ""
    sales_terms_days: int | None = None
    discount: Decimal | None = None
    phones: tuple[Phone, ...] = ()
    addresses: tuple[Address, ...] = ()
    persons: tuple[Person, ...] = ()
    is_customer: bool = False
    is_supplier: bool = False
    merged_to: str = ""

    @property
    def key(self) -> str:
        """The contact's id."""
        return self.contact_id


def active_name(contact: Contact) -> str | None:
    """Return the folded name under which an active contact reserves its name."""
    return contact.name.casefold() if contact.status is ContactStatus.ACTIVE else None


def active_exact_name(contact: Contact) -> str | None:
    """Return the name an active contact reserves where case matters."""
    return contact.name if contact.status is ContactStatus.ACTIVE else None
