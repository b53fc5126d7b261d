from collections.abc import Callable
from dataclasses import replace

import pytest

from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import Reason, ResourceExhausted
from syncline_server.rpc.identity import LOCAL
from syncline_server.rpc.seats import Seats

ONE = Identity(subject="one", title="One", roles={"acme": Role.VIEWER})
TWO = replace(ONE, subject="two")


class Call:
    """A call that ends when told."""

    def __init__(self, *, over: bool = False) -> None:
        self._over = over
        self._callbacks: list[Callable[[], None]] = []

    def at_end(self, callback: Callable[[], None]) -> bool:
        """Keep what is called at the end."""
        self._callbacks.append(callback)
        return not self._over

    def end(self) -> None:
        """End."""
        for callback in self._callbacks:
            callback()


def refused(seats: Seats, caller: Identity) -> str:
    """Return which limit refuses a caller."""
    with pytest.raises(ResourceExhausted) as refusal:
        seats.take(caller, Call().at_end)
    assert refusal.value.reason is Reason.CONCURRENCY_LIMITED
    return refusal.value.metadata["limit"]


def test_one_caller_leaves_room_for_others() -> None:
    """The limit is each caller's own."""
    seats = Seats(most=10, most_of_one=2)
    for _ in range(2):
        seats.take(ONE, Call().at_end)

    assert refused(seats, ONE) == "streams_per_caller"
    seats.take(TWO, Call().at_end)


def test_all_callers_together_have_a_limit() -> None:
    """Memory is bounded however many callers there are."""
    seats = Seats(most=2, most_of_one=2)
    seats.take(ONE, Call().at_end)
    seats.take(TWO, Call().at_end)

    assert refused(seats, replace(ONE, subject="three")) == "streams"


def test_seat_is_free_again_at_the_end() -> None:
    """A stream that ended counts no more."""
    seats = Seats(most=1, most_of_one=1)
    call = Call()
    seats.take(ONE, call.at_end)
    call.end()

    seats.take(ONE, Call().at_end)


def test_call_that_is_over_holds_no_seat() -> None:
    """Who left before they sat down is not counted for ever."""
    seats = Seats(most=1, most_of_one=1)
    seats.take(ONE, Call(over=True).at_end)

    seats.take(ONE, Call().at_end)


def test_owner_of_the_machine_may_have_all_seats() -> None:
    """Where nobody is asked for credentials there are no others."""
    seats = Seats(most=3, most_of_one=1)
    for _ in range(3):
        seats.take(LOCAL, Call().at_end)

    assert refused(seats, LOCAL) == "streams"
