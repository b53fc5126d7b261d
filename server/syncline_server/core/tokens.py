"""What a provider lets us in with."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TokenSet:
    """An access token and what renews it. Its ``repr`` shows neither."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expire_time: datetime
    """When the access token ends."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one person at one provider let us do; every workspace that person connected shares it.

    A provider such as Xero keeps one family of tokens for a person and an app, so that two stored
    copies would rotate each other away.
    """

    id: str
    provider: str
    subject: str
    tokens: TokenSet
    refresh_time: datetime
    """When the tokens were last renewed."""
    dead_reason: str = ""
    """Why a person must consent again; empty while the grant lives."""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A person's way to the provider's consent page, from its start to its one return."""

    workspace: str
    provider: str
    caller: str
    redirect_uri: str
    sealed_verifier: str = field(repr=False)
    """Encrypted; what proves to the token endpoint that the code came to us (RFC 7636)."""
    expire_time: datetime
    used: bool = False
