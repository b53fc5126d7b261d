"""What the accounting systems of tests tell by themselves: signed, in a form of their own."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from syncline_sdk import RecordKind, WebhookEvent, Webhooks

HEADER = "ledger-signature"
WEBHOOK_KEY = "planted-webhook-key"


@dataclass(frozen=True)
class Told:
    """One event as it is sent."""

    organisation: str
    kind: str
    record: str
    at: int = 1_790_000_000
    """Seconds since 1970."""


def body_of(*events: Told) -> bytes:
    """Return the body of a delivery."""
    return json.dumps([asdict(event) for event in events]).encode()


def signature(body: bytes, key: str = WEBHOOK_KEY) -> str:
    """Return what a body is signed with."""
    return hmac.digest(key.encode(), body, hashlib.sha256).hex()


def headers_of(body: bytes, key: str = WEBHOOK_KEY) -> dict[str, str]:
    """Return the headers of a delivery."""
    return {HEADER: signature(body, key)}


def told_webhooks() -> Webhooks:
    """Return how a plugin takes them."""
    return Webhooks(verify=_verify, read=_read)


def _verify(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    return hmac.compare_digest(signature(body, key), headers.get(HEADER, ""))


def _read(body: bytes) -> Sequence[WebhookEvent]:
    events = [Told(**each) for each in json.loads(body)]
    return [
        WebhookEvent(
            organisation_id=event.organisation,
            kind=RecordKind(event.kind) if event.kind in set(RecordKind) else None,
            record_id=event.record,
            event_time=datetime.fromtimestamp(event.at, UTC),
            key=str(event.at),
        )
        for event in events
    ]
