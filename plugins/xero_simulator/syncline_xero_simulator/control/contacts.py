"""Contacts through the control API: what people do in Xero's own pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncline_xero_simulator.accounting.call import Category
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact, ContactStatus
from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.rules.contacts import change_contact, contact_named, write_contact
from syncline_xero_simulator.rules.writing import Mode, RefusedError
from syncline_xero_simulator.wire.contact_json import ContactShape, contact_json
from syncline_xero_simulator.wire.inbound import Element

_LIST = "/simulator/organisations/<organisation>/contacts"
_ONE = f"{_LIST}/<contact>"


def get_contact(desk: Desk, _body: Element, values: Mapping[str, str]) -> Any:
    """Show a contact, named by id, number or name."""
    books = desk.books(values)
    return contact_json(_known(desk, books, values["contact"]), ContactShape.FULL)


def add_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Add a contact in Xero's form, e.g. `{"Name": "Kauri Cafe"}`."""
    books = desk.books(values)
    with books.lock:
        written = _ruled(lambda: write_contact(books, body, Mode.CREATE, desk.write_context()))
    contact: Contact = written.record
    desk.announce(books, Category.CONTACT, contact.contact_id, is_new=True)
    return contact_json(contact, ContactShape.FULL)


def edit_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Change a contact with members in Xero's form; the others stay."""
    books = desk.books(values)
    with books.lock:
        known = _known(desk, books, values["contact"])
        contact = _ruled(lambda: change_contact(books, body, known, desk.write_context()))
    desk.announce(books, Category.CONTACT, contact.contact_id)
    return contact_json(contact, ContactShape.FULL)


def archive_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Archive a contact."""
    only(body)
    return _moved(desk, values, ContactStatus.ARCHIVED)


def restore_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Make an archived contact active again."""
    only(body)
    return _moved(desk, values, ContactStatus.ACTIVE)


def merge_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Merge a contact `into` another: it is archived and points there; invoices move."""
    only(body, "into")
    books = desk.books(values)
    with books.lock:
        target = _known(desk, books, required(body, "into"))
        source = _known(desk, books, values["contact"])
        if source.contact_id == target.contact_id:
            raise ControlError("a contact cannot be merged into itself")
        for invoice in list(books.invoices.values()):
            if invoice.contact_id == source.contact_id:
                books.invoices.put(replace(invoice, contact_id=target.contact_id))
    return _moved(desk, values, ContactStatus.ARCHIVED, merged_to=target.contact_id)


def erase_contact(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Erase a contact after a privacy request (GDPRREQUEST)."""
    only(body)
    books = desk.books(values)
    with books.lock:
        known = _known(desk, books, values["contact"])
        erased = Contact(
            contact_id=known.contact_id,
            name=f"Erased {known.contact_id[:8]}",
            updated=desk.now(),
            status=ContactStatus.GDPRREQUEST,
        )
        books.contacts.put(erased)
    desk.announce(books, Category.CONTACT, erased.contact_id)
    return contact_json(erased, ContactShape.FULL)


def _moved(
    desk: Desk, values: Mapping[str, str], status: ContactStatus, merged_to: str = ""
) -> dict[str, Any]:
    books = desk.books(values)
    with books.lock:
        known = _known(desk, books, values["contact"])
        holder = contact_named(books, known.name, desk.write_context())
        if status is ContactStatus.ACTIVE and holder and holder.key != known.key:
            raise ControlError(f"another active contact is named {known.name!r}")
        moved = replace(known, status=status, updated=desk.now(), merged_to=merged_to)
        books.contacts.put(moved)
    desk.announce(books, Category.CONTACT, moved.contact_id)
    return contact_json(moved, ContactShape.FULL)


def _known(desk: Desk, books: Books, text: str) -> Contact:
    found = (
        books.contacts.get(text.lower())
        or books.contacts.find("number", text.casefold())
        or contact_named(books, text, desk.write_context())
    )
    if found is None:
        raise ControlError(f"there is no contact {text!r}", 404)
    return found


def _ruled(write: Any) -> Any:
    try:
        return write()
    except RefusedError as error:
        raise ControlError("; ".join(error.messages)) from error


def routes() -> list[Route]:
    """Return the routes of this noun."""
    return [
        Route(method="POST", path=_LIST, handler=add_contact),
        Route(method="GET", path=_ONE, handler=get_contact),
        Route(method="POST", path=_ONE, handler=edit_contact),
        Route(method="POST", path=f"{_ONE}/archive", handler=archive_contact),
        Route(method="POST", path=f"{_ONE}/restore", handler=restore_contact),
        Route(method="POST", path=f"{_ONE}/merge", handler=merge_contact),
        Route(method="POST", path=f"{_ONE}/gdpr", handler=erase_contact),
    ]
