"""What Xero holds compared with what was wished for and with our rows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from life import NewInvoice, NewRecord, Wishes
from syncline_server.core.link import Link
from syncline_server.core.model import PushState
from syncline_server.storage import invoice_links
from syncline_server.storage.database import Database


class Finding(NamedTuple):
    """Something that should not be."""

    kind: str
    """``duplicate``, ``loss``, ``disagreement`` or ``unfinished``."""
    what: str


@dataclass(frozen=True, kw_only=True)
class Xero:
    """What the simulator says of itself."""

    records: dict[str, list[dict[str, Any]]]
    """Its contacts, items and invoices, in short."""
    renewals_at_once: int
    """The most renewals of one grant that ever were under way at once."""

    def invoices(self, number: str) -> list[dict[str, Any]]:
        """Return the invoices of a number."""
        return [one for one in self.records["invoices"] if one["number"] == number]

    def contacts(self, name: str) -> list[dict[str, Any]]:
        """Return the contacts of a name."""
        return [one for one in self.records["contacts"] if one["name"] == name]

    def items(self, code: str) -> list[dict[str, Any]]:
        """Return the items of a code."""
        return [one for one in self.records["items"] if one["code"] == code]


def findings(
    database: Database, xero: Xero, wishes: Wishes, others: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a round's records.

    :param others: ids of records in Xero that are none of ours.
    """
    for customer in wishes.customers:
        rows = database.rows("SELECT id FROM customers WHERE code = ?", (customer.key,))
        query = "SELECT contact_id AS id FROM contacts WHERE customer_id = ? AND state = 'MAPPED'"
        yield from _of_record(database, customer, xero.contacts(customer.name), others, rows, query)
    for product in wishes.products:
        rows = database.rows("SELECT id FROM products WHERE sku = ?", (product.key,))
        query = "SELECT item_id AS id FROM items WHERE product_id = ? AND state = 'MAPPED'"
        yield from _of_record(database, product, xero.items(product.key), others, rows, query)
    ids = [invoice.id for invoice in wishes.invoices]
    links = {link.invoice_id: link for link in invoice_links.anywhere(database, "acme", ids)}
    for invoice in wishes.invoices:
        is_stored = database.row("SELECT id FROM invoices WHERE id = ?", (invoice.id,)) is not None
        held = xero.invoices(invoice.number)
        yield from _of_invoice(invoice, held, others, links.get(invoice.id), is_stored=is_stored)


def findings_of_world(database: Database, xero: Xero) -> Iterator[Finding]:
    """Yield what is wrong with the whole."""
    for sentence, query in _LEFT_OVER.items():
        if rows := database.rows(query):
            yield Finding("disagreement", f"{sentence}: {rows[:5]}")
    held = {one["id"] for one in xero.records["invoices"]}
    rows = database.rows("SELECT provider_invoice_id AS id FROM invoice_links")
    if lacking := {row["id"] for row in rows if row["id"]} - held:
        yield Finding("disagreement", f"linked, and Xero lacks it: {lacking}")
    if xero.renewals_at_once > 1:
        yield Finding("disagreement", f"{xero.renewals_at_once} renewals of a grant at once")


_LEFT_OVER = {
    "an invoice has no verdict": "SELECT invoice_id, push_state FROM invoice_links"
    " WHERE push_state NOT IN ('LINKED', 'REJECTED')",
    "a creation is open": "SELECT id, state FROM creations WHERE state <> 'DONE'",
    "a run has not ended": "SELECT id, state FROM runs"
    " WHERE state IN ('QUEUED', 'RUNNING', 'WAITING') OR end_time IS NULL",
    "the connection is lost": "SELECT state, state_reason FROM connections"
    " WHERE state <> 'CONNECTED'",
}


def _of_record(
    database: Database,
    wish: NewRecord,
    held: list[dict[str, Any]],
    others: Collection[str],
    rows: list[dict[str, Any]],
    mapping: str,
) -> Iterator[Finding]:
    ours = [one["id"] for one in held if one["id"] not in others]
    if len(ours) > 1 or len(rows) > 1:
        yield Finding("duplicate", f"{wish.key}: {ours}, {rows}")
    elif len(ours) < len(held):
        if ours or rows:
            yield Finding("disagreement", f"{wish.key} although its name is taken: {ours}, {rows}")
    elif not ours or not rows:
        yield Finding("loss", f"{wish.key}: {ours}, {rows}")
    else:
        mapped = [row["id"] for row in database.rows(mapping, (rows[0]["id"],))]
        if mapped != ours:
            yield Finding("disagreement", f"{wish.key} is mapped to {mapped}, not to {ours}")


def _of_invoice(
    wish: NewInvoice,
    held: list[dict[str, Any]],
    others: Collection[str],
    link: Link | None,
    *,
    is_stored: bool,
) -> Iterator[Finding]:
    ours = [one for one in held if one["id"] not in others]
    state = link.push_state if link else None
    if len(ours) > 1:
        yield Finding("duplicate", f"{wish.number}: {ours}")
    elif not is_stored:
        if ours:
            yield Finding("disagreement", f"{wish.number} is in Xero and was never written down")
    elif not ours:
        taken = len(held) > 0
        if not taken or state is not PushState.REJECTED:
            yield Finding("loss", f"{wish.number} is {state}; Xero has {held}")
    elif link is None or link.remote is None or state is not PushState.LINKED:
        yield Finding("disagreement", f"{wish.number} is {state}; Xero has {ours}")
    elif link.remote.id != ours[0]["id"] or link.remote.total != Decimal(ours[0]["total"]):
        yield Finding("disagreement", f"{wish.number}: {link.remote}; Xero has {ours}")
