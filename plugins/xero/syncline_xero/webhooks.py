"""Xero's webhooks: whether Xero signed one, and which records it tells of.

A delivery names records and carries no values (developer.xero.com, "Webhooks overview"). Events of
invoices do not say whether they are sales or bills.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from syncline_sdk import RecordKind, WebhookEvent, Webhooks

SIGNATURE_HEADER: Final = "x-xero-signature"
# Others are of records that no module reads: CREDITNOTE, PREPAYMENT, OVERPAYMENT, SUBSCRIPTION.
_KINDS: Final = {"CONTACT": RecordKind.CONTACT, "INVOICE": RecordKind.INVOICE}
_ID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class _Event(msgspec.Struct, rename="camel"):
    resource_id: str = ""
    tenant_id: str = ""
    event_category: str = ""
    event_type: str = ""
    event_date_utc: str = ""


class _Body(msgspec.Struct, rename="camel"):
    events: list[msgspec.Raw]
    first_event_sequence: int | None = None
    last_event_sequence: int | None = None


_BODIES: Final = msgspec.json.Decoder(_Body)
_EVENTS: Final = msgspec.json.Decoder(_Event)


def xero_webhooks() -> Webhooks:
    """Return how Xero's webhooks are taken."""
    return Webhooks(verify=verify, read=read)


def verify(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether Xero signed a body.

    The signature is base64 of the HMAC-SHA256 of the raw body, keyed with the text of the key as
    the portal shows it.
    """
    made = base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256))
    given = headers.get(SIGNATURE_HEADER, "").encode()
    return hmac.compare_digest(made, given)


def read(body: bytes) -> Sequence[WebhookEvent]:
    """Return the events of a body; none for a check of whether we are there.

    What has no place or no time in it is left out.

    :raises ValueError: it is no such body.
    """
    found = _BODIES.decode(body)
    first = _first_number(found)
    events = (
        _event(each, "" if first is None else str(first + index))
        for index, each in enumerate(found.events)
    )
    return [event for event in events if event is not None]


def _first_number(body: _Body) -> int | None:
    """Return the number of the first event; None where the numbers do not fit the events."""
    first, last = body.first_event_sequence, body.last_event_sequence
    if first is None or last is None or last - first + 1 != len(body.events):
        return None
    return first


def _event(raw: msgspec.Raw, number: str) -> WebhookEvent | None:
    """Return an event; None for one that nothing can be made of.

    :param number: tells two changes of one record within a millisecond apart.
    """
    try:
        event = _EVENTS.decode(raw)
    except ValueError:  # one of a shape we do not know says nothing about the others
        return None
    time = _time(event.event_date_utc)
    # They go into addresses, so they are what they must be: GUIDs.
    if time is None or not _ID.fullmatch(event.resource_id) or not _ID.fullmatch(event.tenant_id):
        return None
    return WebhookEvent(
        organisation_id=event.tenant_id.lower(),
        kind=_KINDS.get(event.event_category.upper()),
        record_id=event.resource_id.lower(),
        event_time=time,
        key=f"{event.event_type}/{event.event_date_utc}/{number}",
    )


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Xero leaves the zone out; its name says that it is UTC.
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
