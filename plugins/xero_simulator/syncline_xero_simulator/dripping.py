"""Bodies that do not arrive in one piece."""

from collections.abc import Callable, Iterator

from syncline_xero_simulator.faults import ConnectionDroppedError

_DROPS = 20


class CutShort:
    """The first half of a body; then the connection is cut."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        """Yield what arrives."""
        yield self._body[: len(self._body) // 2]
        raise ConnectionDroppedError


class Drips:
    """A body in twenty pieces with a pause before each.

    :param seconds: how long a pause is.
    :param wait: spends seconds.
    """

    def __init__(self, body: bytes, seconds: float, wait: Callable[[float], None]) -> None:
        self._body = body
        self._seconds = seconds
        self._wait = wait

    def __iter__(self) -> Iterator[bytes]:
        """Yield piece after piece."""
        size = max(1, -(-len(self._body) // _DROPS))
        for begin in range(0, len(self._body), size):
            self._wait(self._seconds)
            yield self._body[begin : begin + size]
