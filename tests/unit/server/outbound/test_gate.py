import pytest

from clockwork import Clockwork
from syncline_sdk import Limits, RunStopped
from syncline_server.outbound.gate import Gate, Gates
from syncline_server.outbound.pause import Pause

LIMITS = Limits(per_minute=60, concurrent=2)


def test_no_more_are_inside_than_may_be() -> None:
    """While two are inside a third waits, and goes in when one has left."""
    clock = Clockwork()
    gate = Gate(LIMITS, clock)
    pause = Pause(clock.wait, lambda: len(clock.waits) >= 3)

    with gate.passage(pause):
        with gate.passage(pause), pytest.raises(RunStopped), gate.passage(pause):
            pass
        with gate.passage(Pause(clock.wait)):
            assert len(clock.waits) == 3


def test_place_is_free_after_a_failure() -> None:
    """A call that raises gives its place back."""
    clock = Clockwork()
    gate = Gate(Limits(per_minute=60, concurrent=1), clock)

    for _ in range(3):
        with pytest.raises(KeyError), gate.passage(Pause(clock.wait)):
            raise KeyError

    assert clock.waits == []


def test_each_organisation_has_its_own_gate() -> None:
    """One gate per provider and organisation, the same each time."""
    gates = Gates(Clockwork())

    kauri = gates.of("ledger", "kauri", LIMITS)
    assert gates.of("ledger", "kauri", LIMITS) is kauri
    assert gates.of("ledger", "rimu", LIMITS) is not kauri
    assert gates.of("abacus", "kauri", LIMITS) is not kauri
