"""Invoices through the control API: approving, paying, voiding by people."""

from collections.abc import Callable, Mapping
from typing import Any

from syncline_xero_simulator.accounting.call import Category
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import Invoice
from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.rules.invoices import change_invoice, write_invoice
from syncline_xero_simulator.rules.payments import with_credit, with_payment, without_payment
from syncline_xero_simulator.rules.writing import Mode, RefusedError
from syncline_xero_simulator.wire.inbound import Element
from syncline_xero_simulator.wire.invoice_json import InvoiceShape, invoice_json

_LIST = "/simulator/organisations/<organisation>/invoices"
_ONE = f"{_LIST}/<invoice>"


def add_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Add an invoice in Xero's form, as a person would in Xero."""
    books = desk.books(values)
    with books.lock:
        try:
            added = write_invoice(books, body, Mode.CREATE, desk.write_context()).record
        except RefusedError as error:
            raise ControlError("; ".join((*error.messages, *error.contact_messages))) from error
    desk.announce(books, Category.INVOICE, added.invoice_id, is_new=True)
    return invoice_json(books, added, InvoiceShape.FULL, 4)


def get_invoice(desk: Desk, _body: Element, values: Mapping[str, str]) -> Any:
    """Show an invoice, named by id or number."""
    books = desk.books(values)
    return invoice_json(books, _known(books, values), InvoiceShape.FULL, 4)


def approve_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Approve a draft: AUTHORISED."""
    only(body)
    return _edited(desk, Element({"Status": "AUTHORISED"}), values)


def void_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Void an approved invoice without payments."""
    only(body)
    return _edited(desk, Element({"Status": "VOIDED"}), values)


def delete_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Delete a draft."""
    only(body)
    return _edited(desk, Element({"Status": "DELETED"}), values)


def edit_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Change an invoice with members in Xero's form, as a person would in Xero."""
    return _edited(desk, body, values)


def pay_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Record a payment of `amount` (default: all that is due) on `date` (default: today)."""
    only(body, "amount", "date")
    books = desk.books(values)
    day = body.day("date") or books.today(desk.now())
    amount = body.number("amount")

    def pay(invoice: Invoice) -> Invoice:
        wanted = invoice.amount_due if amount is None else amount
        return with_payment(invoice, wanted, day, desk.write_context())

    return _changed(desk, values, pay, payment=True)


def credit_invoice(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Allocate a credit note of `amount` (default: all that is due) on `date`."""
    only(body, "amount", "date")
    books = desk.books(values)
    day = body.day("date") or books.today(desk.now())
    amount = body.number("amount")

    def credit(invoice: Invoice) -> Invoice:
        wanted = invoice.amount_due if amount is None else amount
        return with_credit(invoice, wanted, day, desk.write_context())

    return _changed(desk, values, credit, payment=True)


def remove_payment(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Remove the payment `payment_id`."""
    only(body, "payment_id")
    payment_id = required(body, "payment_id")

    def unpay(invoice: Invoice) -> Invoice:
        return without_payment(invoice, payment_id, desk.write_context())

    return _changed(desk, values, unpay, payment=True)


def _edited(desk: Desk, body: Element, values: Mapping[str, str]) -> dict[str, Any]:
    books = desk.books(values)

    def edit(invoice: Invoice) -> Invoice:
        return change_invoice(books, invoice, body, desk.write_context())

    return _changed(desk, values, edit)


def _changed(
    desk: Desk,
    values: Mapping[str, str],
    change: Callable[[Invoice], Invoice],
    *,
    payment: bool = False,
) -> dict[str, Any]:
    books = desk.books(values)
    with books.lock:
        try:
            after = change(_known(books, values))
        except RefusedError as error:
            raise ControlError("; ".join((*error.messages, *error.contact_messages))) from error
        books.invoices.put(after)
    if not payment or desk.parts.switches().payments_fire_webhooks:
        desk.announce(books, Category.INVOICE, after.invoice_id)
    return invoice_json(books, after, InvoiceShape.FULL, 4)


def _known(books: Books, values: Mapping[str, str]) -> Invoice:
    text = values["invoice"]
    found = books.invoices.get(text.lower()) or books.invoices.find("number", text.casefold())
    if found is None:
        raise ControlError(f"there is no invoice {text!r}", 404)
    return found


def routes() -> list[Route]:
    """Return the routes of this noun."""
    return [
        Route(method="POST", path=_LIST, handler=add_invoice),
        Route(method="GET", path=_ONE, handler=get_invoice),
        Route(method="POST", path=_ONE, handler=edit_invoice),
        Route(method="POST", path=f"{_ONE}/approve", handler=approve_invoice),
        Route(method="POST", path=f"{_ONE}/pay", handler=pay_invoice),
        Route(method="POST", path=f"{_ONE}/credit", handler=credit_invoice),
        Route(method="POST", path=f"{_ONE}/remove-payment", handler=remove_payment),
        Route(method="POST", path=f"{_ONE}/void", handler=void_invoice),
        Route(method="POST", path=f"{_ONE}/delete", handler=delete_invoice),
    ]
