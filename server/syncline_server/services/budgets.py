"""One budget of calls per organisation: over all modules, callers, processes and restarts.

Taking a ticket is one transaction, and the only door to a provider: it looks whether the connection
still is the one the work began on, in the same breath in which it takes. Disconnecting changes the
connection first; so whoever takes later is stopped, and whoever took before is waited for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from syncline_sdk import Allowance, Limits, Provider, RateLimit, RetryLater
from syncline_server.core import budget as rules
from syncline_server.core.budget import Budget, Closure, Hold, Ticket, Told
from syncline_server.core.clock import Clock
from syncline_server.core.errors import Unavailable
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow
from syncline_server.outbound.clients import LEAVING
from syncline_server.outbound.pause import Pause, Wait
from syncline_server.storage import budgets
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

LONGEST_WAIT: Final = timedelta(seconds=90)
"""A limit that lasts longer parks the work instead of holding a thread."""
PROMPT: Final = timedelta(seconds=3)
"""How long a call may be held up between being wanted, right before its ticket, and its way out."""
_GLANCE: Final = 0.02
"""How often to look whether calls have left, in seconds."""
_BYTE: Final = 256

_LIMITS: Final = {
    None: "The provider's limit on calls is reached.",
    RateLimit.CONCURRENT: "The provider's limit on calls at once is reached.",
    RateLimit.MINUTE: "The provider's limit on calls in a minute is reached.",
    RateLimit.DAY: "The provider's limit on calls in a day is reached.",
    RateLimit.APP_MINUTE: "The provider's limit on calls for all organisations is reached.",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an organisation's allowance stands."""

    minute_remaining: int
    day: Told | None
    closed: Closure | None
    month_bytes_read: int


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Whose calls they are, and how they are made."""

    connection: ConnectionRow
    provider: str
    limits: Limits
    urgent: bool
    longest: timedelta
    """How long a call may take, once it leaves."""
    check: Callable[[], None]
    """Called in the transaction that takes a ticket; raises to prevent it."""

    @property
    def organisation(self) -> tuple[str, str]:
        """Provider and organisation id."""
        return self.provider, self.connection.organisation_id


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Budgets:
    """Gives tickets out and takes them back."""

    database: Database
    clock: Clock
    make_id: MakeId
    randomness: Callable[[int], bytes]
    wait: Wait

    def gate(self, claim: Claim) -> "Gate":
        """Return where the calls of one client wait."""
        return Gate(self, claim)

    def standing(self, provider: Provider, organisation_id: str) -> Standing:
        """Return how the allowance of an organisation stands."""
        now = self.clock()
        budget, app, read = budgets.look(self.database, provider.name, organisation_id, now)
        return Standing(
            minute_remaining=rules.minute_remaining(budget, provider.limits, now),
            day=budget.day,
            closed=rules.closed(budget, app, now),
            month_bytes_read=read,
        )

    def see_off(self, row: ConnectionRow) -> None:
        """Return when no call of an earlier generation of a connection can leave any more.

        The row is as it was stored. A call that has ended has left; one that is under way is waited
        for until it ends, or as long as it can take to leave: seconds at most.
        """
        while self._is_leaving(row):
            self.wait(_GLANCE)

    def forget_dead(self) -> None:
        """End every call in flight: for a start at which no other process can make any."""
        with self.database.transaction():
            for provider, organisation_id, workspace, budget in budgets.lock_all(self.database):
                ended = rules.all_ended(budget, self.clock())
                budgets.save(self.database, provider, organisation_id, workspace, ended)

    def jitter(self) -> float:
        """Return a random number from 0 to 1."""
        return self.randomness(1)[0] / _BYTE

    def _is_leaving(self, row: ConnectionRow) -> bool:
        now = self.clock()
        return any(
            ticket.workspace == row.key.workspace
            and ticket.generation < row.generation
            and ticket.start_time + PROMPT + LEAVING > now
            for budget in budgets.of_connection(self.database, row.key)
            for ticket in rules.current(budget, now).in_flight
        )


@dataclass(kw_only=True)
class Passage:
    """One call's way through the gate."""

    ticket: Ticket
    leave_by: datetime
    """Until when the call may leave."""
    allowance: Allowance | None = None
    wire_bytes: int = 0

    def answered(self, allowance: Allowance, wire_bytes: int) -> None:
        """Take what the answer says, and its size as it travelled."""
        self.allowance, self.wire_bytes = allowance, wire_bytes


class Gate:
    """Lets the calls of one client through as their organisation's budget allows."""

    def __init__(self, room: Budgets, claim: Claim) -> None:
        self._room = room
        self._claim = claim
        self._database = room.database

    @contextmanager
    def passage(self, pause: Pause) -> Iterator[Passage]:
        """Hold one of the places in flight.

        :param pause: how to wait for a place.
        :raises RetryLater: the wait would be long.
        :raises RunStopped: out of ``pause``, and whatever the claim's check raises.
        """
        passage = self._enter(pause)
        try:
            yield passage
        finally:
            self._leave(passage)

    def _enter(self, pause: Pause) -> Passage:
        entered = self._take()
        while isinstance(entered, Hold):
            if entered.left > LONGEST_WAIT:
                raise RetryLater(_LIMITS[entered.limit], after=entered.left)
            pause(entered.left.total_seconds() * self._patience(entered))
            # Looking first keeps those who wait for a place from queueing for the row.
            entered = self._look() or self._take()
        return entered

    def _patience(self, hold: Hold) -> float:
        """Return by what to stretch a wait: who waits for a place is woken by nobody."""
        if hold.limit is not RateLimit.CONCURRENT:
            return 1.0
        return (0.5 if self._claim.urgent else 1.5) + self._room.jitter()

    def _look(self) -> Hold | None:
        budget = budgets.get(self._database, *self._claim.organisation)
        return self._hold(budget, self._room.clock())

    def _take(self) -> Passage | Hold:
        with self._database.brief_transaction():
            # Whoever queues or is frozen behind the check has that much less time to leave.
            checked = self._room.clock()
            self._claim.check()
            budget = budgets.lock(self._database, *self._claim.organisation)
            now = self._room.clock()
            hold = self._hold(budget, now)
            if hold is not None:
                return hold
            ticket = self._ticket(now)
            self._save(rules.take(budget, ticket))
            return Passage(ticket=ticket, leave_by=checked + PROMPT)

    def _hold(self, budget: Budget, now: datetime) -> Hold | None:
        app = budgets.get_app(self._database, self._claim.provider)
        return rules.hold(budget, app, self._claim.limits, now, urgent=self._claim.urgent)

    def _ticket(self, now: datetime) -> Ticket:
        return Ticket(
            id=self._room.make_id(),
            workspace=self._claim.connection.key.workspace,
            generation=self._claim.connection.generation,
            start_time=now,
            lease_time=now + PROMPT + self._claim.longest,
        )

    def _leave(self, passage: Passage) -> None:
        try:
            self._give_back(passage)
        except Unavailable:
            # The answer is worth more than the ticket, which ends by its lease.
            log.warning("ticket not given back", action="ticket_not_given_back")

    def _give_back(self, passage: Passage) -> None:
        provider, organisation_id = self._claim.organisation
        ticket, allowance, jitter = passage.ticket, passage.allowance, self._room.jitter()
        with self._database.brief_transaction():
            budget = budgets.lock(self._database, provider, organisation_id)
            now = self._room.clock()
            self._save(rules.give_back(budget, ticket, allowance, self._claim.limits, now, jitter))
            if passage.wire_bytes:
                size = passage.wire_bytes
                budgets.add_traffic(self._database, provider, organisation_id, now, size)
            if allowance is not None:
                self._tell_all(passage.ticket, allowance, now, jitter)

    def _tell_all(self, ticket: Ticket, allowance: Allowance, now: datetime, jitter: float) -> None:
        """Write down what concerns all organisations, when it is news."""
        provider = self._claim.provider
        known = budgets.get_app(self._database, provider)
        if rules.after_answer(known, ticket, allowance, now, jitter) != known:
            app = budgets.lock_app(self._database, provider)
            news = rules.after_answer(app, ticket, allowance, now, jitter)
            budgets.save_app(self._database, provider, news)

    def _save(self, budget: Budget) -> None:
        mine = self._claim.connection.key.workspace
        # One that has just left the organisation finds its last calls until they have ended.
        others = (each.workspace for each in budget.in_flight if each.workspace != mine)
        workspace = next(others, mine)
        budgets.save(self._database, *self._claim.organisation, workspace, budget)
