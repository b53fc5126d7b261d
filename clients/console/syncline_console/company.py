"""Signing in at the company's identity provider: OpenID Connect's code flow with PKCE.

Authlib speaks the protocol; what is kept between the two ways is ours, because it has to fit into a
signed cookie that carries no secret: the verifier is worked out again from the session keys.
"""

import hmac
import logging
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from syncline_console.claims import ClaimsRefused, person_of
from syncline_console.issuer import Issuer, IssuerUnavailable
from syncline_console.people import Person
from syncline_console.session_keys import SessionKeys

BACK_PATH: Final = "/sign-in/company/back"
_PURPOSE: Final = "pkce"
_ALLOWED: Final = timedelta(minutes=10)
_LEEWAY: Final = 30
"""Seconds by which the issuer's clock may be ahead of ours."""
_SECONDS: Final = 10.0
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
"""No shared secrets and no ``none`` (RFC 8725, 3.1)."""
_LONGEST_TOKEN: Final = 16 * 1024
_log = logging.getLogger(__name__)


class NotSignedIn(Exception):  # noqa: N818 - an answer, not a malfunction
    """Nobody was signed in; the message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """As what the console is registered at the identity provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    title: str = "your company account"
    """What the link to it says behind "Sign in with"."""
    scopes: str = "openid profile email"
    workspaces_claim: str = "syncline_workspaces"
    public_url: str
    """Where people find the console, without a slash at the end."""
    authorities: ssl.SSLContext | None = None
    """Who may sign the issuer's certificate; None is whom the package certifi trusts."""


class Company:
    """The way through the identity provider; safe to share between threads.

    :param keys: what the verifiers are made of.
    :param clock: tells the time.
    :param transport: the way to the provider; None is the network.
    """

    def __init__(
        self,
        registration: Registration,
        keys: SessionKeys,
        clock: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.registration = registration
        self._keys = keys
        self._clock = clock
        self._http = httpx.Client(
            transport=transport,
            timeout=_SECONDS,
            trust_env=False,
            verify=registration.authorities or True,
        )
        self._issuer = Issuer(registration.issuer, self._http, clock)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.registration.title

    def start(self, next_page: str) -> tuple[str, dict[str, Any]]:
        """Return the address of the provider's sign-in, and what to keep until the way back.

        :raises NotSignedIn: the provider does not answer.
        """
        state, key = secrets.token_urlsafe(32), self._keys.newest
        pending = {
            "state": state,
            "nonce": secrets.token_urlsafe(16),
            "key": key,
            "next": next_page,
            "until": int((self._clock() + _ALLOWED).timestamp()),
        }
        try:
            url, _ = self._client().create_authorization_url(
                self._issuer.endpoint("authorization_endpoint"),
                state=state,
                nonce=pending["nonce"],
                code_verifier=self._keys.derived(_PURPOSE, state, key),
            )
        except IssuerUnavailable as error:
            raise self._away(error) from None
        return url, pending

    def finish(self, query: Mapping[str, str], pending: Mapping[str, Any]) -> Person:
        """Return who came back from the provider.

        :param query: what stands in the address of the way back.
        :param pending: what :meth:`start` gave to keep in this browser.
        :raises NotSignedIn: it is not the way back of this start, was refused, or is not to be
            trusted.
        """
        self._check_way_back(query, pending)
        verifier = self._keys.derived(_PURPOSE, pending["state"], pending["key"])
        if query.get("error") or not query.get("code") or verifier is None:
            _log.info("company sign-in: refused by the provider")
            raise NotSignedIn(f"{_capital(self.title)} did not sign you in. Try again.")
        try:
            claims = self._claims(self._answer(query["code"], verifier), str(pending["nonce"]))
            return person_of(claims, self.registration.workspaces_claim)
        except IssuerUnavailable as error:
            raise self._away(error) from None
        except (ClaimsRefused, JoseError, ValueError, TypeError) as error:
            why = error if isinstance(error, ClaimsRefused) else type(error).__name__
            _log.warning("company sign-in: the ID token is not taken: %s", why)
            raise NotSignedIn(
                "What came back could not be trusted, so you are not signed in. Try again; if it"
                " stays so, tell whoever runs Syncline."
            ) from None

    def signed_out_url(self, back: str) -> str:
        """Return where to sign out at the provider, too; empty where it has no such address."""
        try:
            endpoint = self._issuer.endpoint("end_session_endpoint")
        except IssuerUnavailable:
            return ""
        if not endpoint:
            return ""
        asked = {"client_id": self.registration.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(endpoint, asked))

    def _check_way_back(self, query: Mapping[str, str], pending: Mapping[str, Any]) -> None:
        """Refuse what is not the answer to this browser's own start."""
        state = str(pending.get("state", ""))
        is_same = hmac.compare_digest(query.get("state", "").encode(), state.encode())
        if not state or not is_same or self._clock().timestamp() >= pending["until"]:
            raise NotSignedIn(
                "This sign-in was not started in this browser, or took too long. Try again."
            )
        try:
            must_tell = self._issuer.says_who_answers()
        except IssuerUnavailable as error:
            raise self._away(error) from None
        if query.get("iss", "" if must_tell else self._issuer.address) != self._issuer.address:
            _log.warning("company sign-in: answered by another issuer")
            raise NotSignedIn("Another sign-in answered than the one that was asked. Try again.")

    def _answer(self, code: str, verifier: str) -> Mapping[str, Any]:
        """Return what the token endpoint gives for a code."""
        registration = self.registration
        credentials = httpx.BasicAuth(registration.client_id, registration.client_secret)
        try:
            found: dict[str, Any] = dict(
                self._client().fetch_token(
                    self._issuer.endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    auth=credentials,
                )
            )
        except httpx.HTTPError as error:
            raise IssuerUnavailable(f"token endpoint: {type(error).__name__}") from None
        except AuthlibBaseError:
            raise ClaimsRefused("the token endpoint refused the code") from None
        return found

    def _claims(self, answer: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return what the ID token says, once signature, issuer, audience, time and nonce fit."""
        text = answer.get("id_token")
        if not isinstance(text, str) or len(text) > _LONGEST_TOKEN:
            raise ClaimsRefused("there is no ID token, or it is too long")
        token = self._verified(text)
        registration = self.registration
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": registration.issuer},
                "aud": {"essential": True, "value": registration.client_id},
            },
            {
                "client_id": registration.client_id,
                "nonce": nonce,
                "access_token": answer.get("access_token"),
            },
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY)
        return dict(claims)

    def _verified(self, text: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(text, self._issuer.keys(), registry=registry)
        except InvalidKeyIdError:  # it may be new
            return jwt.decode(text, self._issuer.new_keys(), registry=registry)

    def _client(self) -> OAuth2Client:
        registration = self.registration
        return OAuth2Client(
            self._http,
            client_id=registration.client_id,
            client_secret=registration.client_secret,
            scope=registration.scopes,
            redirect_uri=registration.public_url + BACK_PATH,
            code_challenge_method="S256",
        )

    def _away(self, error: IssuerUnavailable) -> NotSignedIn:
        _log.warning("company sign-in: the provider does not answer: %s", error)
        title = _capital(self.title)
        return NotSignedIn(f"{title} does not answer at the moment. Try again in a minute.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
