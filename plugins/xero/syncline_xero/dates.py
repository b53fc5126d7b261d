"""Xero's dates: ``/Date(1790831469000+0000)/`` and its relatives.

An instant is UTC milliseconds since 1970; an offset beside it only tells in which zone somebody
saw it. A calendar date is the same form holding that day at 00:00 UTC. (developer.xero.com,
"Requests and responses"; negative, zero and offset forms are reported by users.)
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

_MS_DATE = re.compile(r"/Date\((-?\d+)(?:([+-])(\d{2})(\d{2}))?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """Return the instant in UTC. An ISO text without a zone is UTC, as everywhere in Xero.

    :raises ValueError: if it is neither a Microsoft nor an ISO date, or out of range.
    """
    match = _MS_DATE.fullmatch(text)
    if match is None:
        return _parse_iso(text)
    return _since_epoch(int(match[1]))


def parse_day(text: str) -> date:
    """Return the calendar date.

    Converting in any zone but UTC moves the day for readers west of Greenwich. Should the value
    not be a UTC midnight, it is somebody's local midnight and its own offset leads back to it.

    :raises ValueError: if it is neither a Microsoft nor an ISO date, or out of range.
    """
    match = _MS_DATE.fullmatch(text)
    if match is None:
        return _parse_iso(text).date()
    instant = _since_epoch(int(match[1]))
    if match[2] is None or instant.time() == time.min:
        return instant.date()
    offset = timedelta(hours=int(match[3]), minutes=int(match[4]))
    try:
        return (instant + (offset if match[2] == "+" else -offset)).date()
    except OverflowError as error:
        raise ValueError(f"date out of range: {text}") from error


def as_http_time(moment: datetime) -> str:
    """Return the moment as ``If-Modified-Since`` wants it: UTC, whole seconds, no zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _since_epoch(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise ValueError(f"date out of range: {milliseconds}") from error


def _parse_iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"date out of range: {text}") from error
