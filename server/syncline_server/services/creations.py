"""Creating records at the provider first: once, whatever dies when, and never a second time.

A creation is a row before anything is sent, and again right before the write leaves. Whoever finds
one that has left and has no outcome reads the provider before anything else: the same request when
it is repeated, housekeeping, or the next pull, whichever comes first.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import httpx
import structlog

from syncline_sdk import (
    AccessLost,
    Contact,
    Item,
    OutcomeUnknown,
    PluginError,
    RecordRejected,
    RetryLater,
    RunStopped,
)
from syncline_server.core.clock import Clock
from syncline_server.core.creation import Content, Creation, CreationState, kind_of
from syncline_server.core.errors import Refusal
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection, Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import Master
from syncline_server.outbound.pause import Stop, go_on
from syncline_server.services import creation_refusals, provider_refusals
from syncline_server.services.creation_calls import CreationCalls, Door
from syncline_server.services.creation_hand import LEASE, Hand
from syncline_server.storage import acts, erasures
from syncline_server.storage import creations as rows
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

PATIENCE: Final = timedelta(seconds=10)
"""How long is waited for a provider at most when nobody says how long they have."""
_KEPT: Final = timedelta(days=1)
_AT_ONCE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A record that somebody wants created at its provider."""

    master: Master
    content: Content
    request: str
    """Fingerprint of what was asked for."""
    refuse_taken: Callable[[], None]
    """Raises when a record of ours has its id or code; called inside a transaction."""
    patience: timedelta = PATIENCE
    """How long may be waited, and how long a call may take."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Creations:
    """Creates records at their provider first."""

    database: Database
    calls: CreationCalls
    clock: Clock
    make_id: MakeId
    lose_access: Callable[[Connection, int, str], object]
    """Marks a connection of this generation RECONNECT_REQUIRED, with the reason."""

    def can(self, master: Master) -> bool:
        """Return whether the module that owns the records can create them."""
        return self.calls.creator(Scope(master.connection, master.module)) is not None

    def create(self, wish: Wish) -> str:
        """Create a record at its provider, store it, mapped, and return its id.

        The same request again goes on where the first one ended, also after a crash.

        :raises FailedPrecondition: the provider refuses, or is not connected; nothing is stored.
        :raises Aborted: it, or one of its id, code or name, is being created now.
        :raises AlreadyExists: there is one of its id or code here.
        :raises Unavailable: the provider cannot be asked; or, with OUTCOME_UNKNOWN, nobody can tell
            whether it was created until the request is repeated.
        """
        # Read first: what a disconnect came before is not sent over the next connection.
        row = self.calls.row(wish.master.connection)
        acts.go_on()
        begun = self._begin(wish)
        if begun.state is CreationState.DONE:
            return begun.record_id
        hand = Hand(self.database, self.clock, self.make_id, begun)
        try:
            with self.calls.open(hand, row, wish.patience) as door:
                return self._found_earlier(hand, door) or self._send(hand, door)
        except Refusal:
            raise
        except Exception as error:
            raise self._refusal(hand, row, error) from error

    def resolve_abandoned(self, stop: Stop = go_on) -> None:
        """Find out what became of creations nobody works on any more, and forget old ones.

        :param stop: tells that the process wants to end; the next one goes on.
        """
        for creation in rows.abandoned(self.database, self.clock(), _AT_ONCE):
            if stop():  # each may wait for its provider
                return
            try:
                self._resolve(creation)
            except (PluginError, Refusal, httpx.HTTPError) as error:
                log.debug("creation stays open", action="creation_open", why=type(error).__name__)
            except Exception:  # one creation must not keep the others waiting
                log.exception("creation crashed", action="creation_crashed", id=creation.id)
        with self.database.transaction():
            rows.forget_done(self.database, self.clock() - _KEPT)

    def _begin(self, wish: Wish) -> Creation:
        """Write the creation down, or take up the one the same request began."""
        with self.database.transaction():
            new = self._new(wish)
            erasures.keep_out(self.database, new.organisation.workspace)
            rows.wait_turn(self.database, new.organisation)
            kind = kind_of(wish.content)
            known = rows.repeated(self.database, new.organisation, kind, wish.request)
            if known is not None:
                return known if known.state is CreationState.DONE else self._taken_up(known)
            other = rows.in_the_way(self.database, new.organisation, wish.content, new.record_id)
            if other is not None:
                raise creation_refusals.under_way(other)
            wish.refuse_taken()
            rows.insert(self.database, new)
            return new

    def _new(self, wish: Wish) -> Creation:
        master, now = wish.master, self.clock()
        connection = master.connection
        return Creation(
            id=self.make_id(),
            organisation=Organisation(
                connection.workspace, connection.provider, master.organisation_id
            ),
            module=master.module,
            content=wish.content,
            request=wish.request,
            record_id=wish.content.record.id,
            lease_until=now + LEASE,
            create_time=now,
        )

    def _taken_up(self, creation: Creation) -> Creation:
        taken = None if creation.lease_until > self.clock() else self._leased(creation)
        if taken is None:
            raise creation_refusals.under_way(creation)
        return taken

    def _leased(self, creation: Creation) -> Creation | None:
        now = self.clock()
        with self.database.transaction():
            return rows.save(self.database, replace(creation, lease_until=now + LEASE), now)

    def _found_earlier(self, hand: Hand, door: Door) -> str | None:
        """Return the record of a creation that had left before, when the provider holds it.

        :raises Unavailable: it is too early to tell.
        """
        if not hand.was_sent_before:
            return None
        found = door.find()
        if found is not None:
            return hand.settle(found, read=True, keep=False)
        if not hand.is_settled():
            raise self._unknown(hand)
        hand.holds_nothing = True
        return None

    def _send(self, hand: Hand, door: Door) -> str:
        try:
            remote = door.create()
        except RecordRejected as rejected:
            return self._rejected(hand, door, rejected)
        except (RetryLater, AccessLost):
            hand.holds_nothing = True
            raise
        except Exception as error:
            if not hand.has_sent:
                raise
            return self._doubted(hand, door, error)
        return hand.settle(remote, read=False, keep=False)

    def _rejected(self, hand: Hand, door: Door, rejected: RecordRejected) -> str:
        """Take a refusal for what it is, unless an earlier sending has arrived after all."""
        found = None
        if hand.was_sent_before:
            try:
                found = door.find()
            except (PluginError, httpx.HTTPError):
                hand.uncertain(answered=True)
                raise self._unknown(hand) from rejected
        if found is None:
            hand.holds_nothing = True
            raise rejected
        return hand.settle(found, read=True, keep=False)

    def _doubted(self, hand: Hand, door: Door, error: Exception) -> str:
        """Look once, at once, for what was sent and has no outcome."""
        if not isinstance(error, PluginError | httpx.HTTPError):
            log.error("creator crashed", action="creator_crashed", exc_info=error)
        answered = isinstance(error, OutcomeUnknown) and error.answered
        hand.uncertain(answered=answered)
        try:
            found = door.find()
        except (PluginError, httpx.HTTPError):
            raise self._unknown(hand) from error
        if found is not None:
            return hand.settle(found, read=True, keep=False)
        if answered:
            hand.holds_nothing = True
            raise RetryLater("The provider failed.") from error
        raise self._unknown(hand) from error

    def _unknown(self, hand: Hand) -> Refusal:
        hand.release()
        title = self.calls.title(hand.creation)
        return creation_refusals.unknown(title, hand.time_to_proof())

    def _refusal(self, hand: Hand, row: ConnectionRow, error: Exception) -> Exception:
        """Return what to raise for an error after which nothing is under way any more.

        Where the provider holds nothing, the creation is forgotten; else it stays open.
        """
        if isinstance(error, AccessLost):
            self.lose_access(row.key, row.generation, error.message)
        connected = self.calls.reaches(hand.creation, row.generation)
        title = self.calls.title(hand.creation)
        if hand.holds_nothing:
            hand.drop()
            return creation_refusals.nothing_created(row.key, title, error, connected=connected)
        with contextlib.suppress(RunStopped):
            hand.release()
        closed = provider_refusals.closed(row.key, title, error, connected=connected)
        return closed or creation_refusals.unknown(title, hand.time_to_proof())

    def _resolve(self, creation: Creation) -> None:
        leased = self._leased(creation)
        if leased is None:
            return
        hand = Hand(self.database, self.clock, self.make_id, leased)
        if creation.state is CreationState.PENDING:
            hand.drop()
            return
        found = self._read(hand, self.calls.row(creation.organisation.connection))
        if found is not None:
            hand.settle(found, read=True, keep=True)
        elif hand.is_settled():
            hand.drop()
        else:
            hand.release()

    def _read(self, hand: Hand, row: ConnectionRow) -> Contact | Item | None:
        try:
            with self.calls.open(hand, row, PATIENCE) as door:
                return door.find()
        except AccessLost as lost:
            self.lose_access(row.key, row.generation, lost.message)
            raise
