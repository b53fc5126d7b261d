from datetime import timedelta

import httpx
import pytest

from syncline_sdk import Allowance, RateLimit
from syncline_xero.allowance import read_allowance


def headers(problem: str | None, retry_after: str | None) -> dict[str, str]:
    """Return the headers of a refusal."""
    given = {"X-Rate-Limit-Problem": problem, "Retry-After": retry_after}
    return {name: value for name, value in given.items() if value is not None}


def test_every_answer_tells_what_is_left() -> None:
    """The remaining calls of minute, day and app are read from the headers."""
    told = {"X-MinLimit-Remaining": "59", "X-DayLimit-Remaining": "4321"}
    response = httpx.Response(200, headers={**told, "X-AppMinLimit-Remaining": "9876"})

    expected = Allowance(minute_remaining=59, day_remaining=4321, app_remaining=9876)
    assert read_allowance(response) == expected


@pytest.mark.parametrize("value", ["", "many", "-1", "1.5", "٣", "9" * 15, "9" * 5000])
def test_headers_that_are_missing_or_senseless_say_nothing(value: str) -> None:
    """What is not a plain count is None, as if the header were absent."""
    response = httpx.Response(200, headers=[(b"X-MinLimit-Remaining", value.encode())])
    refusal = httpx.Response(429, headers=[(b"Retry-After", value.encode())])

    assert read_allowance(response) == Allowance()
    assert read_allowance(refusal).retry_after is None


@pytest.mark.parametrize(
    ("problem", "retry_after", "limit"),
    [
        ("minute", "23", RateLimit.MINUTE),
        ("Day", "66975", RateLimit.DAY),
        ("concurrent", None, RateLimit.CONCURRENT),
        ("concurrent", "1", RateLimit.CONCURRENT),
        ("appminute", "9", RateLimit.APP_MINUTE),
        ("app-minute", None, RateLimit.APP_MINUTE),
        (None, "60", RateLimit.MINUTE),
        (None, "61", RateLimit.DAY),
        ("weekly", "7200", RateLimit.DAY),
        (None, None, RateLimit.MINUTE),
    ],
)
def test_refusals_say_which_limit_is_used_up(
    problem: str | None, retry_after: str | None, limit: RateLimit
) -> None:
    """A refusal names its limit and marks it as used up; an unnamed one is judged by the wait."""
    allowance = read_allowance(httpx.Response(429, headers=headers(problem, retry_after)))

    assert allowance == Allowance(
        minute_remaining=0 if limit is RateLimit.MINUTE else None,
        day_remaining=0 if limit is RateLimit.DAY else None,
        app_remaining=0 if limit is RateLimit.APP_MINUTE else None,
        limited=True,
        retry_after=timedelta(seconds=int(retry_after)) if retry_after else None,
        limit=limit,
    )
