"""How an invoice stands at the provider, in plain words."""

from dataclasses import dataclass
from typing import Final

from syncline.v1.invoice_pb2 import InvoiceLink

LINKED: Final = InvoiceLink.PUSH_STATE_LINKED
REFUSED: Final = InvoiceLink.PUSH_STATE_REJECTED
UNCERTAIN: Final = InvoiceLink.PUSH_STATE_UNCERTAIN
STATES: Final = {
    "linked": ("Linked", (LINKED,)),
    "refused": ("Refused", (REFUSED,)),
    "uncertain": ("Uncertain", (UNCERTAIN,)),
    "sending": (
        "On the way",
        (InvoiceLink.PUSH_STATE_PENDING, InvoiceLink.PUSH_STATE_SENT),
    ),
}
"""What a list can be narrowed to, by what the address says."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """How sending stands."""

    text: str
    tone: str
    """Class of its badge."""
    meaning: str
    """In a sentence, with ``{provider}``; empty where the word says it all."""


_LOOKS: Final = "Syncline will look in {provider} before anything is sent again."
_WORDS: Final = {
    InvoiceLink.PUSH_STATE_PENDING: Word(
        text="About to be sent", tone="info", meaning="The next push sends it."
    ),
    InvoiceLink.PUSH_STATE_SENT: Word(
        text="Sent", tone="info", meaning="The answer of {provider} is awaited."
    ),
    LINKED: Word(text="Linked", tone="good", meaning=""),
    REFUSED: Word(
        text="Refused",
        tone="bad",
        meaning="{provider} holds nothing of it. Put right what it says, then push it again.",
    ),
    UNCERTAIN: Word(
        text="Uncertain",
        tone="wait",
        meaning="It was sent, and the answer was lost. " + _LOOKS,
    ),
}
_UNKNOWN: Final = Word(text="Unknown", tone="mute", meaning=_LOOKS)
_STATUSES: Final = {
    "DRAFT": "Draft",
    "SUBMITTED": "Awaiting approval",
    "AUTHORISED": "Awaiting payment",
    "PAID": "Paid",
    "VOIDED": "Void",
    "DELETED": "Deleted",
}
"""Xero's own words, as its pages show them; others are shown as they come."""


def word(link: InvoiceLink, provider: str) -> Word:
    """Return how sending an invoice stands.

    :param provider: what people call the provider.
    """
    found = _WORDS.get(link.push_state, _UNKNOWN)
    meaning = found.meaning.format(provider=provider)
    return Word(text=found.text, tone=found.tone, meaning=meaning)


def status(link: InvoiceLink) -> str:
    """Return what the provider calls the state of its invoice; empty unless it is linked."""
    return _STATUSES.get(link.provider_status, link.provider_status.capitalize())
