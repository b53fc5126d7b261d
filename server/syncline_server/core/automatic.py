"""When a module runs by itself: an interval behind its last run that no webhook asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncline_server.core import readiness
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.jitter import share_of
from syncline_server.core.model import Run, RunState
from syncline_server.core.names import Scope
from syncline_server.core.readiness import ChainFacts

SHORTEST_INTERVAL: Final = timedelta(minutes=1)
LONGEST_INTERVAL: Final = timedelta(days=30)

RUNS_LOOKED_AT: Final = 6
"""How many of its newest runs decide when a module is due: more failures count no more."""
_MOST_DOUBLINGS: Final = RUNS_LOOKED_AT - 1
_LONGEST_BACKOFF: Final = timedelta(hours=6)
_JITTER_SHARE: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Automatic:
    """How a module that runs by itself stands."""

    interval: timedelta
    next_time: datetime
    """When it is due next, or has been since."""
    failed_runs: int
    """How many of its runs have failed in a row, as far as they are looked at."""
    held_by: tuple[Blocker, ...] = ()
    """Why it does not run although it is due."""


def failures(newest: Sequence[Run], generation: int) -> int:
    """Return how many runs in a row have failed since the connection was made.

    :param newest: a module's newest runs, the newest first.
    """
    count = 0
    for run in newest:
        if run.state is not RunState.FAILED or run.generation != generation:
            break
        count += 1
    return count


def next_time(
    scope: Scope, interval: timedelta, newest: Sequence[Run], generation: int
) -> datetime | None:
    """Return when a module is due; None for at once, because it never ran.

    Times that were missed collapse into one. Each scope waits a little longer by a share of its
    own, up to a tenth, so that workspaces that were set up together do not run together for ever.
    Each failure in a row doubles the wait, up to 32 times and to six hours, or the interval where
    that is longer; it begins when the run that failed has ended.

    :param newest: its newest runs that no webhook asked for, the newest first.
    """
    if not newest:
        return None
    failed = failures(newest, generation)
    last = newest[0]
    begin = last.end_time if failed and last.end_time else last.create_time
    return begin + spread(scope, _backed_off(interval, failed))


def spread(scope: Scope, interval: timedelta) -> timedelta:
    """Return an interval, longer by a scope's own share of a tenth."""
    return interval * (1 + _JITTER_SHARE * share_of(str(scope)))


def holds(
    catalogue: ProviderCatalogue, facts: ChainFacts, module: str, active: Collection[str]
) -> tuple[Blocker, ...]:
    """Return why a module that is due does not run: runs it waits for, and what blocks it.

    It waits while one it builds on is running, so that a common time keeps their order.

    :param active: the modules with a run that has not ended.
    """
    before = readiness.prerequisites(catalogue, facts.enabled, module)
    waiting = [_waits_for(catalogue, name) for name in before if name in active]
    return (*waiting, *readiness.blockers(catalogue, facts, module))


def _backed_off(interval: timedelta, failed: int) -> timedelta:
    doubled: timedelta = interval * 2 ** min(failed, _MOST_DOUBLINGS)
    return max(interval, min(doubled, _LONGEST_BACKOFF))


def _waits_for(catalogue: ProviderCatalogue, name: str) -> Blocker:
    title = catalogue.nodes[name].title
    return Blocker(
        reason=Reason.RUN_ACTIVE,
        subject=name,
        title=title,
        description=f"Wait until {title} has ended.",
    )
