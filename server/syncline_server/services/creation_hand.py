"""One creation in the hands of one thread: each of its steps is a row before it is an act."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import Contact, Item, RecordKind, RunStopped
from syncline_server.core.clock import Clock
from syncline_server.core.creation import Creation, CreationState
from syncline_server.core.identifiers import MakeId
from syncline_server.services import new_customers, new_products
from syncline_server.services.refusals import taken
from syncline_server.storage import creations as rows
from syncline_server.storage.database import Database

LEASE: Final = timedelta(seconds=60)
"""How long a thread has a creation to itself. It outlasts every call that somebody waits for."""
IN_FLIGHT: Final = timedelta(seconds=60)
"""How long a call that was cut off may be at work at the provider."""

COLLECTIONS: Final = {
    RecordKind.CONTACT: new_customers.COLLECTION,
    RecordKind.ITEM: new_products.COLLECTION,
}
"""Where our records of a kind are, as in resource names."""


class Hand:
    """Moves one creation from state to state.

    Whoever has lost the creation to another thread finds out at the next move: nothing is sent and
    nothing is overwritten.
    """

    def __init__(
        self, database: Database, clock: Clock, make_id: MakeId, creation: Creation
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._begun = creation.sendings
        self.creation = creation
        self.holds_nothing = not self.was_sent_before
        """Whether the provider holds nothing of it, for certain."""

    @property
    def has_sent(self) -> bool:
        """Whether this thread let it leave."""
        return self.creation.sendings > self._begun

    @property
    def was_sent_before(self) -> bool:
        """Whether it had left before this thread took it up."""
        return self._begun > 0

    @property
    def next_key(self) -> str:
        """The idempotency key under which it leaves next: never one it left under before."""
        return f"{self.creation.id}-{self._begun + 1}"

    def is_settled(self) -> bool:
        """Return whether not to find it is proof by now that it was not created."""
        proof_time = self.creation.proof_time
        return proof_time is None or proof_time <= self._clock()

    def time_to_proof(self) -> timedelta:
        """Return how long until then."""
        return max((self.creation.proof_time or self._clock()) - self._clock(), timedelta())

    def sent(self) -> None:
        """Write down that it leaves now.

        :raises RunStopped: it is in other hands; it must not leave.
        """
        now = self._clock()
        self._move(
            replace(
                self.creation,
                state=CreationState.SENT,
                sendings=self._begun + 1,
                lease_until=now + LEASE,
                proof_time=now + IN_FLIGHT,
            )
        )
        self.holds_nothing = False

    def uncertain(self, *, answered: bool) -> None:
        """Write down that its answer was lost.

        :param answered: whether the provider has ended the call.
        """
        proof_time = self._clock() if answered else self.creation.proof_time
        state = CreationState.UNCERTAIN
        self._move(replace(self.creation, state=state, proof_time=proof_time))

    def release(self) -> None:
        """Let anybody take it up."""
        self._move(replace(self.creation, lease_until=self._clock()))

    def drop(self) -> None:
        """Forget it: the provider holds nothing of it."""
        with self._database.transaction():
            rows.remove(self._database, self.creation)

    def settle(self, remote: Contact | Item, *, read: bool, keep: bool) -> str:
        """Store what the provider holds, mapped, and return the id of our record.

        Where a pull was faster, its record is the one.

        :param read: whether it was found, not answered; then one that was mapped before this
            creation began is somebody else's.
        :param keep: whether whoever asked is not here, and may ask again.
        :raises AlreadyExists: it is somebody else's; the creation is forgotten.
        """
        with self._database.transaction():
            rows.wait_turn(self._database, self.creation.organisation)
            current = rows.locked(self._database, self.creation.id) or self.creation
            other = self._somebody_elses(current, remote) if read else ""
            record_id = other or self._stored(current, remote)
            if keep and not other:
                _finish(self._database, current, record_id, self._clock())
            else:
                rows.remove(self._database, current)
        if other:
            workspace, kind = current.organisation.workspace, current.kind
            raise taken(workspace, COLLECTIONS[kind], other, "name, code or SKU")
        return record_id

    def _somebody_elses(self, current: Creation, remote: Contact | Item) -> str:
        if current.state is CreationState.DONE:
            return ""
        shelf = new_customers if isinstance(remote, Contact) else new_products
        holder = shelf.holder(self._database, current, remote.id)
        is_older = holder and holder.create_time and holder.create_time < current.create_time
        return holder.id if holder and is_older else ""

    def _stored(self, current: Creation, remote: Contact | Item) -> str:
        if current.state is CreationState.DONE:
            return current.record_id
        return _store(self._database, current, remote, self._make_id, self._clock())

    def _move(self, creation: Creation) -> None:
        with self._database.transaction():
            moved = rows.save(self._database, creation, self._clock())
        if moved is None:
            raise RunStopped
        self.creation = moved


def settle(
    database: Database,
    creation: Creation,
    remote: Contact | Item,
    make_id: MakeId,
    now: datetime,
) -> None:
    """Store what a pull read of a creation under way, and keep the answer for who asked for it.

    In the caller's transaction, which has waited for its turn.
    """
    record_id = _store(database, creation, remote, make_id, now)
    _finish(database, creation, record_id, now)


def _store(
    database: Database,
    creation: Creation,
    remote: Contact | Item,
    make_id: MakeId,
    now: datetime,
) -> str:
    """Store what the provider holds of a creation, mapped, and return the id of our record."""
    if isinstance(remote, Contact):
        return new_customers.store(database, creation, remote, make_id, now)
    return new_products.store(database, creation, remote, make_id, now)


def _finish(database: Database, creation: Creation, record_id: str, now: datetime) -> None:
    """Write down that somebody else than who asked has stored it."""
    done = replace(creation, state=CreationState.DONE, record_id=record_id)
    rows.save(database, done, now)
