from datetime import timedelta

import httpx
import pytest

from syncline_sdk import Allowance
from syncline_xero.allowance import read_allowance


def headers(problem: str | None, retry_after: str | None) -> dict[str, str]:
    """Return the headers of a refusal."""
    given = {"X-Rate-Limit-Problem": problem, "Retry-After": retry_after}
    return {name: value for name, value in given.items() if value is not None}


def test_every_answer_tells_what_is_left() -> None:
    """The remaining calls of minute and day are read from the headers."""
    response = httpx.Response(
        200, headers={"X-MinLimit-Remaining": "59", "X-DayLimit-Remaining": "4321"}
    )

    assert read_allowance(response) == Allowance(minute_remaining=59, day_remaining=4321)


@pytest.mark.parametrize("value", ["", "many", "-1", "1.5", "٣", "9" * 15, "9" * 5000])
def test_headers_that_are_missing_or_senseless_say_nothing(value: str) -> None:
    """What is not a plain count is None, as if the header were absent."""
    response = httpx.Response(200, headers=[(b"X-MinLimit-Remaining", value.encode())])
    refusal = httpx.Response(429, headers=[(b"Retry-After", value.encode())])

    assert read_allowance(response) == Allowance()
    assert read_allowance(refusal).retry_after is None


@pytest.mark.parametrize(
    ("problem", "retry_after", "expected"),
    [
        ("minute", "23", Allowance(minute_remaining=0, retry_after=timedelta(seconds=23))),
        ("Day", "66975", Allowance(day_remaining=0, retry_after=timedelta(seconds=66975))),
        ("concurrent", None, Allowance()),
        ("concurrent", "1", Allowance(retry_after=timedelta(seconds=1))),
        ("appminute", "9", Allowance(minute_remaining=0, retry_after=timedelta(seconds=9))),
        ("app-minute", None, Allowance(minute_remaining=0)),
        (None, "60", Allowance(minute_remaining=0, retry_after=timedelta(seconds=60))),
        (None, "61", Allowance(day_remaining=0, retry_after=timedelta(seconds=61))),
        ("weekly", "7200", Allowance(day_remaining=0, retry_after=timedelta(hours=2))),
        (None, None, Allowance(minute_remaining=0)),
    ],
)
def test_refusals_say_which_allowance_is_used_up(
    problem: str | None, retry_after: str | None, expected: Allowance
) -> None:
    """A refusal marks its limit as used up; an unnamed one is judged by how long to wait."""
    allowance = read_allowance(httpx.Response(429, headers=headers(problem, retry_after)))

    assert allowance.limited
    assert (allowance.minute_remaining, allowance.day_remaining, allowance.retry_after) == (
        expected.minute_remaining,
        expected.day_remaining,
        expected.retry_after,
    )
