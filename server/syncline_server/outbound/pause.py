"""Waiting that ends early when the work is no longer wanted."""

from collections.abc import Callable
from typing import Final

from syncline_sdk import RunStopped

Wait = Callable[[float], None]
"""Spends that many seconds; the composition root passes the real one."""
Stop = Callable[[], bool]
"""Tells whether the work is to end."""

_SLICE: Final = 0.5


def go_on() -> bool:
    """Never stop: for work that nobody can cancel."""
    return False


class Pause:
    """Waits in slices and looks between them whether to go on.

    :param wait: spends real time.
    :param stop: asked before each slice.
    """

    def __init__(self, wait: Wait, stop: Stop = go_on) -> None:
        self._wait = wait
        self._stop = stop

    def __call__(self, seconds: float) -> None:
        """Wait.

        :raises RunStopped: the work is no longer wanted.
        """
        while True:
            if self._stop():
                raise RunStopped
            if seconds <= 0:
                return
            self._wait(min(seconds, _SLICE))
            seconds -= _SLICE
