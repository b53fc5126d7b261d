"""Time as an argument."""

from collections.abc import Callable
from datetime import datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC. The composition root passes the real one."""


def is_within(since: datetime | None, now: datetime, span: timedelta) -> bool:
    """Return whether a time that is remembered is younger than a span; not when there is none.

    Nor when it is still to come: a clock that was put back must not make anything last longer.
    """
    return since is not None and since <= now < since + span
