"""Creating and changing contacts (developer.xero.com, contacts)."""

import re
from dataclasses import replace

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact, ContactStatus
from syncline_xero_simulator.rules.contact_parts import (
    merged_addresses,
    merged_persons,
    merged_phones,
    part_errors,
)
from syncline_xero_simulator.rules.writing import (
    Mode,
    RefusedError,
    WriteContext,
    Written,
    too_long,
)
from syncline_xero_simulator.switches import ContactMatch
from syncline_xero_simulator.wire.inbound import Element

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
_NO_IDENTITY = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
_TEXTS = {
    "name": ("Name", 255),
    "contact_number": ("ContactNumber", 50),
    "account_number": ("AccountNumber", 50),
    "first_name": ("FirstName", 255),
    "last_name": ("LastName", 255),
    "email": ("EmailAddress", 255),
    "company_number": ("CompanyNumber", 50),
    "tax_number": ("TaxNumber", 50),
    "bank_account": ("BankAccountDetails", 255),
    "default_currency": ("DefaultCurrency", 3),
    "sales_tax_type": ("AccountsReceivableTaxType", 50),
    "purchases_tax_type": ("AccountsPayableTaxType", 50),
}


def write_contact(
    books: Books, element: Element, mode: Mode, context: WriteContext
) -> Written[Contact]:
    """Save one contact; raise `RefusedError` with every broken rule."""
    match = _match(books, element, context)
    if mode is Mode.CREATE:
        return Written(record=_save(books, element, None, context), created=True)
    if match is None and not element.text("Name"):
        raise RefusedError([_missing(element, context)])
    return Written(record=_save(books, element, match, context), created=match is None)


def change_contact(
    books: Books, element: Element, contact: Contact, context: WriteContext
) -> Contact:
    """Change a known contact; raise `RefusedError` with every broken rule."""
    return _save(books, element, contact, context)


def contact_named(books: Books, name: str, context: WriteContext) -> Contact | None:
    """Return the active contact that holds a name."""
    if context.switches.contact_names_case_sensitive:
        return books.contacts.find("exact_name", name)
    return books.contacts.find("name", name.casefold())


def _match(books: Books, element: Element, context: WriteContext) -> Contact | None:
    by_id = books.contacts.get(element.text("ContactID").lower())
    if by_id is not None:
        return by_id
    found = [
        books.contacts.find("number", element.text("ContactNumber").casefold()),
        contact_named(books, element.text("Name"), context),
    ]
    if context.switches.contact_match is ContactMatch.NAME_THEN_NUMBER:
        found.reverse()
    return found[0] or found[1]


def _missing(element: Element, context: WriteContext) -> str:
    if element.has("ContactID"):
        return context.switches.unknown_contact_text
    return "Contact Name cannot be empty." if element.has("ContactNumber") else _NO_IDENTITY


def _save(books: Books, element: Element, before: Contact | None, context: WriteContext) -> Contact:
    if before is not None and before.status is not ContactStatus.ACTIVE:
        raise RefusedError([_ARCHIVED])
    after = _changed(before, element, context)
    errors = [
        *_text_errors(after),
        *part_errors(after),
        *_uniqueness_errors(books, after, context),
        *_status_errors(element),
    ]
    if errors:
        raise RefusedError(errors)
    books.contacts.put(after)
    return after


def _changed(before: Contact | None, element: Element, context: WriteContext) -> Contact:
    start = before or Contact(contact_id=context.mint.guid(), name="", updated=context.now)
    texts = {
        field: element.text(member) for field, (member, _) in _TEXTS.items() if element.has(member)
    }
    archived = element.text("ContactStatus") == ContactStatus.ARCHIVED
    return replace(
        start,
        **texts,  # type: ignore[arg-type]
        status=ContactStatus.ARCHIVED if archived else start.status,
        phones=merged_phones(start.phones, element.children("Phones")),
        addresses=merged_addresses(start.addresses, element.children("Addresses")),
        persons=merged_persons(start.persons, element.children("ContactPersons")),
        discount=element.number("Discount") if element.has("Discount") else start.discount,
        updated=context.now,
    )


def _text_errors(contact: Contact) -> list[str]:
    errors = [
        message
        for field, (member, longest) in _TEXTS.items()
        for message in too_long(member, str(getattr(contact, field)), longest)
    ]
    if contact.email and not _EMAIL.fullmatch(contact.email):
        errors.append("Email address must be valid")
    return [*_name_errors(contact.name), *errors]


def _name_errors(name: str) -> list[str]:
    if not name.strip():
        return ["Contact Name cannot be empty."]
    if "<" in name or ">" in name:
        return ["The contact name must not contain the characters < or >."]
    if name != " ".join(name.split(" ")).strip() or "  " in name:
        return ["The contact name must not have leading, trailing or double spaces."]
    return []


def _uniqueness_errors(books: Books, contact: Contact, context: WriteContext) -> list[str]:
    errors: list[str] = []
    if not context.switches.duplicates_refused:
        return errors
    if contact.status is ContactStatus.ACTIVE:
        errors += _name_taken(contact_named(books, contact.name, context), contact)
    if _taken(books.contacts.find("number", contact.contact_number.casefold()), contact):
        errors.append(
            f"The Contact Number {contact.contact_number} is already assigned to another contact."
        )
    if _taken(books.contacts.find("account", contact.account_number.casefold()), contact):
        errors.append("The Account Number already exists. Please enter a different Account Number.")
    return errors


def _name_taken(holder: Contact | None, contact: Contact) -> list[str]:
    if not _taken(holder, contact):
        return []
    message = (
        f"The contact name {contact.name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )
    return [message]


def _taken(holder: Contact | None, contact: Contact) -> bool:
    return holder is not None and holder.key != contact.key


def _status_errors(element: Element) -> list[str]:
    status = element.text("ContactStatus", "ACTIVE")
    if status in (ContactStatus.ACTIVE, ContactStatus.ARCHIVED):
        return []
    return [f"The ContactStatus {status} is not valid."]
