"""The `order` parameter."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from syncline_xero_simulator.query.fields import FieldTable, FieldType, folded
from syncline_xero_simulator.query.tokens import QueryParseError
from syncline_xero_simulator.switches import IdOrder

R = TypeVar("R")

_TERM = re.compile(r"\s*([A-Za-z_][\w.]*)(?:\s+(ASC|DESC))?\s*", re.IGNORECASE)
_LOWEST: dict[FieldType, Any] = {
    FieldType.TEXT: "",
    FieldType.GUID: "",
    FieldType.BOOLEAN: False,
    FieldType.NUMBER: Decimal("-Infinity"),
    FieldType.MOMENT: datetime.min.replace(tzinfo=UTC),
}


def _as_sql_server(guid: str) -> tuple[bytes, ...]:
    """Return what SQL Server compares a uniqueidentifier by: its last six bytes weigh most."""
    stored = UUID(guid).bytes_le
    return (stored[10:], stored[8:10], stored[6:8], stored[4:6], stored[:4])


def parse_order(
    text: str, table: FieldTable[R], id_order: IdOrder = IdOrder.TEXT
) -> tuple[Callable[[list[R]], list[R]], bool]:
    """Return a function that sorts, and whether Xero has this order optimised.

    Raises `QueryParseError` for what cannot be read.
    """
    sorts = [_term(part, table, id_order) for part in text.split(",")]

    def arrange(records: list[R]) -> list[R]:
        for key, descending, _ in reversed(sorts):
            records = sorted(records, key=key, reverse=descending)
        return records

    return arrange, all(optimised for _, _, optimised in sorts)


def _term(
    part: str, table: FieldTable[R], id_order: IdOrder
) -> tuple[Callable[[R], Any], bool, bool]:
    match = _TERM.fullmatch(part)
    if match is None:
        raise QueryParseError("Syntax error")
    field = table.named(match[1])
    if field is None:
        raise QueryParseError(
            f"No property or field '{match[1]}' exists in type '{table.type_name}'"
        )
    as_stored = field.type is FieldType.GUID and id_order is IdOrder.SQL_SERVER
    lowest = () if as_stored else _LOWEST[field.type]

    def key(record: R) -> Any:
        value = field.read(record)
        if value is None:
            return lowest
        if as_stored:
            return _as_sql_server(value)
        return folded(value) if isinstance(value, str) else value

    return key, (match[2] or "").upper() == "DESC", field.optimised
