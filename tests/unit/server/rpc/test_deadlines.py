from datetime import timedelta
from typing import Any, cast

import pytest

from syncline_server.rpc import deadlines


class Waiting:
    """A call whose caller waits for some time."""

    def __init__(self, left: float | None, *, active: bool = True) -> None:
        self._left = left
        self._active = active

    def is_active(self) -> bool:
        """Return whether it is still there."""
        return self._active

    def time_remaining(self) -> float | None:
        """Return how long in seconds."""
        return self._left


@pytest.mark.parametrize(
    ("left", "patience"),
    [(None, 10), (9.2e18, 10), (float("inf"), 10), (60, 10), (6, 2), (0, 0)],
)
def test_patience_is_a_third_of_what_is_left(left: float | None, patience: int) -> None:
    """Within ten seconds, which also go to callers without a deadline, however gRPC tells it."""
    deadlines.enter(cast(Any, Waiting(left)))

    assert deadlines.patience() == timedelta(seconds=patience)


@pytest.mark.parametrize(
    ("left", "seconds"),
    [(None, 60), (9.2e18, 60), (float("inf"), 60), (50, 40), (3600, 600), (0, 0)],
)
def test_reading_may_take_most_of_what_is_left(left: float | None, seconds: int) -> None:
    """Four fifths, within ten minutes; a minute where the caller sets no deadline."""
    deadlines.enter(cast(Any, Waiting(left)))

    assert deadlines.reading_time() == timedelta(seconds=seconds)


@pytest.mark.parametrize("active", [True, False])
def test_call_is_awaited_while_its_caller_is_there(*, active: bool) -> None:
    """Long work learns from the call itself whether it is still wanted."""
    deadlines.enter(cast(Any, Waiting(None, active=active)))

    assert deadlines.is_awaited() is active
