"""Rows of ``invoices``."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

import msgspec

from syncline_sdk import LineAmounts
from syncline_server.core.changes import ChangeKind
from syncline_server.core.invoice import Freight, Invoice, InvoiceStage, Line
from syncline_server.core.listing import InvoiceFilter
from syncline_server.core.matching import key
from syncline_server.core.model import HELD
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

_HELD = ", ".join(f"'{state}'" for state in HELD)
# A mark names one organisation, though others may hold the invoice as well.
_MARKED = (
    "SELECT id FROM invoices WHERE workspace = ? AND state = 'CONFIRMED' AND held_at = ?"
    " AND id > ? AND NOT EXISTS (SELECT 1 FROM invoice_links AS link"
    " WHERE link.workspace = invoices.workspace AND link.provider = ?"
    " AND link.organisation_id = ? AND link.invoice_id = invoices.id"
    f" AND link.push_state IN ({_HELD}))"
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

    What the organisation holds is not walked over, however much it is.

    :param after: the id behind which to begin.
    """
    query, parameters = _to_push(database, organisation, after)
    rows = database.tuples(f"{query} ORDER BY id LIMIT ?", (*parameters, limit))
    return [row[0] for row in rows]


def count_to_push(database: Database, organisation: Organisation) -> int:
    """Return how many invoices :func:`to_push` would return in all."""
    query, parameters = _to_push(database, organisation, "")
    return int(database.tuples(f"SELECT COUNT(*) FROM ({query}) AS waiting", parameters)[0][0])


def _to_push(
    database: Database, organisation: Organisation, after: str
) -> tuple[str, tuple[str, ...]]:
    workspace, provider, id_ = organisation
    marks = [mark for mark in _marks(database, workspace) if mark != _mark(organisation)]
    parameters = [(workspace, mark, after, provider, id_) for mark in marks]
    return " UNION ALL ".join(_MARKED for _ in marks), tuple(chain.from_iterable(parameters))


def _marks(database: Database, workspace: str) -> list[str]:
    """Return the marks there are, each for a look at the index: nothing, and organisations."""
    query = (
        "SELECT MIN(held_at) FROM invoices"
        " WHERE workspace = ? AND state = 'CONFIRMED' AND held_at > ?"
    )
    marks = [""]
    while further := database.tuples(query, (workspace, marks[-1]))[0][0]:
        marks.append(further)
    return marks


def mark_held(database: Database, organisation: Organisation, ids: Collection[str]) -> None:
    """Mark invoices that an organisation holds, or may, so that :func:`to_push` passes them by."""
    mark = _mark(organisation)
    _set_mark(database, organisation.workspace, ids, (mark, "held_at <> ?", mark))


def mark_left(database: Database, organisation: Organisation, ids: Collection[str]) -> None:
    """Take the mark from invoices that the organisation holds no more."""
    mark = _mark(organisation)
    _set_mark(database, organisation.workspace, ids, ("", "held_at = ?", mark))


def _set_mark(
    database: Database, workspace: str, ids: Collection[str], change: tuple[str, str, str]
) -> None:
    """Set the mark where a condition holds; nothing callers see of the invoice changes."""
    mark, condition, parameter = change
    if ids:
        database.execute(
            f"UPDATE invoices SET held_at = ? WHERE workspace = ? AND {condition}"
            f" AND {bulk.among(database, 'id')}",
            (mark, workspace, parameter, bulk.members(database, ids)),
        )


def _mark(organisation: Organisation) -> str:
    return f"{organisation.provider}/{organisation.id}"


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
