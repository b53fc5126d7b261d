"""What Xero answered to new invoices: one verdict each, told apart by invoice number.

Xero documents no order of the elements, an id is no proof of success (refused elements may carry
one), and one invoice's refusal says nothing about its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from syncline_sdk import InvoiceState
from syncline_xero import wire
from syncline_xero.decoding import MALFORMED, mended
from syncline_xero.failures import messages_in
from syncline_xero.invoices import to_state

_NO_ID: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The verdicts of one answer, by invoice number; who is in neither has none."""

    created: dict[str, InvoiceState]
    refused: dict[str, list[str]]
    """Xero's messages."""


class _Written(wire.Invoice):
    verdict: str | None = msgspec.field(name="StatusAttributeString", default=None)
    has_errors: bool | None = msgspec.field(name="HasErrors", default=None)
    has_validation_errors: bool | None = msgspec.field(name="HasValidationErrors", default=None)
    errors: list[msgspec.Raw] | None = msgspec.field(name="ValidationErrors", default=None)

    def failed(self) -> bool:
        """Return whether Xero says it did not save it. A warning is saved."""
        said = self.verdict == "ERROR" or self.has_errors or self.has_validation_errors
        return bool(said or self.errors)


def read_reply(body: bytes) -> Reply:
    """Return the verdicts in the answer to a call with ``summarizeErrors=false``.

    An element that cannot be read, or claims success without an id, gives no verdict: what became
    of its invoice has to be read.
    """
    reply = Reply(created={}, refused={})
    try:
        whole = msgspec.json.decode(mended(body), type=wire.Envelope[msgspec.Raw])
    except MALFORMED:
        return reply
    decoder = msgspec.json.Decoder(_Written, strict=False)
    for element in whole.invoices or []:
        try:
            _judge(reply, decoder.decode(element), element)
        except MALFORMED:
            continue
    return reply


def _judge(reply: Reply, written: _Written, element: msgspec.Raw) -> None:
    number = written.number
    if not number:
        return
    if written.failed():
        reply.refused[number] = messages_in(msgspec.json.decode(element))
    elif written.id and written.id != _NO_ID:
        reply.created[number] = to_state(written)
