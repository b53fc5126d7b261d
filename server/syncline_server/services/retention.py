"""Forgetting what ended long ago, for as long as the operator chose, without holding writers up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from syncline_server.core.audit import SYSTEM
from syncline_server.core.clock import Clock
from syncline_server.services import audit
from syncline_server.storage import audit as audit_rows
from syncline_server.storage import run_history, webhook_events
from syncline_server.storage.database import Database
from syncline_server.storage.run_history import Ended

log = structlog.get_logger(__name__)

SHORTEST: Final = timedelta(days=1)
"""A run is kept for so long at least: its request id is not accepted a second time meanwhile."""
_PAUSE_SECONDS: Final = 0.02
_TOO_OLD: Final = "older than SYNCLINE_AUDIT_HISTORY_SECONDS"


@dataclass(frozen=True, kw_only=True)
class Spans:
    """How long something is kept behind its end; zero for ever."""

    runs: timedelta
    webhooks: timedelta
    audit: timedelta


@dataclass(frozen=True, kw_only=True, eq=False)
class Retention:
    """Deletes old runs, webhook events and audit entries, by an index.

    A few in each transaction, with a pause behind it.

    Every process may do it at once: one works, the others leave it to that one.
    """

    database: Database
    clock: Clock
    spans: Spans
    wait: Callable[[float], None]
    """Waits so many seconds, so that writers come between two transactions."""
    is_over: Callable[[], bool] = lambda: False
    """Whether this process is about to end."""
    at_once: int = 200
    """How many rows of a table one transaction deletes at most."""

    def forget_runs(self) -> int:
        """Delete old runs that nothing relies on, with what belongs to them; return how many."""
        if not self.spans.runs:
            return 0
        before = self.clock() - max(self.spans.runs, SHORTEST)
        behind, forgotten = Ended(), 0
        while page := run_history.ended(self.database, before, behind, self.at_once):
            forgotten += self._forget([each.id for each in page])
            behind = page[-1]
            if self._pause():
                break
        if forgotten:
            log.info("runs forgotten", action="runs_forgotten", runs=forgotten)
        return forgotten

    def forget_webhooks(self) -> int:
        """Delete events that came long ago, and return how many."""
        if not self.spans.webhooks:
            return 0
        before = self.clock() - self.spans.webhooks
        forgotten = 0
        while count := webhook_events.forget(self.database, before, self.at_once):
            forgotten += count
            if self._pause():
                break
        return forgotten

    def forget_audit(self) -> int:
        """Remove old entries of every trail, which stays verifiable; return how many."""
        if not self.spans.audit:
            return 0
        before, forgotten = self.clock() - self.spans.audit, 0
        for chain in audit_rows.chains(self.database):
            while count := self._forget_entries(chain, before):
                forgotten += count
                if self._pause():
                    return forgotten
        return forgotten

    def _forget_entries(self, chain: str, before: datetime) -> int:
        # Once a day's worth has aged: each removal leaves an entry, which ages, too.
        if not audit_rows.reaches_before(self.database, chain, before - SHORTEST):
            return 0
        return audit.remove(self.database, SYSTEM, chain, before, _TOO_OLD, self.clock())

    def _forget(self, ids: list[str]) -> int:
        # Before the transaction, to hold nobody up: what ended and is not in use never is again.
        found = run_history.not_in_use(self.database, ids)
        while True:
            with self.database.transaction():
                if not run_history.take_turn(self.database):
                    return 0
                counts = run_history.delete(self.database, found, self.at_once) if found else {}
            if "runs" in counts or not counts or self._pause():
                return counts.get("runs", 0)

    def _pause(self) -> bool:
        """Let others write; True when it is time to end."""
        self.wait(_PAUSE_SECONDS)
        return self.is_over()
