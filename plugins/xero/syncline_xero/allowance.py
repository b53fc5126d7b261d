"""Xero's limits: five calls at once, sixty a minute, a number a day, per organisation.

And 10,000 a minute over all organisations of the app. Every answer says what is left; a refusal is
a 429 whose ``X-Rate-Limit-Problem`` names the limit. Only minute and day refusals promise a
``Retry-After`` (developer.xero.com, "OAuth 2.0 API limits").
"""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from syncline_sdk import Allowance, Limits, RateLimit

XERO_LIMITS: Final = Limits(per_minute=60, concurrent=5)

# No more digits than the seconds of thirty years have: what is longer is senseless, too.
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_A_MINUTE: Final = timedelta(seconds=60)
_NAMES: Final = {
    "minute": RateLimit.MINUTE,
    "day": RateLimit.DAY,
    "concurrent": RateLimit.CONCURRENT,
    # Seen in both spellings.
    "appminute": RateLimit.APP_MINUTE,
    "app-minute": RateLimit.APP_MINUTE,
}


def read_allowance(response: httpx.Response) -> Allowance:
    """Return what an answer says about the limits; None for what it leaves out.

    A refusal for the minute, the day or the app's minute counts that allowance as used up, also
    when its own header is missing. A refusal for too many calls at once says nothing about them
    and may come without ``Retry-After``: ``retry_after`` is None then and the pause is the host's
    to choose.
    """
    minute = _count(response, "X-MinLimit-Remaining")
    day = _count(response, "X-DayLimit-Remaining")
    app = _count(response, "X-AppMinLimit-Remaining")
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        return Allowance(minute_remaining=minute, day_remaining=day, app_remaining=app)
    seconds = _count(response, "Retry-After")
    pause = None if seconds is None else timedelta(seconds=seconds)
    limit = _limit(response, pause)
    return Allowance(
        minute_remaining=0 if limit is RateLimit.MINUTE else minute,
        day_remaining=0 if limit is RateLimit.DAY else day,
        app_remaining=0 if limit is RateLimit.APP_MINUTE else app,
        limited=True,
        retry_after=pause,
        limit=limit,
    )


def _limit(response: httpx.Response, pause: timedelta | None) -> RateLimit:
    named = response.headers.get("X-Rate-Limit-Problem", "").strip().casefold()
    if named in _NAMES:
        return _NAMES[named]
    return RateLimit.MINUTE if pause is None or pause <= _A_MINUTE else RateLimit.DAY


def _count(response: httpx.Response, header: str) -> int | None:
    text = response.headers.get(header, "").strip()
    return int(text) if _COUNT.fullmatch(text) else None
