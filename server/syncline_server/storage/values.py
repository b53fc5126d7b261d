"""How values lie in columns: instants as microseconds, decimals and dates as text, JSON as text."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 in UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the instant of a column that is never null."""
    return _EPOCH + timedelta(microseconds=micros)


def to_micros_or_none(instant: datetime | None) -> int | None:
    """Return an instant that may be missing as a column value."""
    return None if instant is None else to_micros(instant)


def from_micros_or_none(micros: int | None) -> datetime | None:
    """Return the instant of a column that may be null."""
    return None if micros is None else from_micros(micros)


def to_text(number: Decimal | None) -> str | None:
    """Return a decimal as a column value, never in exponent notation."""
    return None if number is None else format(number, "f")


def from_text(text: str | None) -> Decimal | None:
    """Return the decimal of a column that may be null."""
    return None if text is None else Decimal(text)


def date_or_none(text: str | None) -> date | None:
    """Return the calendar date of a column that may be null."""
    return None if text is None else date.fromisoformat(text)
