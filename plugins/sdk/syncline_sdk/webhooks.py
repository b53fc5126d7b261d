"""How a provider tells of changes by itself: signed deliveries, read without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncline_sdk.records import RecordKind


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """One change of one record. It carries no values: the record itself is read."""

    organisation_id: str
    kind: RecordKind | None
    """What changed; None for something the server has no records of."""
    record_id: str
    """The provider's id, as the records of its modules have it."""
    event_time: datetime
    """When it changed, aware."""
    key: str
    """What tells another change of the same record from this one delivered again."""


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """How to take a provider's deliveries. Both functions are pure: no calls, no clock."""

    verify: Callable[[str, Mapping[str, str], bytes], bool]
    """Tells whether a delivery is signed with this key.

    Given the signing key, the headers that were handed on (names in lower case; those that end in
    ``-signature`` always are) and the body byte for byte as it came. Compare in constant time.
    """
    read: Callable[[bytes], Sequence[WebhookEvent]]
    """Reads a verified body; leaves out nothing it can tell the organisation and record of.

    Raises ``ValueError`` for a body that makes no sense. It is acknowledged all the same: a
    provider would send it again for ever.
    """
