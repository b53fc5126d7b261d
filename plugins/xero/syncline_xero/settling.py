"""Finding out what became of invoices whose outcome is unknown, by reading them by number.

Never by sending the call again: Xero remembers an idempotency key for six minutes only, and a
replayed error says nothing about what was saved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from syncline_sdk import (
    LEAVES_WITHIN,
    InvoiceOutbox,
    InvoiceState,
    OutgoingInvoice,
    RetryLater,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.decoding import Answer
from syncline_xero.invoices import batches, invoice_decoder, read_by_numbers, to_state

TAKEN: Final = "XERO_INVOICE_NUMBER_TAKEN"
REJECTED: Final = "XERO_INVOICE_REJECTED"

_CENT: Final = Decimal("0.01")
_CANCELLED: Final = frozenset({"DELETED", "VOIDED"})
_LONGEST_MESSAGE: Final = 1000
_TO_ARRIVE: Final = LEAVES_WITHIN + timedelta(minutes=1)
"""By then, counted from ``sent_time``, a call that was cut off has ended in Xero too."""


class Settler:
    """Gives a verdict on each invoice by what Xero holds under its number.

    ======================================================  =====================================
    Xero holds under the number                             verdict
    ======================================================  =====================================
    an invoice that is ours, whatever its status            linked: it was created once, and if a
                                                            person deleted it since, it stays so
    another one that is alive, or cannot be read            rejected, the number is taken
    only deleted or voided ones that are not ours, nothing  rejected if Xero refused it, else
                                                            absent: it may be sent again
    ======================================================  =====================================
    """

    def __init__(
        self, outbox: InvoiceOutbox, client: XeroClient, now: Callable[[], datetime]
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._now = now
        self._decoder = invoice_decoder()

    def settle(
        self,
        invoices: Sequence[OutgoingInvoice],
        *,
        refused: Mapping[str, Sequence[str]] | None = None,
        in_flight: bool = False,
    ) -> int:
        """Give verdicts; return how many invoices are absent.

        :param refused: Xero's messages for those it refused, by invoice number.
        :param in_flight: whether the call that sent them was cut off just now and may still be at
            work in Xero: then not to be found is no proof of absence, and there is no verdict. So
            it is with those whose ``sent_time`` is not long past.
        :raises RetryLater: if Xero cannot be read now, or some remain without a verdict; those
            stay as they are, and the next execution reads again.
        """
        absent = 0
        pauses: list[timedelta] = []
        for batch in batches(invoices, lambda invoice: invoice.number):
            answer = read_by_numbers(self._client, self._decoder, [i.number for i in batch])
            found = _by_number(answer)
            blind = in_flight or any(not row.name for row in answer.bad)
            for invoice in batch:
                rows = found.get(invoice.number.casefold(), [])
                if self._found(invoice, rows) or self._refused(invoice, refused or {}):
                    continue
                if pause := _TO_ARRIVE if blind else self._time_to_arrive(invoice):
                    pauses.append(pause)
                else:
                    absent += 1
                    self._outbox.absent(invoice.attempt_id)
        if pauses:
            raise RetryLater(
                "Xero did not answer while invoices were sent; what became of them is read soon.",
                after=max(pauses),
            )
        return absent

    def _time_to_arrive(self, invoice: OutgoingInvoice) -> timedelta:
        """Return for how long the call that sent it, in a run that died, may still be at work.

        Never longer than it takes, also when the clock was put back since.
        """
        if invoice.sent_time is None:
            return timedelta()
        left = invoice.sent_time + _TO_ARRIVE - self._now()
        return min(max(left, timedelta()), _TO_ARRIVE)

    def _found(self, invoice: OutgoingInvoice, rows: Sequence[InvoiceState | None]) -> bool:
        ours = next((row for row in rows if row is not None and is_ours(row, invoice)), None)
        if ours is not None:
            self._outbox.linked(invoice.attempt_id, ours)
            return True
        others = [row for row in rows if row is None or row.status not in _CANCELLED]
        if others:
            message = f"Xero has another invoice with the number {invoice.number}."
            holder = others[0].id if others[0] else ""
            self._outbox.rejected(invoice.attempt_id, TAKEN, message, holder=holder)
            return True
        return False

    def _refused(self, invoice: OutgoingInvoice, refused: Mapping[str, Sequence[str]]) -> bool:
        if invoice.number not in refused:
            return False
        said = " ".join(refused[invoice.number])[:_LONGEST_MESSAGE]
        self._outbox.rejected(
            invoice.attempt_id, REJECTED, said or "Xero refused it without giving a reason."
        )
        return True


def is_ours(state: InvoiceState, invoice: OutgoingInvoice) -> bool:
    """Return whether what Xero holds is the invoice we sent.

    Number, contact, currency, date and reference must be the same. The total may differ by a cent
    a line, since Xero rounds tax line by line; a larger difference means another invoice.
    """
    tolerance = _CENT * max(1, len(invoice.lines))
    return (
        state.number == invoice.number
        and state.contact_id.casefold() == invoice.contact_id.casefold()
        and state.currency.casefold() == invoice.currency.casefold()
        and state.invoice_date == invoice.invoice_date
        and state.reference.strip() == invoice.reference.strip()
        and abs(state.total - invoice.total) <= tolerance
    )


def _by_number(answer: Answer[wire.Invoice]) -> dict[str, list[InvoiceState | None]]:
    """Return the sales invoices by number; None stands for one that cannot be read.

    Bills of suppliers may carry the same number and are no concern of ours.
    """
    found: dict[str, list[InvoiceState | None]] = defaultdict(list)
    for row in answer.rows:
        if row.type != "ACCPAY":
            found[(row.number or "").casefold()].append(_state_or_none(row))
    for bad in answer.bad:
        found[bad.name.casefold()].append(None)
    return found


def _state_or_none(row: wire.Invoice) -> InvoiceState | None:
    try:
        return to_state(row)
    except ValueError:
        return None
