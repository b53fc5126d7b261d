"""Signed tokens (JWT) of an OIDC issuer: verified, and remembered for a short while."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import structlog

from syncline_server.core.access import Identity
from syncline_server.core.clock import Clock
from syncline_server.core.errors import Reason, Unauthenticated, Unavailable
from syncline_server.core.signed_tokens import Holder, NotTrusted, Trust, holder
from syncline_server.oauth.signatures import header_of, verified_claims
from syncline_server.oauth.signing_keys import IssuerUnavailable, SigningKeys

REMEMBERED: Final = timedelta(minutes=1)
"""How long a token is taken for good once it was verified, unless it ends before."""
_MOST_REMEMBERED: Final = 10_000
_log = structlog.get_logger(__name__)


class SignedTokens:
    """Tells who calls with a token of the issuer's. Safe to share between threads."""

    def __init__(self, keys: SigningKeys, trust: Trust, clock: Clock) -> None:
        self._keys = keys
        self._trust = trust
        self._clock = clock
        self._known: dict[bytes, tuple[datetime, Holder]] = {}

    def identify(self, token: str) -> Identity:
        """Return who a token was made out to.

        :raises Unauthenticated: it is not good; what is wrong with it is in the log only.
        :raises Unavailable: the issuer's keys cannot be had, so nothing can be said of it.
        """
        now = self._clock()
        key = hashlib.sha256(token.encode()).digest()
        verified, found = self._known.get(key, (now, None))
        if found is None or not verified <= now < min(verified + REMEMBERED, found.expire_time):
            found = self._verified(token, now)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = (now, found)
        return found.identity

    def _verified(self, token: str, now: datetime) -> Holder:
        try:
            header = header_of(token)
            key = self._keys.find(header.kid)
            if key is None:
                raise NotTrusted("kid is no key of the issuer's")  # noqa: TRY301 - one way out
            return holder(verified_claims(token, header, key), self._trust, now)
        except NotTrusted as error:
            _log.info("token refused", action="token_refused", why=str(error))
            raise Unauthenticated(
                Reason.CREDENTIALS_INVALID, "The token is not valid: sign in again for another one."
            ) from None
        except IssuerUnavailable as error:
            raise Unavailable(
                Reason.ISSUER_UNAVAILABLE,
                "The issuer of the token cannot be asked for its keys now: repeat the call later.",
                error.retry_after,
            ) from None
