import pytest

from clockwork import Clockwork
from syncline_sdk import RunStopped
from syncline_server.outbound.pause import Pause


def test_pause_lasts_as_long_as_asked() -> None:
    """The slices add up, and none is long."""
    clock = Clockwork()

    Pause(clock.wait)(1.2)

    assert sum(clock.waits) == pytest.approx(1.2)
    assert max(clock.waits) <= 0.5


def test_stop_is_seen_between_slices() -> None:
    """A pause ends within a slice of the wish to stop."""
    clock = Clockwork()

    with pytest.raises(RunStopped):
        Pause(clock.wait, lambda: len(clock.waits) == 2)(60)

    assert len(clock.waits) == 2


def test_no_pause_still_looks() -> None:
    """Even a pause of nothing stops what is no longer wanted."""
    with pytest.raises(RunStopped):
        Pause(Clockwork().wait, lambda: True)(0)
