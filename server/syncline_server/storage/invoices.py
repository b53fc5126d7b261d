"""Rows of ``invoices``."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

import msgspec

from syncline_sdk import LineAmounts
from syncline_server.core.changes import ChangeKind
from syncline_server.core.invoice import Freight, Invoice, InvoiceStage, Line
from syncline_server.core.listing import InvoiceFilter
from syncline_server.core.matching import key
from syncline_server.core.money import Totals
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, changes
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import (
    date_or_none,
    from_micros,
    to_micros,
    to_text,
)
from syncline_server.storage.where import Where

_COLUMNS = (
    "number",
    "number_key",
    "customer_id",
    "state",
    "currency",
    "invoice_date",
    "due_date",
    "line_amounts",
    "reference",
    "lines",
    "freight",
    "subtotal",
    "total_tax",
    "total",
    "external_id",
)

_TO_PUSH = (
    "workspace = ? AND state = 'CONFIRMED' AND NOT EXISTS (SELECT 1 FROM invoice_links AS link"
    " WHERE link.workspace = invoices.workspace AND link.provider = ?"
    " AND link.organisation_id = ? AND link.invoice_id = invoices.id"
    " AND link.push_state IN ('LINKED', 'SENT', 'UNCERTAIN'))"
)


def insert(database: Database, invoice: Invoice, now: datetime) -> bool:
    """Store a new invoice; False when its id or number is taken."""
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    stamp = to_micros(now)
    row = (invoice.workspace, invoice.id, *_columns(invoice), stamp, stamp)
    inserted = bulk.insert_new(database, "invoices", columns, row)
    if inserted:
        changes.note(database, ChangeKind.INVOICE, invoice.workspace, [invoice.id], now)
    return inserted


def update(database: Database, invoice: Invoice, now: datetime) -> None:
    """Overwrite an invoice."""
    update_all(database, invoice.workspace, [invoice], now)


def insert_all(
    database: Database, workspace: str, invoices: Collection[Invoice], now: datetime
) -> None:
    """Store new invoices.

    :raises peewee.IntegrityError: an id, number or external id is taken.
    """
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    rows = [(workspace, each.id, *_columns(each), stamp, stamp) for each in invoices]
    bulk.insert(database, "invoices", columns, rows)
    changes.note(database, ChangeKind.INVOICE, workspace, [each.id for each in invoices], now)


def update_all(
    database: Database, workspace: str, invoices: Collection[Invoice], now: datetime
) -> None:
    """Overwrite invoices."""
    stamp = to_micros(now)
    bulk.update(
        database,
        "invoices",
        key=("workspace", "id"),
        columns=(*_COLUMNS, "update_time"),
        rows=[(*_columns(each), stamp, workspace, each.id) for each in invoices],
    )
    changes.note(database, ChangeKind.INVOICE, workspace, [each.id for each in invoices], now)


def get(
    database: Database, workspace: str, identifier: str, *, lock: bool = False
) -> Invoice | None:
    """Return an invoice, or None.

    :param lock: hold its row until the transaction ends.
    """
    found = by_ids(database, workspace, [identifier], lock=lock)
    return found.get(identifier)


def by_ids(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool = False
) -> dict[str, Invoice]:
    """Return those of these invoices that are there, by id.

    :param lock: hold their rows until the transaction ends.
    """
    query = (
        f"SELECT * FROM invoices WHERE workspace = ? AND {bulk.among(database, 'id')} ORDER BY id"
    )
    rows = database.rows(
        query + (database.for_update() if lock else ""), (workspace, bulk.members(database, ids))
    )
    return {row["id"]: _from_row(row) for row in rows}


def id_of_number(database: Database, workspace: str, number: str) -> str | None:
    """Return the id of the invoice with this number, whatever its case, or None."""
    query = "SELECT id FROM invoices WHERE workspace = ? AND number_key = ?"
    row = database.row(query, (workspace, key(number)))
    return str(row["id"]) if row else None


def to_push(database: Database, organisation: Organisation, after: str, limit: int) -> list[str]:
    """Return ids of confirmed invoices that are not at an organisation nor on their way, in order.

    :param after: the id behind which to begin.
    """
    query = f"SELECT id FROM invoices WHERE {_TO_PUSH} AND id > ? ORDER BY id LIMIT ?"
    parameters = (*_to_push_at(organisation), after, limit)
    return [row[0] for row in database.tuples(query, parameters)]


def count_to_push(database: Database, organisation: Organisation) -> int:
    """Return how many invoices :func:`to_push` would return in all."""
    query = f"SELECT COUNT(*) FROM invoices WHERE {_TO_PUSH}"
    return int(database.tuples(query, _to_push_at(organisation))[0][0])


def _to_push_at(organisation: Organisation) -> tuple[str, str, str]:
    return (organisation.workspace, organisation.provider, organisation.id)


def page(
    database: Database, workspace: str, wanted: InvoiceFilter, after: str, limit: int
) -> list[Invoice]:
    """Return invoices behind an id, in order."""
    where = Where("workspace = ? AND id > ?", workspace, after)
    where.one_of("state", wanted.stages)
    if wanted.customer_id:
        where.add("customer_id = ?", wanted.customer_id)
    where.external_id(wanted.external_id)
    where.containing(wanted.text, "number_key", "LOWER(reference)")
    query = f"SELECT * FROM invoices WHERE {where} ORDER BY id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def _columns(invoice: Invoice) -> tuple[object, ...]:
    return (
        invoice.number,
        key(invoice.number),
        invoice.customer_id,
        invoice.stage,
        invoice.currency,
        invoice.invoice_date.isoformat(),
        invoice.due_date.isoformat() if invoice.due_date else None,
        invoice.line_amounts,
        invoice.reference,
        msgspec.json.encode(invoice.lines).decode(),
        msgspec.json.encode(invoice.freight).decode(),
        to_text(invoice.totals.subtotal),
        to_text(invoice.totals.total_tax),
        to_text(invoice.totals.total),
        invoice.external_id,
    )


def _from_row(row: Row) -> Invoice:
    return Invoice(
        workspace=row["workspace"],
        id=row["id"],
        number=row["number"],
        customer_id=row["customer_id"],
        stage=InvoiceStage(row["state"]),
        currency=row["currency"],
        invoice_date=date.fromisoformat(row["invoice_date"]),
        due_date=date_or_none(row["due_date"]),
        line_amounts=LineAmounts(row["line_amounts"]),
        reference=row["reference"],
        lines=msgspec.json.decode(row["lines"], type=tuple[Line, ...]),
        freight=msgspec.json.decode(row["freight"], type=Freight),
        totals=Totals(Decimal(row["subtotal"]), Decimal(row["total_tax"]), Decimal(row["total"])),
        external_id=row["external_id"],
        create_time=from_micros(row["create_time"]),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
