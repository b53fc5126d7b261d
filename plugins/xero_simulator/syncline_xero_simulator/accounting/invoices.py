"""/Invoices."""

from collections.abc import Callable

from syncline_xero_simulator.accounting.batches import Noun, write_all
from syncline_xero_simulator.accounting.call import Call, Category
from syncline_xero_simulator.accounting.lists import Source, check_size, question, select
from syncline_xero_simulator.books.invoice import Invoice, InvoiceStatus
from syncline_xero_simulator.books.profile import APPROVE_ACTION, DRAFT_ACTION
from syncline_xero_simulator.query.paging import read_page
from syncline_xero_simulator.query.tables import invoice_fields
from syncline_xero_simulator.rules.invoices import write_invoice
from syncline_xero_simulator.rules.writing import RefusedError, Written
from syncline_xero_simulator.wire.envelope import Listing, Pagination, rendered
from syncline_xero_simulator.wire.inbound import Element
from syncline_xero_simulator.wire.invoice_json import InvoiceShape, invoice_json
from syncline_xero_simulator.wire.problems import not_found

_COLLECTION = "Invoices"
_GONE = (InvoiceStatus.DELETED, InvoiceStatus.VOIDED)


def list_invoices(call: Call, _key: str) -> Listing:
    """List invoices; whole ones only when paged."""
    summary = call.flag("summaryOnly")
    forced = summary or bool(call.texts("Statuses"))
    page = read_page(call.query.get("page"), call.query.get("pageSize"), forced=forced)
    records = call.books.invoices.remembered(question(call), lambda: _selected(call))
    pagination: Pagination | None = None
    check_size(records, paged=page is not None)
    if page is not None:
        records, pagination = page.cut(records)
    shape = _shape(summary=summary, paged=page is not None)
    shown = rendered(
        invoice_json(call.books, invoice, shape, call.unit_places) for invoice in records
    )
    return Listing(collection=_COLLECTION, records=shown, pagination=pagination)


def get_invoice(call: Call, key: str) -> Listing:
    """Return one invoice, by id or by number."""
    shown = invoice_json(call.books, _known(call, key), InvoiceShape.FULL, call.unit_places)
    return Listing(collection=_COLLECTION, records=rendered([shown]))


def write_invoices(call: Call, _key: str) -> Listing:
    """Create invoices (PUT) or create and update them (POST)."""
    return write_all(call, _noun(call), call.elements(_COLLECTION))


def write_one_invoice(call: Call, key: str) -> Listing:
    """Update the invoice with this id or number."""
    invoice = _known(call, key)
    element = Element({**call.elements(_COLLECTION)[0].data, "InvoiceID": invoice.invoice_id})
    return write_all(call, _noun(call), [element])


def _known(call: Call, key: str) -> Invoice:
    invoices = call.books.invoices
    invoice = invoices.get(key.lower()) or invoices.find("number", key.casefold())
    if invoice is None:
        raise not_found()
    return invoice


def _noun(call: Call) -> Noun[Invoice]:
    context = call.write_context()

    def write(element: Element) -> Written[Invoice]:
        _check_allowed(call, element)
        return write_invoice(call.books, element, call.mode, context)

    def saved(written: Written[Invoice]) -> None:
        call.announce(Category.INVOICE, written.record.invoice_id, written.created)

    return Noun(
        collection=_COLLECTION,
        id_name="InvoiceID",
        write=write,
        show=lambda invoice: invoice_json(call.books, invoice, InvoiceShape.FULL, call.unit_places),
        saved=saved,
        always_status=True,
    )


def _check_allowed(call: Call, element: Element) -> None:
    approving = element.text("Status") == InvoiceStatus.AUTHORISED
    action = APPROVE_ACTION if approving else DRAFT_ACTION
    if action in call.books.profile.forbidden_actions:
        limit = "You have reached the limit of invoices you can approve"
        raise RefusedError([limit if approving else "You cannot create invoices on this plan"])


def _shape(*, summary: bool, paged: bool) -> InvoiceShape:
    if summary:
        return InvoiceShape.SUMMARY
    return InvoiceShape.FULL if paged else InvoiceShape.UNPAGED


def _selected(call: Call) -> list[Invoice]:
    source = Source(
        records=call.books.invoices.values,
        table=invoice_fields(call.books),
        key=lambda invoice: invoice.invoice_id,
        updated=lambda invoice: invoice.updated,
    )
    return select(call, source, _keeper(call))


def _keeper(call: Call) -> Callable[[Invoice], bool]:
    wanted: tuple[tuple[str, Callable[[Invoice], str]], ...] = (
        ("IDs", lambda invoice: invoice.invoice_id),
        ("InvoiceNumbers", lambda invoice: invoice.number.casefold()),
        ("ContactIDs", lambda invoice: invoice.contact_id),
        ("Statuses", lambda invoice: invoice.status.casefold()),
    )
    lists = [
        (read, {text.casefold() for text in call.texts(name)})
        for name, read in wanted
        if call.texts(name)
    ]
    term = call.query.get("searchTerm", "").casefold()
    mine = call.flag("createdByMyApp")
    hide_gone = not lists and not call.switches.list_shows_deleted_invoices

    def keep(invoice: Invoice) -> bool:
        if (mine and not invoice.by_app) or (hide_gone and invoice.status in _GONE):
            return False
        if not all(read(invoice) in values for read, values in lists):
            return False
        return not term or term in f"{invoice.number}\n{invoice.reference}".casefold()

    return keep
