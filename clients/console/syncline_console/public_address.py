"""The address by which people reach the console, and by which providers send them back."""

import ipaddress
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_PORTS: Final = {"http": 80, "https": 443}
"""What browsers leave out of an origin."""
_NOT_FOR_PEOPLE: Final = ("/oauth/", "/webhooks/", "/healthz", "/static/")
"""Addresses that answer under every name: whoever calls them has no cookies to lose."""


def is_here(host: str) -> bool:
    """Return whether a host's name or number is this very machine's, of whatever asks."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_over_https(public_url: str) -> bool:
    """Return whether cookies go over https alone: what people see, not how a proxy calls us."""
    return public_url.startswith("https:")


def is_from(origin: str, public_url: str) -> bool:
    """Return whether an ``Origin`` is the console's own: scheme, host and port of its address."""
    try:
        return _parts(origin) == _parts(public_url)
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def mistake_in(url: str) -> str:
    """Return what is wrong with a public address, empty when nothing is.

    Cookies of sessions and consents travel in the clear over http, so it is for this machine only.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not an address, for example https://books.example"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "must be an address that begins with https://, for example https://books.example"
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        return "must be scheme and host alone, without a path: the console is at its root"
    if parts.scheme == "http" and not is_here(parts.hostname):
        return "must begin with https://; plain http is for localhost only"
    return ""


class LeadHome:
    """Leads people who came by another name of this machine to the one that cookies are for.

    The provider sends everybody back to the public host, where a browser that was signed in on
    ``127.0.0.1`` is a stranger to ``localhost``. Between other names nobody is led: a proxy in
    front may call us by any.

    :param app: what answers everything else.
    :param public_url: scheme and host, for example ``http://localhost:8080``.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._home = public_url
        self._host = urlsplit(public_url).hostname or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the same page under the public name, or let the others answer."""
        if scope["type"] == "http" and self._is_astray(scope):
            query = scope["query_string"].decode("latin-1")
            target = f"{self._home}{quote(scope['path'])}{'?' if query else ''}{query}"
            await RedirectResponse(target, headers={"Cache-Control": "no-store"})(
                scope, receive, send
            )
        else:
            await self._app(scope, receive, send)

    def _is_astray(self, scope: MutableMapping[str, Any]) -> bool:
        if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_NOT_FOR_PEOPLE):
            return False
        try:
            host = URL(scope=scope).hostname or ""
        except ValueError:  # a Host header that is none
            return False
        return host != self._host and is_here(host) and is_here(self._host)
