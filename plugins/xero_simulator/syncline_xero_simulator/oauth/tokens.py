"""Issuing token pairs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncline_xero_simulator.config import SimulatorConfig
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.oauth.grants import Grants, RefreshToken
from syncline_xero_simulator.oauth.keys import SigningKey

ACCESS_LIFE = timedelta(minutes=30)
"""How long an access token opens doors."""
ID_LIFE = timedelta(minutes=5)
"""How long an id token proves who signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One act of consent: who, when, and what it brings into tokens."""

    user_id: str
    auth_event_id: str
    authenticated: datetime
    nonce: str = ""


class TokenIssuer:
    """Makes the JSON that the token endpoint answers with."""

    def __init__(
        self, config: SimulatorConfig, key: SigningKey, mint: Mint, grants: Grants
    ) -> None:
        self._config = config
        self._key = key
        self._mint = mint
        self._grants = grants

    def issue(self, sign_in: SignIn, now: datetime) -> dict[str, Any]:
        """Return a new token pair and remember its refresh token."""
        scopes = self._grants.scopes.get(sign_in.user_id, ())
        access_id = self._mint.token()[:32].upper()
        answer: dict[str, Any] = {
            "access_token": self._key.sign(self._access_claims(sign_in, scopes, now, access_id)),
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": " ".join(scopes),
        }
        if "openid" in scopes:
            answer["id_token"] = self._key.sign(self._id_claims(sign_in, scopes, now))
        if "offline_access" in scopes:
            answer["refresh_token"] = self._refresh(sign_in, now, access_id)
        return answer

    def _refresh(self, sign_in: SignIn, now: datetime, access_id: str) -> str:
        token = self._mint.token()
        self._grants.tokens[token] = RefreshToken(
            token=token,
            user_id=sign_in.user_id,
            auth_event_id=sign_in.auth_event_id,
            authenticated=sign_in.authenticated,
            issued=now,
            access_id=access_id,
        )
        return token

    def _common(self, sign_in: SignIn, now: datetime, life: timedelta) -> dict[str, Any]:
        return {
            "nbf": int(now.timestamp()),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "iss": self._config.public_url,
            "sub": sign_in.user_id.replace("-", ""),
            "auth_time": int(sign_in.authenticated.timestamp()),
            "xero_userid": sign_in.user_id,
            "global_session_id": sign_in.auth_event_id.replace("-", ""),
        }

    def _access_claims(
        self, sign_in: SignIn, scopes: tuple[str, ...], now: datetime, access_id: str
    ) -> dict[str, Any]:
        return {
            **self._common(sign_in, now, ACCESS_LIFE),
            "aud": resources_audience(self._config.public_url),
            "client_id": self._config.app.client_id,
            "jti": access_id,
            "authentication_event_id": sign_in.auth_event_id,
            "scope": list(scopes),
            "amr": ["pwd"],
        }

    def _id_claims(self, sign_in: SignIn, scopes: tuple[str, ...], now: datetime) -> dict[str, Any]:
        claims = {
            **self._common(sign_in, now, ID_LIFE),
            "aud": self._config.app.client_id,
            **({"nonce": sign_in.nonce} if sign_in.nonce else {}),
        }
        person = next(
            (user for user in self._config.users if user.user_id == sign_in.user_id), None
        )
        if person and "email" in scopes:
            claims["email"] = person.email
        if person and "profile" in scopes:
            claims["given_name"] = person.given_name
            claims["family_name"] = person.family_name
            claims["name"] = f"{person.given_name} {person.family_name}"
            claims["preferred_username"] = person.email
        return claims


def resources_audience(public_url: str) -> str:
    """Return the audience of access tokens."""
    return f"{public_url}/resources"
