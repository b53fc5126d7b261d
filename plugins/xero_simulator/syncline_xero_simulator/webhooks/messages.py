"""The bodies of webhooks and their signature."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one record."""

    sequence: int
    tenant_id: str
    category: str
    resource_id: str
    resource_url: str
    is_new: bool
    moment: datetime

    def as_json(self) -> dict[str, str]:
        """Return the event as it is sent; it tells ids only."""
        return {
            "resourceUrl": self.resource_url,
            "resourceId": self.resource_id,
            "tenantId": self.tenant_id,
            "tenantType": "ORGANISATION",
            "eventCategory": self.category,
            "eventType": "CREATE" if self.is_new else "UPDATE",
            "eventDateUtc": self.moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3],
        }


def signature(body: bytes, key: str) -> str:
    """Return base64 of the HMAC-SHA256 of the raw body, keyed with the key's text."""
    return base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()


def almost_right(signed: str) -> str:
    """Return a signature that differs in one character only."""
    return ("B" if signed[0] == "A" else "A") + signed[1:]


def event_body(events: Sequence[Event], entropy: str) -> bytes:
    """Return the body that carries events."""
    sequences = [event.sequence for event in events]
    body = {
        "events": [event.as_json() for event in events],
        "firstEventSequence": min(sequences),
        "lastEventSequence": max(sequences),
        "entropy": entropy,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def receive_check_body(entropy: str) -> bytes:
    """Return the body of an intent-to-receive check, with Xero's odd spacing."""
    return (
        f'{{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "{entropy}"}}'
    ).encode()


def entropy_of(token: str) -> str:
    """Return twenty capital letters made from a hexadecimal token."""
    return "".join(chr(ord("A") + int(digit, 16)) for digit in token[:20])
