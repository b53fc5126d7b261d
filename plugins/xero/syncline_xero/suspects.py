"""Telling an invoice that Xero fails on from a Xero that fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from syncline_sdk import InvoiceOutbox, OutgoingInvoice, RetryLater

FAILS: Final = "XERO_INVOICE_FAILS"
"""Xero answers with an error of its own whenever this invoice is sent."""

_MESSAGE: Final = "Xero fails with an error of its own whenever this invoice is sent."
_TRIES: Final = 2  # of one invoice alone, before it is passed over
_MOST_IN_A_ROW: Final = 3  # then it is not the invoices
_EXECUTIONS: Final = 8  # of the run, before what nothing tells apart is given up


class Suspects:
    """Invoices that Xero answers with status 500, each sent alone and twice.

    Where Xero took or refused another one afterwards, it is the invoice, and it is rejected. Where
    it did not, the run waits and tries again; one or two that are all there is left are rejected
    after eight executions, whose pauses grow.

    :param execution: of the run, counted from 1.
    """

    def __init__(self, outbox: InvoiceOutbox, execution: int) -> None:
        self._outbox = outbox
        self._execution = execution
        self._works = False
        self._tries: dict[str, int] = {}
        self._attempts: dict[str, str] = {}
        self._unproven: set[str] = set()

    def passes_over(self, invoice: OutgoingInvoice) -> bool:
        """Note that Xero failed on this invoice alone, where it is absent.

        Returns whether it is passed over from now on, and the others may go together again.

        :raises RetryLater: if Xero fails on one after the other.
        """
        number = invoice.number
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._tries[number] < _TRIES:
            return False
        self._unproven.add(number)
        if len(self._unproven) == _MOST_IN_A_ROW:
            raise _later()
        return self._works

    def prove(self) -> None:
        """Note that Xero works: it was the invoices so far."""
        self._works = True
        self._unproven.clear()

    def others(self, batch: Sequence[OutgoingInvoice]) -> list[OutgoingInvoice]:
        """Return those of a batch that are not to be passed over."""
        passed = [each for each in batch if self._tries.get(each.number, 0) >= _TRIES]
        self._attempts |= {each.number: each.attempt_id for each in passed}
        return [each for each in batch if each.number not in self._attempts]

    def judge(self) -> None:
        """Reject those it was; called when nothing else is left to send.

        :raises RetryLater: if that cannot be told of some.
        """
        given_up = self._execution >= _EXECUTIONS
        for number, attempt_id in self._attempts.items():
            if given_up or number not in self._unproven:
                self._outbox.rejected(attempt_id, FAILS, _MESSAGE)
        if self._unproven and not given_up:
            raise _later()


def _later() -> RetryLater:
    return RetryLater("Xero fails with an error of its own whenever an invoice is sent.")
