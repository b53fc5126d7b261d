"""The token and revocation endpoints, apart from HTTP."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from typing import Any

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import AppRegistration
from syncline_xero_simulator.connections import Connections
from syncline_xero_simulator.oauth.grants import Grants, RefreshToken
from syncline_xero_simulator.oauth.tokens import SignIn, TokenIssuer
from syncline_xero_simulator.switches import Switches

_VERIFIER_LENGTHS = range(43, 129)
_REMEMBERED_ANSWERS = 1000


class TokenError(Exception):
    """The token endpoint answers 400 with `code`."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description


def check_client(app: AppRegistration, client_id: str, secret: str) -> None:
    """Raise `TokenError` unless id and secret are the app's."""
    right = hmac.compare_digest(client_id.encode(), app.client_id.encode())
    if not right or not hmac.compare_digest(secret.encode(), app.client_secret.encode()):
        raise TokenError("invalid_client")


class TokenEndpoint:
    """Exchanges codes and refresh tokens, and revokes; one call at a time."""

    def __init__(
        self,
        grants: Grants,
        connections: Connections,
        issuer: TokenIssuer,
        clock: SimulatorClock,
    ) -> None:
        self._grants = grants
        self._connections = connections
        self._issuer = issuer
        self._clock = clock
        self._answers: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()

    def exchange(self, form: Mapping[str, str], switches: Switches) -> dict[str, Any]:
        """Answer one token request; raise `TokenError` if it buys nothing."""
        with self._lock:
            match form.get("grant_type"):
                case "authorization_code":
                    return self._from_code(form, switches)
                case "refresh_token":
                    return self._from_refresh(form, switches)
                case "client_credentials":
                    raise TokenError("unauthorized_client")
                case None | "":
                    raise TokenError("invalid_request", "grant_type is missing")
                case _:
                    raise TokenError("unsupported_grant_type")

    def _from_code(self, form: Mapping[str, str], switches: Switches) -> dict[str, Any]:
        now = self._clock.now()
        if not form.get("code"):
            raise TokenError("invalid_request", "code is missing")
        grant = self._grants.take_code(form["code"], now)
        if grant is None or form.get("redirect_uri") != grant.redirect_uri:
            raise TokenError("invalid_grant")
        if grant.challenge and not _proves(form.get("code_verifier", ""), grant.challenge):
            raise TokenError("invalid_grant", "code_verifier does not match")
        if switches.new_consent_retires_tokens:
            self._grants.drop_tokens(grant.user_id)
        self._grants.widen(grant.user_id, grant.scopes)
        sign_in = SignIn(
            user_id=grant.user_id,
            auth_event_id=grant.auth_event_id,
            authenticated=grant.issued,
            nonce=grant.nonce,
        )
        return self._issuer.issue(sign_in, now)

    def _from_refresh(self, form: Mapping[str, str], switches: Switches) -> dict[str, Any]:
        if not form.get("refresh_token"):
            raise TokenError("invalid_request", "refresh_token is missing")
        now = self._clock.now()
        token = self._grants.tokens.get(form["refresh_token"])
        if token is None or not token.usable(now, strict=switches.strict_rotation):
            raise TokenError("invalid_grant")
        if token.successor in self._answers and switches.grace_repeats_tokens:
            return self._answers[token.successor]
        return self._rotate(token, switches)

    def _rotate(self, token: RefreshToken, switches: Switches) -> dict[str, Any]:
        now = self._clock.now()
        sign_in = SignIn(
            user_id=token.user_id,
            auth_event_id=token.auth_event_id,
            authenticated=token.authenticated,
        )
        answer = self._issuer.issue(sign_in, now)
        successor = str(answer.get("refresh_token", ""))
        self._grants.retire(token, now, successor)
        if len(self._answers) >= _REMEMBERED_ANSWERS:
            self._answers.clear()
        self._answers[successor] = answer
        if not switches.access_survives_refresh:
            self._grants.dead_access.add(token.access_id)
        return answer

    def revoke(self, token: str, switches: Switches) -> None:
        """End a person's grant and all its connections; an unknown token ends nothing."""
        with self._lock:
            found = self._grants.tokens.get(token)
            if found is not None:
                self.revoke_user(found.user_id, switches)

    def revoke_user(self, user_id: str, switches: Switches) -> None:
        """End everything a person granted, as their "Connected apps" page does."""
        kill_access = not switches.access_survives_revocation
        with self._lock:
            self._grants.forget_user(user_id, kill_access=kill_access)
            self._connections.disconnect_user(user_id)


def _proves(verifier: str, challenge: str) -> bool:
    if len(verifier) not in _VERIFIER_LENGTHS:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(computed, challenge)
