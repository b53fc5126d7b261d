"""What changed in a workspace, for whoever follows it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from syncline_server.core.changes import Change, ChangeKind, Place, newest_of_each
from syncline_server.core.clock import Clock
from syncline_server.services.changed_resources import ChangedResources, Resource
from syncline_server.storage import changes as rows
from syncline_server.storage.database import Database

MOST_CHANGES = 200
"""In one page."""


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """One change with what changed."""

    change: Change
    resource: Resource | None
    """As it stands now; None for a connection."""


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """Changes in order, and up to where they reach."""

    changes: Sequence[ChangeView]
    position: int
    """Number of the last change that was looked at, told or not."""


class Changes:
    """Reads the feed of changes, and forgets what is old.

    :param kept: how long a change is kept; zero for ever.
    """

    def __init__(
        self, database: Database, clock: Clock, resources: ChangedResources, kept: timedelta
    ) -> None:
        self._database = database
        self._clock = clock
        self._resources = resources
        self._kept = kept

    def newest(self, workspace: str) -> int:
        """Return the number of the newest change; 0 before the first."""
        return rows.history(self._database, workspace).last

    def oldest(self, workspace: str) -> int:
        """Return the number behind which everything is kept."""
        return rows.history(self._database, workspace).forgotten

    def refuse_lost(self, workspace: str, after: int) -> None:
        """Refuse to go on behind a change when what follows it is not all here.

        :raises FailedPrecondition: it is not.
        """
        rows.history(self._database, workspace).refuse_lost(after)

    def page(self, workspace: str, after: int, kinds: Sequence[ChangeKind]) -> ChangePage:
        """Return the next changes behind a number, each resource once.

        :param kinds: only of these; any when there are none.
        :raises FailedPrecondition: what follows the number is not all here.
        """
        last = self.newest(workspace)
        behind = rows.read(self._database, workspace, (after, last), kinds)
        found = list(islice(behind, MOST_CHANGES))
        # Looked at last: what is forgotten meanwhile would be missed without a word.
        self.refuse_lost(workspace, after)
        position = found[-1].number if len(found) == MOST_CHANGES else last
        return ChangePage(changes=self._views(newest_of_each(found)), position=position)

    def forget_old(self) -> int:
        """Delete what has been kept long enough, and return how many rows that were."""
        if not self._kept:
            return 0
        return rows.forget(self._database, self._clock() - self._kept)

    def _views(self, found: Sequence[Change]) -> list[ChangeView]:
        shown = {place for place in _places(found) if self._resources.is_shown(place)}
        resources = self._read(change for change in found if change.place in shown)
        views = [
            ChangeView(change=change, resource=resources.get((change.place, change.id)))
            for change in found
            if change.place in shown
        ]
        return [view for view in views if view.resource or _stands_alone(view.change)]

    def _read(self, found: Iterable[Change]) -> dict[tuple[Place, str], Resource]:
        ids: dict[Place, list[str]] = defaultdict(list)
        for change in found:
            ids[change.place].append(change.id)
        return {
            (place, id_): resource
            for place, wanted in ids.items()
            for id_, resource in self._resources.at(place, wanted).items()
        }


def _places(found: Sequence[Change]) -> set[Place]:
    return {change.place for change in found}


def _stands_alone(change: Change) -> bool:
    return change.place.kind is ChangeKind.CONNECTION
