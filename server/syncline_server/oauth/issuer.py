"""An OIDC issuer, as far as its public keys go: where they are, and what they are.

OpenID Connect Discovery 1.0 says where; an operator may, too. Nothing is asked at addresses that a
token names.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx
import msgspec

from syncline_sdk import PluginError
from syncline_sdk.hosts import origin_of
from syncline_server.core.addresses import is_confidential
from syncline_server.oauth.signatures import SigningKey, signing_key
from syncline_server.oauth.signing_keys import IssuerUnavailable

T = TypeVar("T")

_DISCOVERY: Final = "/.well-known/openid-configuration"
_MOST_KEYS: Final = 100


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class Issuer:
    """Reads an issuer's keys, anew each time.

    :param http: a client with short timeouts and bounded answers that follows no redirect.
    :param issuer: its URL, exactly as in the ``iss`` of its tokens.
    :param jwks_uri: where its keys are; empty to ask the issuer itself.
    """

    def __init__(self, http: httpx.Client, issuer: str, jwks_uri: str = "") -> None:
        self._http = http
        self._issuer = issuer
        self._jwks_uri = jwks_uri

    def signing_keys(self) -> Mapping[str, SigningKey]:
        """Return the keys that tokens may be signed with, by their ids.

        :raises IssuerUnavailable: it cannot be asked, or says nothing that can be used.
        """
        found = self._get(self._jwks_uri or self._discover(), _KeySet).keys[:_MOST_KEYS]
        keys = {
            kid: key
            for jwk in found
            if isinstance(kid := jwk.get("kid"), str) and (key := signing_key(jwk)) is not None
        }
        if not keys:
            raise IssuerUnavailable("it has no key that tokens may be signed with")
        return keys

    def _discover(self) -> str:
        configuration = self._get(self._issuer.rstrip("/") + _DISCOVERY, _Configuration)
        # Discovery 4.3: or somebody else's keys would be taken for this issuer's.
        if configuration.issuer != self._issuer:
            raise IssuerUnavailable("it calls itself by another name")
        if not is_confidential(configuration.jwks_uri):
            raise IssuerUnavailable("its keys are not to be had over HTTPS")
        if origin_of(configuration.jwks_uri) != origin_of(self._issuer):
            raise IssuerUnavailable(
                "its keys are on another host than it is: if that is right, name their address in"
                " SYNCLINE_OIDC_JWKS_URI"
            )
        return configuration.jwks_uri

    def _get(self, url: str, kind: type[T]) -> T:
        try:
            response = self._http.get(url, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise IssuerUnavailable(f"it cannot be reached: {type(error).__name__}") from None
        except (httpx.InvalidURL, PluginError):
            raise IssuerUnavailable("its address or its answer cannot be used") from None
        if response.status_code != HTTPStatus.OK:
            raise IssuerUnavailable(f"it answered with status {response.status_code}")
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (ValueError, RecursionError):
            raise IssuerUnavailable("its answer has not the form it should have") from None
