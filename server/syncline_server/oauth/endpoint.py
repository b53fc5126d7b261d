"""The token endpoint: codes and refresh tokens for tokens, and giving a whole grant back."""

from collections.abc import Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from syncline_sdk import Addresses, HostRefused, RunFailed
from syncline_server.core.clock import Clock
from syncline_server.core.tokens import TokenSet
from syncline_server.oauth.errors import ClientMisconfigured, EndpointUnavailable, GrantDead
from syncline_server.oauth.registration import Registration

_FORM: Final = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
}
# RFC 6749 5.2. Each but invalid_grant means that we ask wrongly, whoever consented.
_OUR_FAULT: Final = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
        "unsupported_grant_type",
        "invalid_scope",
    }
)

_BEARER: Final = "bearer"
_SHORTEST_LIFE: Final = 60
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, HostRefused)


class _Answer(msgspec.Struct):
    access_token: str
    # The form is RFC 6749 5.1: the life may be left out, then it is short of any that is in use.
    expires_in: float = 300
    refresh_token: str = ""
    token_type: str = _BEARER
    scope: str = ""

    def __repr__(self) -> str:
        return "_Answer()"


class _Problem(msgspec.Struct):
    error: str = ""


class TokenEndpoint:
    """Asks one provider for tokens, each time with one request that is never repeated here.

    :param http: a client with timeouts well below a grant's lease; it carries no credentials.
    :param addresses: where the provider is.
    :param registration: what we are known by; sent as HTTP Basic authentication.
    :param clock: tells when a token was received, for its end.
    """

    def __init__(
        self, http: httpx.Client, addresses: Addresses, registration: Registration, clock: Clock
    ) -> None:
        self._http = http
        self._addresses = addresses
        self._basic = httpx.BasicAuth(registration.client_id, registration.client_secret)
        self._clock = clock

    def exchange(
        self, code: str, verifier: str, redirect_uri: str, scopes: Collection[str] = ()
    ) -> TokenSet:
        """Return the tokens for a code.

        :param redirect_uri: the same as when the code was asked for.
        :param scopes: what was asked for; an answer that grants less is not taken.
        :raises GrantDead: the code is unknown, used or expired, or does not fit the verifier; or
            it was given for less than was asked for.
        :raises ClientMisconfigured: the provider refuses us, or grants nothing that can be renewed.
        :raises EndpointUnavailable: no usable answer; the code may have been used up.
        """
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier
        )
        tokens = self._tokens(str(body), known_refresh="", scopes=scopes)
        if not tokens.refresh:
            # The scope that grants renewal is missing from the registration or the request.
            raise ClientMisconfigured("no_refresh_token")
        return tokens

    def refresh(self, refresh_token: str) -> TokenSet:
        """Return the next tokens; from now on they are the only ones to keep.

        :raises GrantDead: the refresh token is used up, expired or revoked.
        :raises ClientMisconfigured: the provider refuses us; the refresh token may be good.
        :raises EndpointUnavailable: no usable answer; the same refresh token may be tried again.
        """
        body = prepare_token_request("refresh_token", refresh_token=refresh_token)
        return self._tokens(str(body), known_refresh=refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """Give the whole grant back, with every organisation of that person (RFC 7009).

        :raises ClientMisconfigured: the provider refuses us.
        :raises EndpointUnavailable: it is not known whether the grant still lives.
        """
        body = httpx.QueryParams({"token": refresh_token})
        response = self._post(self._addresses.revocation, str(body))
        if not response.is_success:
            _raise_for(response)

    def _tokens(self, body: str, *, known_refresh: str, scopes: Collection[str] = ()) -> TokenSet:
        received = self._clock()
        response = self._post(self._addresses.token, body)
        if response.status_code != HTTPStatus.OK:
            _raise_for(response)
        try:
            answer = msgspec.json.decode(response.content, type=_Answer, strict=False)
        except (ValueError, RecursionError):
            raise EndpointUnavailable("the token endpoint's answer is unreadable") from None
        if answer.scope and not set(scopes).issubset(answer.scope.split()):
            # It must be told where it is not what was asked for (RFC 6749 5.1).
            raise GrantDead("the provider grants less than was asked for")
        token = answer.access_token
        if not (token and token.isascii() and token.isprintable()):
            # It would travel in a header.
            raise EndpointUnavailable("the token endpoint's token is no token")
        if answer.token_type.lower() != _BEARER:
            # RFC 6749 7.1: of a type that is not understood no token may be used.
            raise EndpointUnavailable("the token endpoint's token is of another type")
        return TokenSet(
            access=answer.access_token,
            # An answer without a refresh token leaves the old one in force (RFC 6749 6).
            refresh=answer.refresh_token or known_refresh,
            expire_time=_end(received, answer.expires_in),
        )

    def _post(self, url: str, body: str) -> httpx.Response:
        try:
            return self._http.post(url, content=body, headers=_FORM, auth=self._basic)
        except (httpx.RequestError, RunFailed) as error:  # RunFailed: an answer without end
            # Without the cause: it holds the request, and with it code, tokens and secret.
            kind, at_work = type(error).__name__, not isinstance(error, _NEVER_LEFT)
        raise EndpointUnavailable(f"the token endpoint did not answer ({kind})", at_work=at_work)


def _end(received: datetime, seconds: float) -> datetime:
    # Counted from our own clock, so that it does not matter how far the provider's is off. Never
    # nothing: a token that was just bought is worth a try, and a refusal tells when it is over.
    return received + timedelta(seconds=max(_SHORTEST_LIFE, min(seconds, 86_400 * 365)))


def _raise_for(response: httpx.Response) -> None:
    code = _error_code(response)
    if code == "invalid_grant":
        raise GrantDead("the provider no longer honours the grant")
    if code in _OUR_FAULT:
        raise ClientMisconfigured(code)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise ClientMisconfigured("unauthorized")
    raise EndpointUnavailable(f"the token endpoint answered {response.status_code}")


def _error_code(response: httpx.Response) -> str:
    if not response.is_client_error:
        return ""
    try:
        return msgspec.json.decode(response.content, type=_Problem).error
    except (ValueError, RecursionError):
        return ""
