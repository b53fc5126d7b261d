"""Rows of ``tax_codes``."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import RecordFilter
from syncline_server.core.matching import key
from syncline_server.core.records import TaxCode
from syncline_server.storage import bulk, changes
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros, to_text
from syncline_server.storage.where import Where

_COLUMNS = ("code", "code_key", "name", "name_key", "rate", "active", "external_id")


def insert(database: Database, tax_code: TaxCode, now: datetime) -> bool:
    """Store a new tax code; False when its id or code is taken."""
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    row = (tax_code.workspace, tax_code.id, *_columns(tax_code), stamp, stamp)
    inserted = bulk.insert_new(database, "tax_codes", columns, row)
    if inserted:
        changes.note(database, ChangeKind.TAX_CODE, tax_code.workspace, [tax_code.id], now)
    return inserted


def update(database: Database, tax_code: TaxCode, now: datetime) -> None:
    """Overwrite a tax code.

    :raises peewee.IntegrityError: its code or external id is taken.
    """
    update_all(database, tax_code.workspace, [tax_code], now)


def insert_all(
    database: Database, workspace: str, tax_codes: Collection[TaxCode], now: datetime
) -> None:
    """Store new tax codes.

    :raises peewee.IntegrityError: an id, code or external id is taken.
    """
    stamp = to_micros(now)
    columns = ("workspace", "id", *_COLUMNS, "create_time", "update_time")
    rows = [(workspace, each.id, *_columns(each), stamp, stamp) for each in tax_codes]
    bulk.insert(database, "tax_codes", columns, rows)
    changes.note(database, ChangeKind.TAX_CODE, workspace, [each.id for each in tax_codes], now)


def update_all(
    database: Database, workspace: str, tax_codes: Collection[TaxCode], now: datetime
) -> None:
    """Overwrite tax codes.

    :raises peewee.IntegrityError: a code or external id is taken.
    """
    stamp = to_micros(now)
    bulk.update(
        database,
        "tax_codes",
        key=("workspace", "id"),
        columns=(*_COLUMNS, "update_time"),
        rows=[(*_columns(each), stamp, workspace, each.id) for each in tax_codes],
    )
    changes.note(database, ChangeKind.TAX_CODE, workspace, [each.id for each in tax_codes], now)


def by_ids(
    database: Database, workspace: str, ids: Collection[str], *, lock: bool = False
) -> dict[str, TaxCode]:
    """Return those of these tax codes that are there, by id.

    :param lock: hold their rows until the transaction ends.
    """
    query = (
        f"SELECT * FROM tax_codes WHERE workspace = ? AND {bulk.among(database, 'id')} ORDER BY id"
    )
    rows = database.rows(
        query + (database.for_update() if lock else ""), (workspace, bulk.members(database, ids))
    )
    return {row["id"]: _from_row(row) for row in rows}


def id_of_code(database: Database, workspace: str, code: str) -> str | None:
    """Return the id of the tax code with this code, whatever its case, or None.

    Others who ask about the code wait until this transaction ends.
    """
    database.queue_for(workspace, "tax_codes", key(code))
    query = "SELECT id FROM tax_codes WHERE workspace = ? AND code_key = ?"
    row = database.row(query, (workspace, key(code)))
    return str(row["id"]) if row else None


def every(database: Database, workspace: str) -> list[TaxCode]:
    """Return all tax codes of a workspace, by code."""
    query = "SELECT * FROM tax_codes WHERE workspace = ? ORDER BY code_key"
    return [_from_row(row) for row in database.rows(query, (workspace,))]


def page(
    database: Database, workspace: str, wanted: RecordFilter, after: str, limit: int
) -> list[TaxCode]:
    """Return tax codes behind an id, in order."""
    where = Where("workspace = ? AND id > ?", workspace, after)
    if wanted.active_only:
        where.add("active")
    where.external_id(wanted.external_id)
    where.containing(wanted.text, "name_key", "code_key")
    query = f"SELECT * FROM tax_codes WHERE {where} ORDER BY id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def _columns(tax_code: TaxCode) -> tuple[object, ...]:
    return (
        tax_code.code,
        key(tax_code.code),
        tax_code.display_name,
        key(tax_code.display_name),
        to_text(tax_code.rate),
        tax_code.active,
        tax_code.external_id,
    )


def _from_row(row: Row) -> TaxCode:
    return TaxCode(
        workspace=row["workspace"],
        id=row["id"],
        code=row["code"],
        display_name=row["name"],
        rate=Decimal(row["rate"]),
        active=bool(row["active"]),
        external_id=row["external_id"],
        create_time=from_micros(row["create_time"]),
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )
