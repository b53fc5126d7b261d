from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_server.core.patience import (
    LONGEST_STALL,
    MOST_PARKS,
    Stall,
    is_over,
    pause_of,
)

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HALF_A_MINUTE = timedelta(seconds=30)


def stalled(parks: int, ago: timedelta = timedelta(hours=1)) -> Stall:
    """Return what a run has gone through that was parked so often, first so long ago."""
    return Stall(parks=parks, since=NOON - ago)


@pytest.mark.parametrize(
    ("parks", "least"),
    [(0, HALF_A_MINUTE), (1, HALF_A_MINUTE * 2), (3, HALF_A_MINUTE * 8), (49, HALF_A_MINUTE * 30)],
)
def test_own_pauses_double_up_to_a_quarter_of_an_hour(parks: int, least: timedelta) -> None:
    """Each is spread by up to a tenth, by what it is for."""
    pauses = {pause_of(None, stalled(parks), f"run-{number}") for number in range(50)}

    assert len(pauses) > 40
    assert least <= min(pauses)
    assert max(pauses) <= least * 1.1


def test_what_the_provider_asks_for_is_kept_to() -> None:
    """The first time to the second; later a short pause grows as our own do, a long one stays."""
    assert pause_of(timedelta(seconds=7), Stall(), "run") == timedelta(seconds=7)
    assert pause_of(timedelta(seconds=7), stalled(4), "run") >= HALF_A_MINUTE * 16
    assert pause_of(timedelta(hours=18), stalled(4), "run") == timedelta(hours=18)


@given(st.timedeltas(min_value=timedelta()), st.integers(0, 10**6))
def test_no_pause_is_longer_than_a_day(asked: timedelta, parks: int) -> None:
    """Whatever an answer asks for, and however long it has gone on."""
    assert pause_of(asked, stalled(parks), "run") <= DAY
    assert HALF_A_MINUTE <= pause_of(None, stalled(parks), "run") <= timedelta(minutes=16.5)


@pytest.mark.parametrize(
    ("stall", "over"),
    [
        (Stall(), False),
        (stalled(MOST_PARKS - 1), False),
        (stalled(MOST_PARKS), True),
        (stalled(MOST_PARKS - 1, DAY * 2), False),
        (stalled(5, LONGEST_STALL), True),
        (stalled(4, LONGEST_STALL * 2), False),
    ],
    ids=["never", "nearly", "often", "two limits of a day", "long", "an idle server"],
)
def test_waiting_is_over_after_many_times_or_days(stall: Stall, over: bool) -> None:  # noqa: FBT001 - a case
    """Normal waits are not cut short; what goes on for ever is."""
    assert is_over(stall, NOON) is over


def test_an_organisation_may_be_offline_for_half_a_day() -> None:
    """So long it takes until pauses of our own are used up."""
    waited = sum((pause_of(None, Stall(parks=n), "run") for n in range(MOST_PARKS)), timedelta())

    assert timedelta(hours=11) < waited < timedelta(hours=13)
