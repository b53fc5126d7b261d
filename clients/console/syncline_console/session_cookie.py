"""The cookie a session is kept in: signed, short-lived, and never larger than browsers take."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncline_console.ended import Ended
from syncline_console.session_keys import SessionKeys

SECURE_NAME: Final = "__Host-syncline-session"
"""Browsers take this prefix over https only, and from this very host: no sibling can set it."""
LOCAL_NAME: Final = "syncline-session"
"""The same without https, on this machine only."""
LARGEST: Final = 3800
"""Characters of its value; browsers keep 4096 bytes with name and attributes (RFC 6265 6.1)."""
ID: Final = "id"
MADE: Final = "made"
SEEN: Final = "seen"
"""When the session began, and when it was last used: seconds since 1970."""
_LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
_LONGEST_TEXT: Final = 300

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """How long sessions last."""

    most: timedelta = timedelta(hours=8)
    idle: timedelta = timedelta(hours=1)
    """Without use."""

    def end(self, session: Mapping[str, Any]) -> float:
        """Return when a session ends unless it is used, in seconds since 1970."""
        by_use = float(session[SEEN]) + self.idle.total_seconds()
        return min(float(session[MADE]) + self.most.total_seconds(), by_use)


class SessionCookie:
    """Brings each request its ``session``, a dict, and sends it back when it has changed.

    Starlette's own middleware signs with one key, has one name for http and https and knows no end
    without use.
    """

    def __init__(
        self, app: ASGIApp, keys: SessionKeys, lifetime: Lifetime, ended: Ended, clock: Clock
    ) -> None:
        self._app = app
        self._ended = ended
        self._keys = keys
        self._lifetime = lifetime
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        held = connection.cookies.get(name_for(connection), "")
        scope["session"] = self._opened(held)
        before = json.dumps(scope["session"])

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                session = scope["session"]
                if session and json.dumps(session) != before:
                    value = fitting(session, self._keys)
                    MutableHeaders(scope=message).append("set-cookie", _set(connection, value))
                elif held and not session:
                    MutableHeaders(scope=message).append("set-cookie", _drop(connection))
            await send(message)

        await self._app(scope, receive, send_on)

    def _opened(self, held: str) -> dict[str, Any]:
        """Return what a cookie holds; empty when it is not ours or has ended."""
        found = self._keys.read(held) if held else None
        if found is None or not {ID, MADE, SEEN} <= found.keys() or found[ID] in self._ended:
            return {}
        return found if self._clock().timestamp() < self._lifetime.end(found) else {}


def name_for(connection: HTTPConnection) -> str:
    """Return what the cookie is called where a request came in."""
    return LOCAL_NAME if is_local(connection) else SECURE_NAME


def is_local(connection: HTTPConnection) -> bool:
    """Return whether a request came without https to a name of this machine."""
    return connection.url.scheme == "http" and connection.url.hostname in _LOCAL_HOSTS


def fitting(session: dict[str, Any], keys: SessionKeys) -> str:
    """Return a session as a cookie's value, leaving out of its notices what is too much.

    First the oldest go, then the details of the last, then the end of its text.

    :raises ValueError: it is too large without any.
    """
    kept = dict(session)
    for shorter in (None, *_shortened(session.get("notices", []))):
        if shorter is not None:
            kept["notices"] = shorter
        value = keys.sign(kept)
        if len(value) <= LARGEST:
            return value
    raise ValueError("the session does not fit into a cookie")


def _shortened(notices: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return less and less of notices."""
    if not notices:
        return [[]]
    last = notices[-1]
    plain = {**last, "details": []}
    halves = [{**last, "details": last["details"][: len(last["details"]) // by]} for by in (2, 8)]
    rest = [notices[number:] for number in range(1, len(notices))]
    brief = {**plain, "text": last["text"][:_LONGEST_TEXT]}
    return [*rest, *([each] for each in halves), [plain], [brief], []]


def _set(connection: HTTPConnection, value: str) -> str:
    carrier = Response()
    secure = not is_local(connection)
    carrier.set_cookie(name_for(connection), value, secure=secure, httponly=True, samesite="lax")
    return carrier.headers["set-cookie"]


def _drop(connection: HTTPConnection) -> str:
    carrier = Response()
    secure = not is_local(connection)
    carrier.delete_cookie(name_for(connection), secure=secure, httponly=True, samesite="lax")
    return carrier.headers["set-cookie"]
