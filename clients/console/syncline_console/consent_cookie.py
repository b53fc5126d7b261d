"""The cookie by which a consent is known to come back in the browser it was started in.

The console sets it for whoever connects on its pages, with the value it hands to
``StartConnection`` as ``browser_binding``: :func:`bind`. See ``docs/security.md``.
"""

import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SECURE_NAME: Final = "__Host-syncline-consent"
"""Browsers take this prefix over https only, and from this very host: no sibling can set it."""
LOCAL_NAME: Final = "syncline-consent"
"""The same without https, where the console is for this machine only."""

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
        _name(over_https=over_https),
        secret,
        max_age=_SECONDS,
        secure=over_https,
        httponly=True,
        samesite="lax",
    )


def bound_to(request: Request, *, over_https: bool) -> str:
    """Return what the browser holds; empty when it holds nothing that could be it."""
    held = request.cookies.get(_name(over_https=over_https), "")
    return held if len(held) <= _LONGEST else ""


def forget(response: Response) -> None:
    """Have the browser drop it: it was for one consent."""
    response.delete_cookie(SECURE_NAME, secure=True, httponly=True, samesite="lax")
    response.delete_cookie(LOCAL_NAME, httponly=True, samesite="lax")


def _name(*, over_https: bool) -> str:
    return SECURE_NAME if over_https else LOCAL_NAME
