import pytest
from hypothesis import given
from hypothesis import strategies as some

from syncline_server.core.allowance import Allowance

MINUTELY = Allowance(per_minute=60, burst=5)


def taken(allowed: Allowance, moments: list[float]) -> int:
    """Return how many of these attempts succeed."""
    full, count = 0.0, 0
    for now in moments:
        if not allowed.wait(full, now, 1):
            full, count = allowed.spend(full, now, 1), count + 1
    return count


def test_burst_may_be_had_at_once() -> None:
    """After a pause so much is there at once, and no more."""
    assert taken(MINUTELY, [1000.0] * 9) == 5


def test_more_comes_with_time() -> None:
    """One a second comes back."""
    assert taken(MINUTELY, [1000.0] * 9 + [1001.0] * 9 + [1003.0] * 9) == 5 + 1 + 2


def test_time_left_is_exact() -> None:
    """Whoever waits as long as told is taken, and not a moment sooner."""
    full = 1000.0
    for _ in range(5):
        full = MINUTELY.spend(full, 1000.0, 1)

    left = MINUTELY.wait(full, 1000.25, 1)

    assert left == pytest.approx(0.75)
    assert MINUTELY.wait(full, 1000.25 + left + 1e-6, 1) == 0


def test_what_costs_more_than_the_burst_takes_a_full_bucket() -> None:
    """Nothing is refused for ever."""
    assert MINUTELY.wait(0.0, 1000.0, 7) == 0
    assert MINUTELY.wait(MINUTELY.spend(0.0, 1000.0, 1), 1000.0, 7) == pytest.approx(1)


@given(some.lists(some.floats(0, 600), max_size=200))
def test_never_more_than_allowed(moments: list[float]) -> None:
    """In any time no more is had than the burst and what came back meanwhile."""
    moments.sort()
    span = moments[-1] - moments[0] if moments else 0

    assert taken(MINUTELY, moments) <= 5 + span + 1e-6
