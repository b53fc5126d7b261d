"""How long a parked run waits, and when it has waited long enough.

What gets a run further is a page that was stored, or the verdict on an invoice. Whatever happens
between two of them is one stall, however often the run was taken up meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core.budget import LONGEST_PAUSE
from syncline_server.core.jitter import share_of

FIRST_PAUSE: Final = timedelta(seconds=30)
"""How long to wait where nobody says."""
LONGEST_OWN_PAUSE: Final = timedelta(minutes=15)
"""What our own pauses grow to, doubling with each in a row."""
MOST_PARKS: Final = 50
"""How often in a row a run parks; with our own pauses that takes half a day."""
LONGEST_STALL: Final = timedelta(days=3)
"""How long a run waits in all: limits of a day pass twice in it."""

MOST_DEATHS: Final = 10
"""How often in a row whoever executes a run dies, before it is taken for the cause."""

_FEWEST_PARKS: Final = 5  # a server that was off for days has not tried
_JITTER_SHARE: Final = 0.1
_MOST_DOUBLINGS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Stall:
    """What a run has gone through since it last got further."""

    parks: int = 0
    """How often it was parked."""
    since: datetime | None = None
    """When it was for the first time; None when it was not."""
    deaths: int = 0
    """How often whoever executed it died; an end in order is none."""


def pause_of(asked: timedelta | None, stall: Stall, of: str) -> timedelta:
    """Return how long to wait.

    What the provider asks for is kept to. Beside that, pauses double with each in a row, so that an
    organisation that is down for hours is not called every few seconds; and they are spread by up
    to a tenth, so that what failed together does not return together.

    :param asked: how long the provider wants us to wait; None when it did not say.
    :param of: what the share of the spread is taken from.
    """
    doubled = FIRST_PAUSE * 2 ** min(stall.parks, _MOST_DOUBLINGS)
    own: timedelta = min(doubled, LONGEST_OWN_PAUSE) * (1 + _JITTER_SHARE * share_of(of))
    if asked is None:
        return own
    return min(max(asked, own) if stall.parks else asked, LONGEST_PAUSE)


def is_over(stall: Stall, now: datetime) -> bool:
    """Return whether a run that would be parked now once more has waited long enough."""
    if stall.since is None or stall.parks < _FEWEST_PARKS:
        return False
    return stall.parks >= MOST_PARKS or now - stall.since >= LONGEST_STALL


def is_deadly(stall: Stall) -> bool:
    """Return whether a run has cost so many processes that it is not to be executed any more."""
    return stall.deaths >= MOST_DEATHS
