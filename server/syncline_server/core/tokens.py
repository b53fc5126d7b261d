"""What a provider lets us in with."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

RENEW_AHEAD: Final = timedelta(seconds=90)
"""An access token is renewed when it has no longer than this to live."""
_LONGEST_PAUSE: Final = timedelta(seconds=60)
_MOST_DOUBLINGS: Final = 6


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
    failures: int = 0
    """How many renewals have failed since the last that did not."""
    failure: str = ""
    """The error code with which the provider refused this server, if that was the last failure."""
    retry_time: datetime | None = None
    """Before then nobody tries again; None when the last renewal did not fail."""
    lease_until: datetime | None = None
    """Until when somebody may renew; None when nobody does.

    Past and not None: whoever began to renew died, and what came of it is not known.
    """
    version: int = 1

    def lasts(self, now: datetime) -> bool:
        """Return whether the access token need not be renewed yet.

        One that lives shortly is used for half its life at least: a provider's odd answer must not
        have it renewed for every call.
        """
        life = self.tokens.expire_time - self.refresh_time
        return now + min(RENEW_AHEAD, life / 2) < self.tokens.expire_time

    def rests(self, now: datetime) -> bool:
        """Return whether a renewal failed just now, so that the next one has to wait."""
        left = timedelta() if self.retry_time is None else self.retry_time - now
        # A clock that was put back must not make it rest for longer than it ever should.
        return timedelta() < left <= _LONGEST_PAUSE

    def is_left_open(self, now: datetime) -> bool:
        """Return whether the provider may have rotated the tokens without our having stored it."""
        return self.failures > 0 or (self.lease_until is not None and self.lease_until <= now)

    def renewed(self, tokens: TokenSet, now: datetime) -> "Grant":
        """Return it with new tokens; nothing is left open."""
        fresh = replace(self, tokens=tokens, refresh_time=now, failures=0, failure="")
        return replace(fresh, retry_time=None, lease_until=None)

    def failed(self, code: str, now: datetime, least: timedelta = timedelta()) -> "Grant":
        """Return it behind one more failure: a pause of 2 seconds, doubling to a minute.

        :param code: with which the provider refused this server; empty for another failure.
        :param least: how long the pause is at least.
        """
        failures = self.failures + 1
        pause = min(timedelta(seconds=2 ** min(failures, _MOST_DOUBLINGS)), _LONGEST_PAUSE)
        return replace(self, failures=failures, failure=code, retry_time=now + max(pause, least))


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
    browser_hash: str = ""
    """Of the secret in the browser it was started for; empty when it is bound to none."""
    used: bool = False

    def is_of(self, caller: str, browser_hash: str) -> bool:
        """Return whether this caller may end it, from the browser whose secret has this hash.

        A consent that was started for no browser ends for none either: who could leave the secret
        out when it starts would otherwise end it in somebody else's browser.
        """
        return self.caller == caller and hmac.compare_digest(self.browser_hash, browser_hash)
