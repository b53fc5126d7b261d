"""Erasing workspaces: begun by a call or a command, carried out in steps that survive any crash."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from syncline_server.core import erasure as rules
from syncline_server.core.admission import run_active
from syncline_server.core.audit import SYSTEM
from syncline_server.core.clock import Clock, is_within
from syncline_server.core.erasure import Erasure
from syncline_server.core.errors import NotFound
from syncline_server.core.identifiers import MakeId
from syncline_server.core.names import record
from syncline_server.core.notices import WorkspaceChanged
from syncline_server.services import access_tokens as access_token_service
from syncline_server.services import audit
from syncline_server.storage import access_tokens, changes, connections, consents, runs
from syncline_server.storage import erasures as rows
from syncline_server.storage.database import Database
from syncline_server.storage.erasing import STEPS, Step

log = structlog.get_logger(__name__)

REMEMBERED: Final = timedelta(seconds=1)
"""How long a process trusts what it knows of erasures that others began; rows keep writers out."""
SCRUB_PAUSE: Final = timedelta(minutes=5)
"""How long after SQLite's file was written anew by this process it may be again."""
_OVERLAP: Final = timedelta(minutes=2)
"""What began so long before the last look may have been committed behind it."""
_AT_ONCE: Final = 1_000
_PAUSE_SECONDS: Final = 0.01

Tell = Callable[[Erasure], None]
"""Is told how far an erasure is, after each step."""


@dataclass(eq=False)
class _Seen:
    """Which workspaces were being erased when it was looked up last."""

    found: tuple[datetime | None, frozenset[str]] = (None, frozenset())
    """When, and which: one value, since others look at the same time."""


@dataclass(eq=False)
class _Known:
    """What this process knows of erasures, and what it did."""

    seen: _Seen = field(default_factory=_Seen)
    """Another one after each change here: who looked just before it notes that in the old one."""
    scrub_time: datetime | None = None
    """When SQLite's file was written anew last."""
    told: datetime | None = None
    """When those who follow workspaces were told last of erasures that others began."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Erasures:
    """Begins erasures, finishes them, and keeps callers out meanwhile.

    Any number of processes may finish the same one: each step is a transaction that holds its row.
    """

    database: Database
    clock: Clock
    make_id: MakeId
    wait: Callable[[float], None]
    """Waits so many seconds, so that writers come between two steps."""
    is_over: Callable[[], bool] = lambda: False
    """Whether this process is about to end; the next one goes on."""
    known: _Known = field(default_factory=_Known)

    def begin(self, workspace: str, caller: str) -> Erasure:
        """Begin to erase a workspace, or return the erasure that is under way.

        From the commit on nothing is written to it any more; see :mod:`storage.erasures`.

        :raises FailedPrecondition: a connection is not disconnected.
        :raises Aborted: a run is active.
        """
        with self.database.transaction():
            rows.turn_alone(self.database, workspace)
            known = rows.open_of(self.database, workspace)
            if known is not None:
                return known
            self._refuse_alive(workspace)
            erasure = Erasure(
                id=self.make_id(),
                workspace=workspace,
                requested_by=caller,
                request_time=self.clock(),
            )
            rows.insert(self.database, erasure)
            count = consents.forget_of(self.database, workspace)
            rows.add_counts(self.database, erasure, {"consents": count})
            changes.end(self.database, workspace)
        self.known.seen = _Seen()
        log.info("erasing", action="erasing", workspace=workspace, caller=caller)
        return erasure

    def get(self, workspace: str, identifier: str) -> Erasure:
        """Return an erasure.

        :raises NotFound: there is none of this name.
        """
        found = rows.get(self.database, workspace, identifier)
        if found is None:
            raise NotFound(record(workspace, "erasures", identifier))
        return found

    def refuse(self, workspace: str) -> None:
        """Refuse a workspace that is being erased.

        :raises FailedPrecondition: it is.
        """
        now, seen = self.clock(), self.known.seen
        since, workspaces = seen.found
        if not is_within(since, now, REMEMBERED):
            workspaces = frozenset(each.workspace for each in rows.every_open(self.database))
            seen.found = (now, workspaces)
        if workspace in workspaces:
            raise rules.under_way(workspace)

    def go_on(self) -> None:
        """Finish whatever has begun, also meanwhile."""
        while found := rows.every_open(self.database):
            if not self.finish(*found):
                return

    def finish(self, *erasures: Erasure, tell: Tell = lambda _erasure: None) -> bool:
        """Delete everything; False when one cannot be finished yet and has to be repeated."""
        if not all(self._delete(erasure, tell) for erasure in erasures):
            return False
        deleted = [self.get(each.workspace, each.id) for each in erasures]
        if any(each.row_counts.get("access_tokens") for each in deleted):
            # Processes trust a token for so long: nobody fills the workspace anew with an old one.
            self.wait(access_token_service.REMEMBERED.total_seconds())
        is_clean = self._scrub(deleted)
        for erasure in deleted:
            if is_clean or not erasure.leaves_remains:
                self._end(erasure)
        return is_clean

    def tell_of_others(self) -> None:
        """Tell those who follow a workspace that it was erased, also where a command did that.

        Commands reach nobody who follows; told twice, they look twice.
        """
        now = self.clock()
        since = (self.known.told or now) - _OVERLAP
        for workspace in rows.begun_since(self.database, since):
            self.database.tell(WorkspaceChanged(workspace))
        self.known.told = now

    def _delete(self, erasure: Erasure, tell: Tell) -> bool:
        for step in STEPS:
            while self._take(erasure, step):
                tell(self.get(erasure.workspace, erasure.id))
                self.wait(_PAUSE_SECONDS)
                if self.is_over():
                    return False
        self._close(erasure)
        return True

    def _scrub(self, erasures: Sequence[Erasure]) -> bool:
        """Let nothing of them linger; False when that has to wait.

        Everybody waits with writing meanwhile: so once for all, seldom, and never for nothing.
        """
        if not self.database.is_sqlite or not any(each.leaves_remains for each in erasures):
            return True
        now = self.clock()
        if is_within(self.known.scrub_time, now, SCRUB_PAUSE):
            return False
        self.known.scrub_time = now
        return self.database.scrub()

    def _end(self, erasure: Erasure) -> None:
        rows.finish(self.database, erasure.id, self.clock())
        self.known.seen = _Seen()
        log.info("erased", action="erased", workspace=erasure.workspace)

    def _refuse_alive(self, workspace: str) -> None:
        found = [
            connections.lock(self.database, row.key, self.clock())
            for row in connections.of_workspace(self.database, workspace)
        ]
        rules.refuse_connected(workspace, found)
        for row in found:
            for run in runs.active_of(self.database, row.key):
                raise run_active(run.scope, run.id)

    def _take(self, erasure: Erasure, step: Step) -> bool:
        """Carry out a step once; False when nothing is left of what it deletes."""
        with self.database.transaction():
            current = rows.lock_open(self.database, erasure.id)
            if current is None:  # another process has finished it
                return False
            counts = step(self.database, erasure.workspace, _AT_ONCE)
            if counts:
                rows.add_counts(self.database, current, counts)
        return bool(counts)

    def _close(self, erasure: Erasure) -> None:
        """Look that nothing came in behind a step, and let tokens reach the workspace no more.

        Its id may soon be another's.
        """
        workspace, counts = erasure.workspace, Counter[str]()
        with self.database.transaction():
            current = rows.lock_open(self.database, erasure.id)
            if current is None:
                return
            for step in STEPS:
                while found := step(self.database, workspace, _AT_ONCE):
                    counts.update(found)
            counts["access_tokens"] = self._withdraw_tokens(workspace)
            rows.add_counts(self.database, current, counts)

    def _withdraw_tokens(self, workspace: str) -> int:
        now = self.clock()
        withdrawn = access_tokens.withdraw(self.database, workspace, now)
        for token in withdrawn:
            old = token.workspaces or frozenset()
            edit = ("workspaces", ",".join(sorted(old)), ",".join(sorted(old - {workspace})))
            name = f"accessTokens/{token.id}"
            audit.record(self.database, SYSTEM, "WithdrawToken", now, edit, names=(name,))
        return len(withdrawn)
