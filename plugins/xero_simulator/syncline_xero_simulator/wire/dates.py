"""Dates on the wire (developer.xero.com, requests and responses)."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MS_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")


def instant(moment: datetime) -> str:
    """Return `/Date(ms+0000)/`; the slashes are escaped by the JSON writer."""
    return f"/Date({(moment - _EPOCH) // _MILLISECOND}+0000)/"


def bare_instant(moment: datetime) -> str:
    """Return `/Date(ms)/`, the form of the envelope's own stamp."""
    return f"/Date({(moment - _EPOCH) // _MILLISECOND})/"


def calendar(day: date) -> str:
    """Return a calendar date as the instant of its midnight in UTC."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=UTC))


def calendar_text(day: date) -> str:
    """Return the string twin of a calendar date."""
    return f"{day.isoformat()}T00:00:00"


def instant_text(moment: datetime) -> str:
    """Return the string twin of an instant, to the second, with `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def seven_digits(moment: datetime) -> str:
    """Return the zone-less stamp with seven fractional digits that /connections uses."""
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S.%f')}0"


def whole_milliseconds(moment: datetime) -> datetime:
    """Return `moment` without what the wire cannot carry."""
    return moment - timedelta(microseconds=moment.microsecond % 1000)


def read_day(text: str) -> date:
    """Read a calendar date a client sent; raise `ValueError` if it is none.

    A zoned time is converted to UTC and then cut, as Xero does: it may become yesterday.
    """
    try:
        if match := _MS_DATE.fullmatch(text):
            return (_EPOCH + timedelta(milliseconds=int(match[1]))).date()
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def read_modified_since(text: str) -> datetime:
    """Read `If-Modified-Since`: ISO without zone, or RFC 1123; raise `ValueError` otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error
