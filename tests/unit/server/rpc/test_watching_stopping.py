import threading
from collections.abc import Callable

import pytest

from stream_readers import Reader, follow, sight
from syncline_server.core.errors import Unavailable
from syncline_server.rpc import identity
from syncline_server.rpc.watching import Hub, Pace


class Door:
    """A lock in front of which somebody acts, once."""

    def __init__(self, lock: threading.Lock, act: Callable[[], object]) -> None:
        self._lock = lock
        self._acts = [act]

    def __enter__(self) -> None:
        if self._acts:
            self._acts.pop()()
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


def test_who_comes_while_the_hub_stops_is_sent_elsewhere() -> None:
    """A stream that begins just when all are ended does not stay behind, open and told nothing."""
    identity.enter(identity.LOCAL)
    hub, reader = Hub(Pace()), Reader()
    hub._lock = Door(hub._lock, hub.stop)  # type: ignore[assignment]  # a lock to whoever takes it

    with pytest.raises(Unavailable):
        follow(hub, lambda: sight(1), reader)

    assert hub.watching == 0
