"""Telling an invoice that Xero fails on from a Xero that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from syncline_sdk import InvoiceOutbox, OutgoingInvoice, RetryLater

FAILS: Final = "XERO_INVOICE_FAILS"
"""Xero answers with an error of its own whenever this invoice is sent."""

_MESSAGE: Final = "Xero fails with an error of its own whenever this invoice is sent."
_TRIES: Final = 2  # of one invoice alone by one execution, before it is passed over
_FEW: Final = 3
"""So many in a row may be invoices of one bad contact; more without anything else are Xero."""
_MOST_IN_A_ROW: Final = 12
_FAILURES: Final = 8
_MOST_OF_AN_HOUR: Final = timedelta(minutes=45)
_MOST_NAMED: Final = 5


class Suspects:
    """Invoices that Xero answers with status 500, each sent alone and twice.

    What makes one the culprit is that Xero took or refused another one after it had failed on it,
    in the same execution; or that it failed on it in an earlier one, took another in this one, and
    failed on it again. So those of earlier executions are sent behind all others, which they hold
    up no more. Where nothing goes the run waits. Of those that are all there is left up to three,
    or all if others had gone just before each of them failed first, are rejected when eight
    executions failed on them, over most of an hour.

    :param now: tells the time.
    """

    def __init__(self, outbox: InvoiceOutbox, now: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._now = now
        self._works = False
        self._tries: dict[str, int] = {}
        self._earlier: dict[str, OutgoingInvoice] = {}
        self._again: set[str] = set()
        self._passed_over: dict[str, str] = {}
        self._unproven: dict[str, OutgoingInvoice] = {}

    def passes_over(self, invoice: OutgoingInvoice) -> bool:
        """Note that Xero failed on this invoice alone, where it is absent.

        Returns whether it is passed over from now on, and the others may go together again.

        :raises RetryLater: if Xero fails on too many one after the other.
        """
        number = invoice.number
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._tries[number] < _TRIES:
            return False
        self._outbox.failing(invoice.attempt_id, others_went=self._works)
        if not (self._works and invoice.failures):
            self._unproven[number] = invoice
        # The more are set aside, the more bad ones there may be in a row.
        if len(self._unproven) >= min(_FEW + len(self._earlier), _MOST_IN_A_ROW):
            raise self._later()
        return self._works

    def prove(self) -> None:
        """Note that Xero works: it was the invoices so far."""
        self._works = True
        self._unproven.clear()

    def others(self, batch: Sequence[OutgoingInvoice]) -> list[OutgoingInvoice]:
        """Return those of a batch that are to be sent now."""
        rest = []
        for each in batch:
            if self._tries.get(each.number, 0) >= _TRIES:
                self._passed_over[each.number] = each.attempt_id
            elif each.failures and each.number not in self._again:
                self._earlier[each.number] = each
            else:
                rest.append(each)
        return rest

    def of_earlier(self) -> Iterator[OutgoingInvoice]:
        """Yield those that earlier executions set aside, each to be sent alone.

        The ones that were tried least often come first, so that each has its turn.
        """
        for invoice in sorted(self._earlier.values(), key=lambda each: each.failures):
            self._again.add(invoice.number)
            yield invoice

    def judge(self) -> None:
        """Reject those it was; called when nothing else is left to send.

        :raises RetryLater: if that cannot be told of some.
        """
        left = self._unproven.values()
        few = len(left) <= _FEW or all(each.others_went for each in left)
        gives_up = few and all(map(self._is_over, left))
        for number, attempt_id in self._passed_over.items():
            if gives_up or number not in self._unproven:
                self._outbox.rejected(attempt_id, FAILS, _MESSAGE)
        if not gives_up:
            raise self._later()

    def _is_over(self, invoice: OutgoingInvoice) -> bool:
        """Return whether Xero has failed on an invoice often and for long, now once more."""
        since = invoice.failing_since or self._now()
        return invoice.failures + 1 >= _FAILURES and self._now() - since >= _MOST_OF_AN_HOUR

    def _later(self) -> RetryLater:
        names = sorted(self._unproven)
        more = len(names) - _MOST_NAMED
        named = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return RetryLater(f"Xero fails with an error of its own on invoices: {named}.")
