"""What an authorize request asks for, and whether it may."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from syncline_xero_simulator.config import AppRegistration
from syncline_xero_simulator.oauth.scopes import KNOWN_SCOPES

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
NO_BULK = "bulk_connect:false"
"""The `acr_values` that allows one organisation per consent only."""


class AuthorizeError(Exception):
    """The request is refused on a page of Xero's; the app's callback is not called.

    `code` is the OAuth error code; the message is for the person looking at the page.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """A request for consent that passed every check."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    nonce: str
    several_organisations: bool


def read_authorize(query: Mapping[str, str], app: AppRegistration) -> AuthorizeRequest:
    """Check an authorize request's parameters; raise `AuthorizeError` at the first wrong one."""
    _check_client(query, app)
    _check_redirect(query.get("redirect_uri", ""), app)
    if query.get("response_type") != "code":
        raise AuthorizeError("unsupported_response_type", "response_type must be code")
    return AuthorizeRequest(
        client_id=app.client_id,
        redirect_uri=query["redirect_uri"],
        scopes=_scopes(query.get("scope", "")),
        state=query.get("state", ""),
        challenge=_challenge(query),
        nonce=query.get("nonce", ""),
        several_organisations=NO_BULK not in query.get("acr_values", "").split(),
    )


def _check_client(query: Mapping[str, str], app: AppRegistration) -> None:
    if query.get("client_id") != app.client_id:
        raise AuthorizeError("unauthorized_client", "Unknown client or client not enabled")


def _check_redirect(uri: str, app: AppRegistration) -> None:
    parts = urlsplit(uri)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
    if not safe or uri not in app.redirect_uris:
        raise AuthorizeError("unauthorized_client", "Invalid redirect_uri")


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(text.split()))
    if not scopes or not KNOWN_SCOPES.issuperset(scopes):
        raise AuthorizeError("invalid_scope", "Invalid scope for client")
    return scopes


def _challenge(query: Mapping[str, str]) -> str:
    challenge = query.get("code_challenge", "")
    if not challenge and "code_challenge_method" not in query:
        return ""
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise AuthorizeError("invalid_request", "code_challenge must be an S256 challenge")
    return challenge
