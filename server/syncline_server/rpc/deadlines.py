"""Whether and how long a caller still waits: known to whatever handles the call."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Final

import grpc

_LONGEST: Final = timedelta(seconds=10)
_SHARE: Final = 3
"""A third is for waiting, a third for the call that is under way when that ends, a third is left to
answer in."""
_LONGEST_READING: Final = timedelta(minutes=10)
_READING_UNLESS_TOLD: Final = timedelta(minutes=1)
_READING_SHARE: Final = 0.8
"""The rest is for what was read last, and for the answer."""
_FOREVER: Final = timedelta(days=1)
"""Where a caller set no deadline gRPC tells a time that no timedelta holds."""
_left: ContextVar[float | None] = ContextVar("left", default=None)
_active: ContextVar[Callable[[], bool] | None] = ContextVar("active", default=None)


def enter(context: grpc.ServicerContext) -> None:
    """Note the caller of the current call; gRPC runs each in its own context."""
    _left.set(context.time_remaining())
    _active.set(context.is_active)


def is_awaited() -> bool:
    """Return whether anybody still waits for the current call; long work asks from time to time."""
    active = _active.get()
    return active is None or active()


def patience() -> timedelta:
    """Return how long a provider may keep the current call, in waiting and in one call each."""
    left = _left.get()
    if left is None:
        return _LONGEST
    return timedelta(seconds=min(left / _SHARE, _LONGEST.total_seconds()))


def reading_time() -> timedelta:
    """Return how long the current call may read at a provider where reading is all it does."""
    left = _left.get()
    if left is None or left > _FOREVER.total_seconds():
        return _READING_UNLESS_TOLD
    return min(timedelta(seconds=left * _READING_SHARE), _LONGEST_READING)
