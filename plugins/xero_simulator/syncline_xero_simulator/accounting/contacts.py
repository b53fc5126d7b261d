"""/Contacts."""

from collections.abc import Callable

from syncline_xero_simulator.accounting.batches import Noun, write_all
from syncline_xero_simulator.accounting.call import Call, Category
from syncline_xero_simulator.accounting.lists import Source, check_size, question, select
from syncline_xero_simulator.books.contact import Contact, ContactStatus
from syncline_xero_simulator.query.paging import read_page
from syncline_xero_simulator.query.tables import contact_fields
from syncline_xero_simulator.rules.contacts import write_contact
from syncline_xero_simulator.rules.writing import Written
from syncline_xero_simulator.wire.contact_json import ContactShape, contact_json
from syncline_xero_simulator.wire.envelope import Listing, Pagination, rendered
from syncline_xero_simulator.wire.inbound import Element
from syncline_xero_simulator.wire.json_text import write_json
from syncline_xero_simulator.wire.problems import not_found

_COLLECTION = "Contacts"
_SUMMARY_LACKS = ("iscustomer", "issupplier")


def list_contacts(call: Call, _key: str) -> Listing:
    """List contacts."""
    summary = call.flag("summaryOnly")
    page = read_page(call.query.get("page"), call.query.get("pageSize"), forced=summary)
    shelf = call.books.contacts
    records = shelf.remembered(question(call), lambda: _selected(call))
    pagination: Pagination | None = None
    check_size(records, paged=page is not None)
    if page is not None:
        records, pagination = page.cut(records)
    shape = _shape(summary=summary, paged=page is not None)
    texts = tuple(shelf.text(record, shape, _renderer(shape)) for record in records)
    return Listing(collection=_COLLECTION, records=texts, pagination=pagination)


def get_contact(call: Call, key: str) -> Listing:
    """Return one contact, by id or by number."""
    contact = call.books.contacts.get(key.lower()) or call.books.contacts.find(
        "number", key.casefold()
    )
    if contact is None:
        raise not_found()
    shown = contact_json(contact, ContactShape.FULL)
    return Listing(collection=_COLLECTION, records=rendered([shown]))


def write_contacts(call: Call, _key: str) -> Listing:
    """Create contacts (PUT) or create and update them (POST)."""
    return write_all(call, _noun(call), call.elements(_COLLECTION))


def write_one_contact(call: Call, key: str) -> Listing:
    """Update the contact with this id."""
    if call.books.contacts.get(key.lower()) is None:
        raise not_found()
    element = Element({**call.elements(_COLLECTION)[0].data, "ContactID": key})
    return write_all(call, _noun(call), [element])


def _noun(call: Call) -> Noun[Contact]:
    context = call.write_context()

    def saved(written: Written[Contact]) -> None:
        call.announce(Category.CONTACT, written.record.contact_id, written.created)

    return Noun(
        collection=_COLLECTION,
        id_name="ContactID",
        write=lambda element: write_contact(call.books, element, call.mode, context),
        show=lambda contact: contact_json(contact, ContactShape.FULL),
        saved=saved,
        error_flag="HasValidationErrors",
    )


def _shape(*, summary: bool, paged: bool) -> ContactShape:
    if summary:
        return ContactShape.SUMMARY
    return ContactShape.FULL if paged else ContactShape.UNPAGED


def _renderer(shape: ContactShape) -> Callable[[Contact], str]:
    return lambda contact: write_json(contact_json(contact, shape))


def _selected(call: Call) -> list[Contact]:
    source = Source(
        records=call.books.contacts.values,
        table=contact_fields(without=_SUMMARY_LACKS if call.flag("summaryOnly") else ()),
        key=lambda contact: contact.contact_id,
        updated=lambda contact: contact.updated,
    )
    return select(call, source, _keeper(call))


def _keeper(call: Call) -> Callable[[Contact], bool]:
    ids = {text.lower() for text in call.texts("IDs")}
    archived = call.flag("includeArchived")
    term = call.query.get("searchTerm", "").casefold()

    def keep(contact: Contact) -> bool:
        if ids and contact.contact_id not in ids:
            return False
        if not archived and not ids and contact.status is ContactStatus.ARCHIVED:
            return False
        return not term or any(term in text.casefold() for text in _searched(contact))

    return keep


def _searched(contact: Contact) -> tuple[str, ...]:
    return (
        contact.name,
        contact.first_name,
        contact.last_name,
        contact.contact_number,
        contact.company_number,
        contact.email,
    )
