"""The outbox of the test kit: the host's rules about sending invoices, kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from syncline_sdk.outbox import OutgoingInvoice
from syncline_sdk.records import InvoiceState

NOON: Final = datetime(2026, 10, 1, 12, tzinfo=UTC)
"""When runs in memory take place."""


class AttemptState(StrEnum):
    """Where one attempt to send an invoice stands."""

    PENDING = "PENDING"  # written, not sent
    SENT = "SENT"  # the call was about to start
    UNCERTAIN = "UNCERTAIN"  # the outcome is not known
    LINKED = "LINKED"  # the provider holds it
    REJECTED = "REJECTED"  # the provider refused it
    ABSENT = "ABSENT"  # proven never to have been created; sent again under a new attempt


@dataclass
class Attempt:
    """One attempt with everything the module said about it."""

    invoice: OutgoingInvoice
    state: AttemptState
    history: list[AttemptState] = field(default_factory=list)
    result: InvoiceState | None = None
    """What the provider holds, once linked."""
    code: str = ""
    message: str = ""
    holder: str = ""
    """What stands in its way, by the provider's id."""


def _nothing() -> None:
    """Do nothing; stands in until a context sets its stopper."""


def _noon() -> datetime:
    """Return the time; stands in until a context sets its clock."""
    return NOON


@dataclass
class FakeOutbox:
    """An ``InvoiceOutbox`` over a list of invoices.

    It refuses what the host's rules refuse: new invoices while an earlier outcome is unknown,
    sending what was not prepared, a verdict of the call on what was never sent.
    """

    eligible: list[OutgoingInvoice] = field(default_factory=list)
    """Invoices still to prepare, in order."""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    check: Callable[[], None] = _nothing
    """Called at every call; the context counts with it."""
    clock: Callable[[], datetime] = _noon
    """Stamps what is uncertain; the context sets its own."""

    @classmethod
    def after_a_crash(cls, sent: Sequence[OutgoingInvoice]) -> FakeOutbox:
        """Return an outbox whose earlier run died while these were being sent.

        Those with a ``sent_time`` were found by an execution in between, at that time.
        """
        outbox = cls()
        for invoice in sent:
            state = AttemptState.UNCERTAIN if invoice.sent_time else AttemptState.SENT
            outbox.attempts[invoice.attempt_id] = Attempt(invoice, state)
        return outbox

    def of(self, number: str) -> Attempt:
        """Return the latest attempt for the invoice with this number."""
        return next(a for a in reversed(self.attempts.values()) if a.invoice.number == number)

    def states(self) -> dict[str, AttemptState]:
        """Return the latest state for each invoice number that was attempted."""
        return {a.invoice.number: a.state for a in self.attempts.values()}

    def unresolved(self) -> Sequence[OutgoingInvoice]:
        """Return attempts that were sent and have no verdict; each is uncertain from now on."""
        self.check()
        for attempt in self._unknown():
            if attempt.state is AttemptState.SENT:
                self._doubt(attempt.invoice.attempt_id)
        return [attempt.invoice for attempt in self._unknown()]

    def prepare(self, limit: int) -> Sequence[OutgoingInvoice]:
        """Write attempts for the next invoices.

        :raises AssertionError: while an outcome is unknown.
        """
        self.check()
        if self._unknown():
            raise AssertionError("resolve what is unresolved before anything new is prepared")
        batch, self.eligible = self.eligible[:limit], self.eligible[limit:]
        self.attempts |= {i.attempt_id: Attempt(i, AttemptState.PENDING) for i in batch}
        return batch

    def sent(self, invoices: Sequence[OutgoingInvoice]) -> None:
        """Record that these are about to be sent."""
        self.check()
        for invoice in invoices:
            self._move(invoice.attempt_id, AttemptState.SENT, AttemptState.PENDING)

    def linked(self, attempt_id: str, state: InvoiceState) -> None:
        """Record that the provider holds this invoice."""
        self.check()
        self._move(
            attempt_id, AttemptState.LINKED, AttemptState.SENT, AttemptState.UNCERTAIN
        ).result = state

    def rejected(self, attempt_id: str, code: str, message: str, *, holder: str = "") -> None:
        """Record that the provider holds nothing of this invoice and why."""
        self.check()
        attempt = self._move(
            attempt_id,
            AttemptState.REJECTED,
            AttemptState.PENDING,
            AttemptState.SENT,
            AttemptState.UNCERTAIN,
        )
        attempt.code, attempt.message, attempt.holder = code, message, holder

    def absent(self, attempt_id: str) -> None:
        """Record that it was never created, and make it eligible again under a new attempt."""
        self.check()
        attempt = self._move(
            attempt_id, AttemptState.ABSENT, AttemptState.SENT, AttemptState.UNCERTAIN
        )
        again = f"{attempt_id}+"
        fresh = replace(attempt.invoice, sent_time=None, attempt_id=again, idempotency_key=again)
        self.eligible.insert(self._place(fresh.number), fresh)

    def failing(self, attempt_id: str, *, others_went: bool) -> None:
        """Record that the provider fails on this one, which is absent.

        :raises AssertionError: if it is not, or was prepared again meanwhile.
        """
        self.check()
        again = f"{attempt_id}+"
        place = next((n for n, each in enumerate(self.eligible) if each.attempt_id == again), None)
        if place is None:
            raise AssertionError(f"{attempt_id} is not absent")
        known = self.eligible[place]
        self.eligible[place] = replace(
            known,
            failures=known.failures + 1,
            failing_since=known.failing_since or self.clock(),
            others_went=known.others_went if known.failures else others_went,
        )

    def uncertain(self, attempt_ids: Sequence[str]) -> None:
        """Record that the outcome is not known."""
        self.check()
        for attempt_id in attempt_ids:
            self._doubt(attempt_id)

    def reopen(self) -> None:
        """Make what was prepared and never sent eligible again, as a new execution does."""
        unsent = [k for k, a in self.attempts.items() if a.state is AttemptState.PENDING]
        self.eligible = [self.attempts.pop(k).invoice for k in unsent] + self.eligible

    def _place(self, number: str) -> int:
        """Return where an invoice is eligible again: in the order of the first attempts."""
        before = set()
        for attempt in self.attempts.values():
            if attempt.invoice.number == number:
                break
            before.add(attempt.invoice.number)
        return sum(each.number in before for each in self.eligible)

    def _unknown(self) -> list[Attempt]:
        doubtful = (AttemptState.SENT, AttemptState.UNCERTAIN)
        return [a for a in self.attempts.values() if a.state in doubtful]

    def _doubt(self, attempt_id: str) -> None:
        attempt = self._move(
            attempt_id, AttemptState.UNCERTAIN, AttemptState.SENT, AttemptState.UNCERTAIN
        )
        attempt.invoice = replace(attempt.invoice, sent_time=self.clock())

    def _move(self, attempt_id: str, to: AttemptState, *allowed: AttemptState) -> Attempt:
        attempt = self.attempts[attempt_id]
        if attempt.state not in allowed:
            raise AssertionError(f"{attempt_id} is {attempt.state} and cannot become {to}")
        attempt.state = to
        attempt.history.append(to)
        return attempt
