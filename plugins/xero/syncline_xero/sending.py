"""Sending invoices: one call, one verdict for each, and never a second call on a guess."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx

from syncline_sdk import AccessLost, InvoiceOutbox, OutgoingInvoice, RetryLater, RunStopped
from syncline_xero.client import XeroClient
from syncline_xero.failures import elements_of, messages_in, summary_of
from syncline_xero.outgoing import Parcel
from syncline_xero.replies import read_reply
from syncline_xero.settling import Settler
from syncline_xero.suspects import Suspects

LARGEST_BATCH: Final = 50  # what Xero recommends

# Without summarizeErrors=false one refused invoice turns the answer into a refusal of all, although
# the others were saved. Without unitdp=4 Xero rounds unit prices to cents before it multiplies.
_PARAMS: Final = {"summarizeErrors": "false", "unitdp": "4"}

# A gateway gave up waiting: what it waited for may still be at work.
_GAVE_UP: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_PAUSE: Final = timedelta(minutes=1)
_FRUITLESS_CALLS: Final = 2


class Sender:
    """Sends parcels and sees to it that each invoice gets a verdict.

    :param suspects: those that Xero fails on.
    """

    def __init__(
        self, outbox: InvoiceOutbox, client: XeroClient, settler: Settler, suspects: Suspects
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._settler = settler
        self._suspects = suspects
        self._fruitless = 0
        self._went_through = 0
        self.batch_size = LARGEST_BATCH
        """How many invoices to prepare next; fewer while Xero refuses whole calls."""

    def send(self, parcel: Parcel) -> None:
        """Send one parcel.

        :raises RetryLater: if it cannot be told what became of an invoice, or Xero keeps failing;
            the next execution begins by reading.
        :raises AccessLost: if the organisation is no longer connected.
        :raises RunFailed: if Xero refuses calls altogether.
        """
        self._outbox.sent(parcel.invoices)
        try:
            response = self._client.put(
                "Invoices",
                parcel.body,
                params=_PARAMS,
                idempotency_key=parcel.idempotency_key,
            )
        except (RetryLater, AccessLost, RunStopped):
            # The host could not let it leave, or it was refused unread: nothing is to be found out.
            for invoice in parcel.invoices:
                self._outbox.absent(invoice.attempt_id)
            raise
        except httpx.RequestError:
            self._doubt(parcel.invoices)
            self._settler.settle(parcel.invoices, in_flight=True)
            return
        self._read(parcel, response)

    def _read(self, parcel: Parcel, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            self._read_reply(parcel, response)
            return
        self._doubt(parcel.invoices)
        if status == HTTPStatus.BAD_REQUEST:
            self._settle_refusal(parcel, response)
        elif status in _GAVE_UP:
            self._settler.settle(parcel.invoices, in_flight=True)
        elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self._narrow(parcel)
        elif status > HTTPStatus.INTERNAL_SERVER_ERROR:
            self._settle_failure(parcel, response)
        else:
            self._client.raise_for(response)

    def _read_reply(self, parcel: Parcel, response: httpx.Response) -> None:
        reply = read_reply(response.content)
        rest = []
        for invoice in parcel.invoices:
            state = reply.created.get(invoice.number)
            if state is None:
                rest.append(invoice)
            else:
                self._outbox.linked(invoice.attempt_id, state)
        self._grow()
        if reply.created or reply.refused:
            self._suspects.prove()
        absent = 0
        if rest:
            # Refused ones too: whether a number is taken, and by whom, is decided by reading it.
            self._doubt(rest)
            absent = self._settler.settle(rest, refused=reply.refused)
        self._count(fruitless=absent == len(parcel.invoices))

    def _settle_refusal(self, parcel: Parcel, response: httpx.Response) -> None:
        """Settle a call refused as a whole. Not expected, and no proof that nothing was saved.

        Those the refusal names are rejected. Where it names none, the next calls are smaller, down
        to a single invoice, which is then the one refused.
        """
        refused = {
            number: messages_in(element)
            for element in elements_of(response)
            if isinstance(number := element.get("InvoiceNumber"), str)
        }
        if len(parcel.invoices) == 1:
            refused.setdefault(parcel.invoices[0].number, [summary_of(response)])
        absent = self._settler.settle(parcel.invoices, refused=refused)
        if absent == len(parcel.invoices):
            self._shrink(absent)

    def _narrow(self, parcel: Parcel) -> None:
        """Settle a call Xero failed on: smaller ones follow, down to the invoice it fails on."""
        absent = self._settler.settle(parcel.invoices)
        if absent == len(parcel.invoices):
            self._shrink(absent)
            if absent == 1 and self._suspects.passes_over(parcel.invoices[0]):
                self.batch_size = LARGEST_BATCH

    def _shrink(self, absent: int) -> None:
        self.batch_size, self._went_through = max(1, absent // 2), 0

    def _grow(self) -> None:
        """Make calls larger again, once what was cut in halves has gone through."""
        self._went_through += 1
        if self._went_through > 1:
            self.batch_size = min(LARGEST_BATCH, self.batch_size * 2)

    def _settle_failure(self, parcel: Parcel, response: httpx.Response) -> None:
        absent = self._settler.settle(parcel.invoices)
        if absent == len(parcel.invoices) and self._fruitless:
            self._client.raise_for(response)
        self._count(fruitless=absent == len(parcel.invoices))

    def _count(self, *, fruitless: bool) -> None:
        self._fruitless = self._fruitless + 1 if fruitless else 0
        if self._fruitless == _FRUITLESS_CALLS:
            raise RetryLater("Xero's answers to new invoices cannot be used.", after=_PAUSE)

    def _doubt(self, invoices: Sequence[OutgoingInvoice]) -> None:
        self._outbox.uncertain([invoice.attempt_id for invoice in invoices])
