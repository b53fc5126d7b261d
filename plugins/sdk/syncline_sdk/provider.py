"""What an accounting system is, as far as connecting to it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import httpx

from syncline_sdk.webhooks import Webhooks


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the provider is. Each is an absolute https URL; calls go to these hosts alone."""

    authorize: str
    """Where a person approves access (OAuth 2.0 authorization endpoint)."""
    token: str
    """Where codes and refresh tokens are exchanged."""
    revocation: str
    """Where a whole grant is given back."""
    api: str
    """What a module's relative URLs are relative to; ends with a slash."""


class RateLimit(StrEnum):
    """A limit that a provider may refuse a call for."""

    CONCURRENT = "CONCURRENT"  # calls of one organisation at once
    MINUTE = "MINUTE"  # calls of one organisation in a minute
    DAY = "DAY"  # calls of one organisation in a day
    APP_MINUTE = "APP_MINUTE"  # calls of all organisations in a minute


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the provider allows per organisation.

    The host spreads them over everything it does there: all modules, callers and processes.
    """

    per_minute: int
    concurrent: int


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one answer says about the limits; None for what it leaves out."""

    minute_remaining: int | None = None
    """Calls left to the organisation this minute."""
    day_remaining: int | None = None
    """Calls left to the organisation today."""
    limited: bool = False
    """Whether the call was refused for a limit (and so was not carried out)."""
    retry_after: timedelta | None = None
    """How long the provider asked to wait, when it did."""
    limit: RateLimit | None = None
    """Which limit refused the call; None when it was not refused, or the answer does not say.
    A refusal for ``APP_MINUTE`` holds back every organisation, any other its own alone."""
    app_remaining: int | None = None
    """Calls left this minute over all organisations."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose grant a token is, read from its claims."""

    subject: str
    """The person at the provider; one grant is kept per person."""
    event: str
    """The consent this token came from; tells which organisations were approved just now."""


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """One organisation a grant reaches."""

    id: str
    connection_id: str
    """What the provider calls our access to it; needed to give that access back."""
    name: str
    approved_now: bool
    """Whether it was approved in the consent that is being completed."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An accounting system a workspace can connect to.

    The functions are handed an authorised client without organisation headers; they return data or
    raise :class:`syncline_sdk.RetryLater` or :class:`syncline_sdk.AccessLost`.
    """

    name: str
    """Lower snake case, not ``console`` or ``console_…``; the last part of a connection's name."""
    title: str
    """What people call it."""
    addresses: Addresses
    scopes: tuple[str, ...]
    limits: Limits
    identify: Callable[[Mapping[str, object]], Identity]
    """Reads the claims of an access token."""
    list_organisations: Callable[[httpx.Client, Identity], Sequence[Organisation]]
    """Lists what the grant reaches."""
    disconnect: Callable[[httpx.Client, str], None]
    """Gives back the access with this connection id; returns normally if it is already gone."""
    organisation_headers: Callable[[str], Mapping[str, str]]
    """Headers every call for this organisation id carries; a module cannot change them."""
    read_allowance: Callable[[httpx.Response], Allowance]
    """Reads an answer's limit headers."""
    issuer: str = ""
    """How it names itself in ``iss`` (RFC 9207, OpenID Connect); an answer that says to be from
    another one is refused. Empty when it is not to be looked at."""
    webhooks: Webhooks | None = None
    """How it tells of changes by itself; None when it does not."""
    hosts: tuple[str, ...] = ()
    """Hosts beside its API's that its modules call, such as ``files.abacus.example``: host names in
    lower case (international ones in their ``xn--`` form), without wildcards, no IP addresses, with
    ``:port`` only where it is not 443. Calls go there over https, and without the access token."""
