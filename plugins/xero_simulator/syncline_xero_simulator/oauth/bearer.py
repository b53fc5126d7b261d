"""Checking the bearer token of a call."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncline_xero_simulator.oauth.grants import Grants
from syncline_xero_simulator.oauth.keys import SigningKey, UnsignedTokenError
from syncline_xero_simulator.oauth.tokens import resources_audience


class BearerError(Exception):
    """The call is answered with 401; `detail` goes into the problem object."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a token speaks for."""

    user_id: str
    scopes: tuple[str, ...]
    auth_event_id: str


class BearerCheck:
    """Reads access tokens."""

    def __init__(self, key: SigningKey, grants: Grants, public_url: str) -> None:
        self._key = key
        self._grants = grants
        self._audience = resources_audience(public_url)

    def caller(self, header: str, now: datetime) -> Caller:
        """Return whom an Authorization header speaks for; raise `BearerError`."""
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise BearerError("AuthenticationUnsuccessful")
        claims = self._claims(token.strip())
        self._check_times(claims, now)
        if claims.get("jti") in self._grants.dead_access:
            raise BearerError("TokenRevoked")
        return Caller(
            user_id=str(claims["xero_userid"]),
            scopes=tuple(claims.get("scope", ())),
            auth_event_id=str(claims["authentication_event_id"]),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = self._key.claims_of(token)
        except UnsignedTokenError as error:
            raise BearerError("TokenInvalidSignature") from error
        if claims.get("aud") != self._audience:
            raise BearerError("TokenInvalidAudience")
        return claims

    def _check_times(self, claims: dict[str, Any], now: datetime) -> None:
        expiry = datetime.fromtimestamp(claims["exp"], UTC)
        if now >= expiry:
            raise BearerError(f"TokenExpired: token expired at {expiry:%m/%d/%Y %H:%M:%S}")
