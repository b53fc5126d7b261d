"""Reading a list: filter, order, page."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from syncline_xero_simulator.accounting.call import Call
from syncline_xero_simulator.query.fields import FieldTable
from syncline_xero_simulator.query.order import parse_order
from syncline_xero_simulator.query.parser import NullMethodError, parse_where
from syncline_xero_simulator.query.tokens import QueryParseError
from syncline_xero_simulator.wire.dates import read_modified_since
from syncline_xero_simulator.wire.problems import (
    ProblemError,
    api_exception,
    query_problem,
    unknown_error,
)

R = TypeVar("R")

_MOST_RECORDS = 100_000
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[R]):
    """Where a list comes from. `updated` is None where `If-Modified-Since` is not supported."""

    records: Callable[[], Iterable[R]]
    table: FieldTable[R]
    key: Callable[[R], str]
    updated: Callable[[R], datetime] | None = None


def question(call: Call, *more: Hashable) -> Hashable:
    """Return what distinguishes one list from another, its page left out."""
    filters = tuple(
        sorted((name, value) for name, value in call.query.items() if name.lower() != "page")
    )
    return (filters, call.headers.get("if-modified-since"), call.switches, *more)


def select(call: Call, source: Source[R], keep: Callable[[R], bool] | None = None) -> list[R]:
    """Return the records that a call asks for, in order; raise a problem for a bad filter."""
    records = [record for record in source.records() if keep is None or keep(record)]
    records = _modified_since(call, source, records)
    try:
        return _filtered(call, source, records)
    except QueryParseError as error:
        raise query_problem(str(error)) from error
    except NullMethodError as error:
        raise unknown_error() from error


def check_size(records: list[R], *, paged: bool) -> None:
    """Raise the 400 of a result set that is too large to be returned whole."""
    if not paged and len(records) > _MOST_RECORDS:
        raise _too_large()


def _filtered(call: Call, source: Source[R], records: list[R]) -> list[R]:
    quick = True
    if call.query.get("where"):
        test, quick = parse_where(call.query["where"], source.table)
        _check_quick(records, quick=quick)
        records = [record for record in records if test(record)]
    if call.query.get("order"):
        arrange, quick = parse_order(call.query["order"], source.table, call.switches.id_order)
        _check_quick(records, quick=quick)
        return arrange(records)
    updated = source.updated
    if updated is None:
        return records
    return sorted(records, key=lambda record: (updated(record), source.key(record)))


def _check_quick(records: list[R], *, quick: bool) -> None:
    if not quick and len(records) > _MOST_RECORDS:
        raise _too_large()


def _too_large() -> ProblemError:
    message = "The result set is too large. Use paging and optimised filters."
    return api_exception(400, 16, "QueryParseException", message)


def _modified_since(call: Call, source: Source[R], records: list[R]) -> list[R]:
    text = call.headers.get("if-modified-since")
    updated = source.updated
    if not text or updated is None:
        return records
    try:
        since = read_modified_since(text)
    except ValueError as error:
        raise query_problem("If-Modified-Since is not a valid date") from error
    if not call.switches.modified_since_inclusive:
        since += _SECOND
    changed = [record for record in records if updated(record) >= since]
    if not changed and call.switches.not_modified_answers_304:
        raise ProblemError(304, "")
    return changed
