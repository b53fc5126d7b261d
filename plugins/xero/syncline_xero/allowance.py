"""Xero's limits: five calls at once, sixty a minute, a number a day, per organisation.

Every answer says what is left; a refusal is a 429 whose ``X-Rate-Limit-Problem`` names the limit.
Only minute and day refusals promise a ``Retry-After`` (developer.xero.com, "OAuth 2.0 API limits").
"""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from syncline_sdk import Allowance, Limits

XERO_LIMITS: Final = Limits(per_minute=60, concurrent=5)

# No more digits than the seconds of thirty years have: what is longer is senseless, too.
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_A_MINUTE: Final = timedelta(seconds=60)


def read_allowance(response: httpx.Response) -> Allowance:
    """Return what an answer says about the limits; None for what it leaves out.

    A refusal for the minute or the day counts that allowance as used up, also when its own header
    is missing. A refusal for too many calls at once says nothing about either and may come without
    ``Retry-After``: ``retry_after`` is None then and the pause is the host's to choose.
    """
    minute = _count(response, "X-MinLimit-Remaining")
    day = _count(response, "X-DayLimit-Remaining")
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        return Allowance(minute_remaining=minute, day_remaining=day)
    seconds = _count(response, "Retry-After")
    pause = None if seconds is None else timedelta(seconds=seconds)
    problem = _problem(response, pause)
    return Allowance(
        minute_remaining=0 if problem == "minute" else minute,
        day_remaining=0 if problem == "day" else day,
        limited=True,
        retry_after=pause,
    )


def _problem(response: httpx.Response, pause: timedelta | None) -> str:
    named: str = response.headers.get("X-Rate-Limit-Problem", "").strip().casefold()
    if named in {"minute", "day", "concurrent"}:
        return named
    if named in {"appminute", "app-minute"}:
        # The limit of the whole app, over all organisations: this one's own minute is not used up,
        # yet no call of it will pass before the minute is over.
        return "minute"
    return "minute" if pause is None or pause <= _A_MINUTE else "day"


def _count(response: httpx.Response, header: str) -> int | None:
    text = response.headers.get(header, "").strip()
    return int(text) if _COUNT.fullmatch(text) else None
