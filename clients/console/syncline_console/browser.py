"""The cookie by which a consent is known to come back in the browser it was started in.

Whoever sends the person to the consent page sets it, with the value it hands to ``StartConnection``
as ``browser_binding``: :func:`bind`. See ``docs/security.md``.
"""

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from syncline_console.public_address import LOOPBACK

SECURE_NAME: Final = "__Host-syncline-consent"
"""Browsers take this prefix over https only, and from this very host: no sibling can set it."""
LOCAL_NAME: Final = "syncline-consent"
"""The same without https, believed on this machine only."""

_SECONDS: Final = 600
"""How long a consent may take."""
_LONGEST: Final = 200


def new_secret() -> str:
    """Return a secret for one consent: 256 random bits."""
    return secrets.token_urlsafe(32)


def bind(response: Response, secret: str, *, over_https: bool) -> None:
    """Have the browser hold the secret until the consent is over.

    Lax, because the person comes back from the provider's site.
    """
    response.set_cookie(
        SECURE_NAME if over_https else LOCAL_NAME,
        secret,
        max_age=_SECONDS,
        secure=over_https,
        httponly=True,
        samesite="lax",
    )


def bound_to(request: Request) -> str:
    """Return what the browser holds; empty when it holds nothing that could be it."""
    held = request.cookies.get(SECURE_NAME, "")
    if not held and request.url.hostname in LOOPBACK:
        held = request.cookies.get(LOCAL_NAME, "")
    return held if len(held) <= _LONGEST else ""


def forget(response: Response) -> None:
    """Have the browser drop it: it was for one consent."""
    response.delete_cookie(SECURE_NAME, secure=True, httponly=True, samesite="lax")
    response.delete_cookie(LOCAL_NAME, httponly=True, samesite="lax")
