"""Rows of ``tax_rates``: a provider's tax types and the tax codes they are mapped to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from syncline_server.core.changes import ChangeKind
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import TaxMapping
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation
from syncline_server.storage import bulk, changes
from syncline_server.storage.database import Database, Row
from syncline_server.storage.values import from_micros, to_micros, to_text
from syncline_server.storage.where import Where

_KEY = ("workspace", "provider", "organisation_id", "tax_type")
_COLUMNS = (
    *_KEY,
    "name",
    "rate",
    "active",
    "applies_to_sales",
    "content_hash",
    "state",
    "review_reason",
    "tax_code_id",
    "update_time",
)
_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


@dataclass(frozen=True, kw_only=True)
class TaxRateRow:
    """A tax type with its mapping, as it is stored."""

    tax_type: str
    name: str
    rate: Decimal
    active: bool
    applies_to_sales: bool
    content_hash: str
    state: MappingState
    review_reason: str = ""
    tax_code_id: str | None = None
    update_time: datetime | None = None
    version: int = 0


def open_count(database: Database, connection: Connection, organisation_id: str) -> int:
    """Return how many tax types a person still has to settle.

    Those under review, and unmapped ones that can be used on sales; what cannot be used is stored
    unmapped and asks for nothing.
    """
    row = database.row(
        f"SELECT COUNT(*) AS open FROM tax_rates WHERE {_OF} AND (state = 'NEEDS_REVIEW'"
        " OR (state = 'UNMAPPED' AND active AND applies_to_sales))",
        (connection.workspace, connection.provider, organisation_id),
    )
    return int(row["open"]) if row else 0


def every(
    database: Database, organisation: Organisation, *, lock: bool = False
) -> dict[str, TaxRateRow]:
    """Return all tax types of an organisation, by tax type in order.

    :param lock: hold the rows until the transaction ends.
    """
    suffix = database.for_update() if lock else ""
    query = f"SELECT * FROM tax_rates WHERE {_OF} ORDER BY tax_type{suffix}"
    return {row["tax_type"]: _from_row(row) for row in database.rows(query, organisation)}


def write(
    database: Database, organisation: Organisation, rows: Collection[TaxRateRow], now: datetime
) -> None:
    """Store tax types with their mappings, each once."""
    stamp = to_micros(now)
    bulk.upsert(
        database,
        "tax_rates",
        key=_KEY,
        columns=_COLUMNS,
        rows=[(*organisation, *_columns(row), stamp) for row in rows],
    )
    _note(database, organisation, [row.tax_type for row in rows], now)


def settle(
    database: Database, organisation: Organisation, mappings: Collection[TaxMapping], now: datetime
) -> None:
    """Write down what a person decided about tax types."""
    bulk.update(
        database,
        "tax_rates",
        key=_KEY,
        columns=("state", "tax_code_id", "review_reason", "update_time"),
        rows=[
            (each.state, each.tax_code_id, "", to_micros(now), *organisation, each.tax_type)
            for each in mappings
        ],
    )
    _note(database, organisation, [each.tax_type for each in mappings], now)


def tax_codes(database: Database, organisation: Organisation) -> Mapping[str, str]:
    """Return the tax code each settled tax type stands for, as ids by tax type."""
    query = (
        f"SELECT tax_type, tax_code_id FROM tax_rates WHERE {_OF}"
        " AND state = 'MAPPED' AND tax_code_id IS NOT NULL"
    )
    return dict(database.tuples(query, organisation))


def page(
    database: Database, organisation: Organisation, wanted: MappingFilter, after: str, limit: int
) -> list[TaxRateRow]:
    """Return tax types behind one, in order."""
    where = Where(f"{_OF} AND tax_type > ?", *organisation, after)
    where.one_of("state", wanted.states)
    where.containing(wanted.text, "LOWER(tax_type)", "LOWER(name)")
    query = f"SELECT * FROM tax_rates WHERE {where} ORDER BY tax_type LIMIT ?"
    return [_from_row(row) for row in database.rows(query, (*where.parameters, limit))]


def of_tax_codes_anywhere(
    database: Database, workspace: str, ids: Sequence[str]
) -> list[tuple[str, Organisation, str]]:
    """Return the mappings of tax codes in any organisation: id, organisation, tax type."""
    query = (
        "SELECT tax_code_id, workspace, provider, organisation_id, tax_type FROM tax_rates"
        f" WHERE workspace = ? AND {bulk.among(database, 'tax_code_id')}"
    )
    rows = database.tuples(query, (workspace, bulk.members(database, ids)))
    return [(row[0], Organisation(*row[1:4]), row[4]) for row in rows]


def _note(
    database: Database, organisation: Organisation, tax_types: Collection[str], now: datetime
) -> None:
    changes.note_at(database, ChangeKind.TAX_MAPPING, organisation, tax_types, now)


def _columns(row: TaxRateRow) -> tuple[object, ...]:
    return (
        row.tax_type,
        row.name,
        to_text(row.rate),
        row.active,
        row.applies_to_sales,
        row.content_hash,
        row.state,
        row.review_reason,
        row.tax_code_id,
    )


def _from_row(row: Row) -> TaxRateRow:
    return TaxRateRow(
        tax_type=row["tax_type"],
        name=row["name"],
        rate=Decimal(row["rate"]),
        active=bool(row["active"]),
        applies_to_sales=bool(row["applies_to_sales"]),
        content_hash=row["content_hash"],
        state=MappingState(row["state"]),
        review_reason=row["review_reason"],
        tax_code_id=row["tax_code_id"],
        update_time=from_micros(row["update_time"]),
        version=row["version"],
    )


def update_times(database: Database, organisation: Organisation) -> dict[str, datetime]:
    """Return when each tax type changed last, or was decided about."""
    query = f"SELECT tax_type, update_time FROM tax_rates WHERE {_OF}"
    return {id_: from_micros(changed) for id_, changed in database.tuples(query, organisation)}
