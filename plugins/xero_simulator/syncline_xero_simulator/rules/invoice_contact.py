"""The contact an invoice is for."""

from dataclasses import replace

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact, ContactStatus
from syncline_xero_simulator.books.invoice import InvoiceType
from syncline_xero_simulator.rules.contacts import change_contact, contact_named, write_contact
from syncline_xero_simulator.rules.writing import Mode, RefusedError, WriteContext
from syncline_xero_simulator.wire.inbound import Element

_ARCHIVED = (
    "The contact with the specified contact details has been archived. The contact must be "
    "un-archived before creating new invoices or credit notes."
)
_MISSING = "A Contact must be specified for this type of transaction"
_DETAILS = {
    "FirstName", "LastName", "EmailAddress", "AccountNumber", "Addresses", "Phones",
    "ContactPersons", "TaxNumber", "CompanyNumber", "BankAccountDetails",
}  # fmt: skip


def invoice_contact(books: Books, element: Element | None, context: WriteContext) -> Contact:
    """Return the contact that is meant, created or changed where the client asked for that.

    Raises `RefusedError`: for a missing one on the invoice, otherwise on its contact.
    """
    if element is None or not any(
        element.has(name) for name in ("ContactID", "ContactNumber", "Name")
    ):
        raise RefusedError([_MISSING])
    found = _found(books, element, context)
    if found is None:
        return _created(books, element, context)
    check_open(found)
    return _changed(books, element, found, context)


def check_open(contact: Contact) -> None:
    """Raise `RefusedError` if no invoice of this contact may be made or changed."""
    if contact.status is not ContactStatus.ACTIVE:
        raise RefusedError([_ARCHIVED])


def mark_traded(books: Books, contact_id: str, kind: InvoiceType) -> None:
    """Note that a contact has invoices; `UpdatedDateUTC` stays, as in Xero."""
    contact = books.contacts.get(contact_id)
    if contact is None:
        return
    sale = kind is InvoiceType.ACCREC
    if not (contact.is_customer if sale else contact.is_supplier):
        books.contacts.put(
            replace(
                contact,
                is_customer=contact.is_customer or sale,
                is_supplier=contact.is_supplier or not sale,
            )
        )


def _found(books: Books, element: Element, context: WriteContext) -> Contact | None:
    if element.has("ContactID"):
        found = books.contacts.get(element.text("ContactID").lower())
        if found is None:
            message = context.switches.unknown_contact_text
            raise RefusedError([], [message])
        return found
    by_number = books.contacts.find("number", element.text("ContactNumber").casefold())
    return by_number or contact_named(books, element.text("Name"), context)


def _created(books: Books, element: Element, context: WriteContext) -> Contact:
    if not context.may_create_contacts:
        raise RefusedError([], ["You do not have permission to create contacts."])
    try:
        return write_contact(books, element, Mode.UPSERT, context).record
    except RefusedError as error:
        raise RefusedError([], error.messages) from error


def _changed(books: Books, element: Element, contact: Contact, context: WriteContext) -> Contact:
    renamed = element.has("ContactID") and element.text("Name", contact.name) != contact.name
    if not renamed and not _DETAILS.intersection(element.data):
        return contact
    try:
        return change_contact(books, element, contact, context)
    except RefusedError as error:
        raise RefusedError([], error.messages) from error
