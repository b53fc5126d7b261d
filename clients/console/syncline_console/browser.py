"""The cookie by which a consent is known to come back in the browser it was started in.

Whoever sends the person to the consent page sets it, with the value it hands to ``StartConnection``
as ``browser_binding``; this only reads it and takes it away. See ``docs/security.md``.
"""

from starlette.requests import Request
from starlette.responses import Response

SECURE_NAME = "__Host-syncline-consent"
"""Browsers take this prefix over https only, and from this very host: no sibling can set it."""
LOCAL_NAME = "syncline-consent"
"""The same without https, believed on this machine only."""

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_LONGEST = 200


def bound_to(request: Request) -> str:
    """Return what the browser holds; empty when it holds nothing that could be it."""
    held = request.cookies.get(SECURE_NAME, "")
    if not held and request.url.hostname in _LOCAL_HOSTS:
        held = request.cookies.get(LOCAL_NAME, "")
    return held if len(held) <= _LONGEST else ""


def forget(response: Response) -> None:
    """Have the browser drop it: it was for one consent."""
    response.delete_cookie(SECURE_NAME, secure=True, httponly=True, samesite="lax")
    response.delete_cookie(LOCAL_NAME, httponly=True, samesite="lax")
