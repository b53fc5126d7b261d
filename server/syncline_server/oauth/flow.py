"""The way to the consent page: authorization code with PKCE (RFC 6749 4.1, RFC 7636)."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from syncline_sdk import Provider
from syncline_server.oauth.registration import Registration

_SECRET_BYTES: Final = 32
"""256 bits: 43 characters, the least that RFC 7636 takes for a verifier."""

Randomness = Callable[[int], bytes]
"""Returns that many bytes from a cryptographic source."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """One way to the consent page. Its ``repr`` shows nothing that could be replayed."""

    url: str = field(repr=False)
    """The address to open in the person's browser."""
    state: str = field(repr=False)
    """What the provider sends back beside the code."""
    verifier: str = field(repr=False)
    """What is shown to the token endpoint with the code, and nowhere else."""


def depart(
    provider: Provider, registration: Registration, redirect_uri: str, randomness: Randomness
) -> Departure:
    """Make a state and a verifier and the address that carries the one and proves the other."""
    state, verifier = _secret(randomness), _secret(randomness)
    url = prepare_grant_uri(
        provider.addresses.authorize,
        client_id=registration.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=list(provider.scopes),
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return Departure(url=str(url), state=state, verifier=verifier)


def _secret(randomness: Randomness) -> str:
    return base64.urlsafe_b64encode(randomness(_SECRET_BYTES)).rstrip(b"=").decode("ascii")
