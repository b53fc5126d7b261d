"""When what a provider told is read, and how much of it at once record by record."""

from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import Trigger
from syncline_server.core.model import Run, RunState

MOST_TARGETS: Final = 200
"""Records a run reads one by one at most. Beyond that, an ordinary run reads whatever changed in
fewer calls: Xero takes 40 ids in one, and gives 1,000 records in one."""
_SHORTEST_REST: Final = timedelta(minutes=1)
_LONGEST_REST: Final = timedelta(days=1)


def rests(last: Run | None, generation: int, oldest: datetime, now: datetime) -> bool:
    """Return whether a module's events wait a while longer, because the last run came to nothing.

    They wait as long again as they had waited when it ended: so what fails again and again is tried
    less and less often. A connection that was made anew is tried at once.

    :param last: the module's newest run, which has ended.
    :param generation: of the connection.
    :param oldest: when the first of the events came.
    """
    if last is None or last.end_time is None or last.generation != generation:
        return False
    came_through = last.state in (RunState.SUCCEEDED, RunState.PARTIAL) and not last.collapsed
    if last.trigger is not Trigger.WEBHOOK or came_through:
        return False
    waited = min(max(last.end_time - oldest, _SHORTEST_REST), _LONGEST_REST)
    return now < last.end_time + waited
