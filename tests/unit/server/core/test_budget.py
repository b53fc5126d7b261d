from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockwork import START
from syncline_sdk import Allowance, Limits
from syncline_server.core.budget import POLL, UNTOLD_PAUSE, Budget

LIMITS = Limits(per_minute=10, concurrent=3)
SECOND = timedelta(seconds=1)


@pytest.fixture
def budget() -> Budget:
    """A fresh budget of ten a minute, three at once."""
    return Budget(LIMITS)


def spend(budget: Budget, calls: int, at: float = 0) -> list[timedelta | None]:
    """Take and give back so many calls and return what each was told."""
    told = []
    for _ in range(calls):
        told.append(budget.take(START + at * SECOND))
        if told[-1] is None:
            budget.give_back()
    return told


def test_calls_within_the_window_are_let_through(budget: Budget) -> None:
    """As many calls as the limit may be made, and the next waits for the window's end."""
    assert spend(budget, 11) == [None] * 10 + [timedelta(minutes=1)]


def test_a_new_window_begins_when_the_old_is_over(budget: Budget) -> None:
    """A minute after the first call the whole limit is there again."""
    spend(budget, 10)

    assert spend(budget, 1, at=59.5) == [0.5 * SECOND]
    assert spend(budget, 11, at=60) == [None] * 10 + [timedelta(minutes=1)]


def test_calls_in_flight_are_limited(budget: Budget) -> None:
    """Only so many calls are out at once; a place is free when one ends."""
    told = [budget.take(START) for _ in range(4)]
    budget.give_back()

    assert told == [None, None, None, POLL]
    assert budget.take(START) is None


def test_refusal_without_end_is_asked_about_again_after_a_day(budget: Budget) -> None:
    """A provider that names an absurd pause closes the gate for a day and breaks nothing."""
    budget.take(START)
    budget.learn(Allowance(limited=True, retry_after=timedelta.max), START)
    budget.give_back()

    assert budget.take(START) == timedelta(days=1)


def test_what_the_provider_counted_lowers_the_rest(budget: Budget) -> None:
    """Calls that other processes made count as well."""
    budget.take(START)
    budget.learn(Allowance(minute_remaining=1), START)
    budget.give_back()

    assert spend(budget, 2) == [None, timedelta(minutes=1)]


def test_calls_in_flight_count_as_not_yet_counted(budget: Budget) -> None:
    """What an answer leaves over is shared with the calls that are still out."""
    budget.take(START)
    budget.take(START)
    budget.learn(Allowance(minute_remaining=2), START)
    budget.give_back()

    assert spend(budget, 2) == [None, timedelta(minutes=1)]


def test_overtaken_answer_raises_nothing(budget: Budget) -> None:
    """An answer that is one call behind does not add to what is left."""
    spend(budget, 5)
    budget.take(START)
    budget.learn(Allowance(minute_remaining=6), START)
    budget.give_back()

    assert spend(budget, 5) == [None] * 4 + [timedelta(minutes=1)]


def test_the_providers_new_window_is_noticed(budget: Budget) -> None:
    """When far more is left than can be, the provider has begun a window: ours begins too."""
    spend(budget, 9)
    budget.take(START)
    budget.learn(Allowance(minute_remaining=9), START + 20 * SECOND)
    budget.give_back()

    assert spend(budget, 10, at=20) == [None] * 9 + [timedelta(minutes=1)]


def test_refusal_closes_until_told(budget: Budget) -> None:
    """After a refusal nothing goes out for as long as it says; then a full window begins."""
    budget.take(START)
    budget.learn(Allowance(limited=True, retry_after=30 * SECOND), START)
    budget.give_back()

    assert spend(budget, 1, at=10) == [20 * SECOND]
    assert spend(budget, 10, at=30) == [None] * 10


def test_untold_refusal_closes_shortly(budget: Budget) -> None:
    """A refusal without a time holds back for a moment and costs nothing of the window."""
    budget.take(START)
    budget.learn(Allowance(limited=True), START)
    budget.give_back()

    assert spend(budget, 1) == [UNTOLD_PAUSE]
    assert spend(budget, 10, at=2) == [None] * 9 + [58 * SECOND]


@given(st.lists(st.floats(min_value=0, max_value=20), min_size=1, max_size=80))
def test_no_window_ever_holds_more_than_the_limit(pauses: list[float]) -> None:
    """However calls fall, each window that begins with a call holds at most the limit."""
    budget, at, made = Budget(LIMITS), 0.0, []
    for pause in pauses:
        at += pause
        if spend(budget, 1, at=at) == [None]:
            made.append(at)
    start = made[0]
    inside = 0
    for moment in made:
        if moment - start >= 60:
            start, inside = moment, 0
        inside += 1
        assert inside <= LIMITS.per_minute
