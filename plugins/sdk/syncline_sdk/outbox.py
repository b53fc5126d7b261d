"""How a push module sends invoices without ever sending one twice.

The order is always: ``unresolved`` first (and read the provider for each), then, batch by batch,
``prepare`` → ``sent`` → the call → one verdict per invoice. Rows are written before the call, so
whatever dies in between leaves an attempt that the next run finds in ``unresolved``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from syncline_sdk.records import InvoiceState, LineAmounts

LEAVES_WITHIN: Final = timedelta(seconds=15)
"""How long after its ``sent_time`` a call may still leave.

A process that lost its run is stopped at its next step. One call may be behind its last step, on
the way to being connected.
"""


class OutgoingLine(NamedTuple):
    """One line to send, every reference already in the provider's terms."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_rate: Decimal
    """Percentage, 0 for none."""
    tax_type: str
    """Empty when the invoice carries no tax."""
    item_code: str = ""
    freight: bool = False
    """Whether this is the freight line, which books to an account of its own."""


@dataclass(frozen=True, kw_only=True)
class OutgoingInvoice:
    """One invoice to send, with the attempt it is sent under."""

    attempt_id: str
    """Names the attempt in every verdict."""
    idempotency_key: str
    """Unique to this attempt's payload; safe to send as a header."""
    number: str
    """Our invoice number, unique in the workspace: what recovery reads the provider by."""
    contact_id: str
    currency: str
    invoice_date: date
    due_date: date | None
    line_amounts: LineAmounts
    reference: str
    lines: tuple[OutgoingLine, ...]
    total: Decimal
    """What we expect the provider to compute; a difference becomes a variance."""
    sent_time: datetime | None = None
    """From when on nothing sends an unresolved one any more; None for one that was prepared.

    That is the end of its call, or the moment at which the death of its process was found out. The
    call may leave up to ``LEAVES_WITHIN`` later and be at work a while then: before it has ended,
    not to find the invoice is no proof that it was not created. However often the run is taken up,
    the time stays the same until there is a verdict.
    """
    failures: int = 0
    """How often it was ``failing`` since it last changed."""
    failing_since: datetime | None = None
    """When it was for the first time; None when it was not."""
    others_went: bool = False
    """Whether the provider had taken others just before that."""


class InvoiceOutbox(Protocol):
    """The invoices this run is to send. Every call may raise ``RunStopped``."""

    def unresolved(self) -> Sequence[OutgoingInvoice]:
        """Return attempts whose outcome is unknown because a call or a process died.

        Each must get a verdict from reading the provider before anything new is sent.
        """

    def prepare(self, limit: int) -> Sequence[OutgoingInvoice]:
        """Write attempts for the next eligible invoices, at most ``limit``, and return them.

        Invoices that are blocked become issues and are not returned. Empty when none is left.
        One that was prepared and never sent is eligible again in the run's next execution.
        """

    def sent(self, invoices: Sequence[OutgoingInvoice]) -> None:
        """Record that these are about to be sent. Call it immediately before the call.

        Where the call then raises ``RetryLater``, ``AccessLost`` or ``RunStopped`` by itself, it
        was not carried out, and each of these is ``absent``.
        """

    def linked(self, attempt_id: str, state: InvoiceState) -> None:
        """Record that the provider holds this invoice, and link it."""

    def rejected(self, attempt_id: str, code: str, message: str, *, holder: str = "") -> None:
        """Record that the provider refused it and holds nothing; becomes an issue.

        Also for a prepared invoice that is not sent at all, because the provider would refuse it.
        Either way this run does not prepare it again, and later ones do once what it says or refers
        to, or the module's settings, have changed.

        :param holder: the provider's id of an invoice that stands in its way, by holding its number
            for one. When a pull sees that one changed, ours is sent once more.
        """

    def absent(self, attempt_id: str) -> None:
        """Record that it was never created: reading proved it, or the call never left.

        It is eligible again at once: a later ``prepare`` of the same run returns it under a new
        attempt, with a new key.
        """

    def failing(self, attempt_id: str, *, others_went: bool) -> None:
        """Record that the provider fails with an error of its own when this one is sent alone.

        Only for one that was proved absent just now. From then on it is prepared with its
        ``failures``, also by later executions and runs, until it has a verdict or changes.

        :param others_went: whether the provider took others in this execution; the first time
            counts.
        """

    def uncertain(self, attempt_ids: Sequence[str]) -> None:
        """Record that the outcome is not known; the next run resolves it by reading."""
