"""The claims of an access token."""

import base64
import binascii
from collections.abc import Mapping

import msgspec


def claims_of(access_token: str) -> Mapping[str, object]:
    """Return what a JSON Web Token says; empty for a token that is none.

    The signature is not checked, and need not be: the token came to us from the token endpoint in
    answer to our own request over TLS, which vouches for its issuer (OpenID Connect Core 3.1.3.7,
    point 6). Never read a token that came any other way with this.
    """
    parts = access_token.split(".")
    if len(parts) != len(("header", "claims", "signature")):
        return {}
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(_padded(parts[1])))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
