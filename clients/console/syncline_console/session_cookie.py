"""The cookie a session is kept in: signed, short-lived, and never larger than browsers take."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncline_console.ended import Ended
from syncline_console.public_address import is_over_https
from syncline_console.session_keys import SessionKeys

SECURE_NAME: Final = "__Host-syncline-session"
"""Browsers take this prefix over https only, and from this very host: no sibling can set it."""
LOCAL_NAME: Final = "syncline-session"
"""The same without https, where the console is for this machine only."""
LARGEST: Final = 3800
"""Characters of its value; browsers keep 4096 bytes with name and attributes (RFC 6265 6.1)."""
ID: Final = "id"
MADE: Final = "made"
SEEN: Final = "seen"
"""When the session began, and when it was last used: seconds since 1970."""
NOTICES: Final = "notices"
RECENT: Final = "recent"
CONSENTS: Final = "consents"
PENDING: Final = "company"
KEPT_OUT: Final = "kept_out"
LEFT: Final = "left"
"""What views keep in a session for a while, and can do without."""
ROOM: Final = 700
"""Characters of the value that are theirs: who may do too much for that is not signed in."""
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

    :param public_url: where people find the console; its scheme decides on name and flag.
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: SessionKeys,
        lifetime: Lifetime,
        ended: Ended,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._app = app
        self._is_secure = is_over_https(public_url)
        self._name = SECURE_NAME if self._is_secure else LOCAL_NAME
        self._ended = ended
        self._keys = keys
        self._lifetime = lifetime
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held = HTTPConnection(scope).cookies.get(self._name, "")
        scope["session"] = self._opened(held)
        before = json.dumps(scope["session"])

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                session = scope["session"]
                if session and json.dumps(session) != before:
                    value = fitting(session, self._keys)
                    MutableHeaders(scope=message).append("set-cookie", self._set(value))
                elif held and not session:
                    MutableHeaders(scope=message).append("set-cookie", self._drop())
            await send(message)

        await self._app(scope, receive, send_on)

    def _opened(self, held: str) -> dict[str, Any]:
        """Return what a cookie holds; empty when it is not ours or has ended."""
        found = self._keys.read(held) if held else None
        if found is None or not {ID, MADE, SEEN} <= found.keys() or found[ID] in self._ended:
            return {}
        return found if self._clock().timestamp() < self._lifetime.end(found) else {}

    def _set(self, value: str) -> str:
        carrier = Response()
        carrier.set_cookie(self._name, value, secure=self._is_secure, httponly=True, samesite="lax")
        return carrier.headers["set-cookie"]

    def _drop(self) -> str:
        carrier = Response()
        carrier.delete_cookie(self._name, secure=self._is_secure, httponly=True, samesite="lax")
        return carrier.headers["set-cookie"]


def has_room(session: Mapping[str, Any], keys: SessionKeys) -> bool:
    """Return whether a new session leaves room for what views keep in it."""
    return len(keys.sign(session)) + ROOM <= LARGEST


def fitting(session: Mapping[str, Any], keys: SessionKeys) -> str:
    """Return a session as a cookie's value, leaving out what is too much.

    Of its notices the oldest go first, then the details of the last, then the end of its text. Then
    go which workspaces were looked at and all consents but the newest, and only then what is left.

    :raises ValueError: it is too large without any.
    """
    for kept in _smaller(session):
        value = keys.sign(kept)
        if len(value) <= LARGEST:
            return value
    raise ValueError("the session does not fit into a cookie")


def _smaller(session: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a session whole, and then with less and less of what it can do without."""
    yield session
    kept = dict(session)
    consents = kept.get(CONSENTS, [])
    fewer = [consents[number:] for number in range(1, len(consents))]
    less: list[tuple[str, Any]] = [(NOTICES, each) for each in _shortened(kept.get(NOTICES, []))]
    less += [(RECENT, []), *((CONSENTS, each) for each in fewer)]
    for name, value in (*less, (NOTICES, []), (PENDING, {}), (KEPT_OUT, "")):
        if name in kept:
            kept[name] = value
            yield kept


def _shortened(notices: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return less and less of notices."""
    if not notices:
        return []
    last = notices[-1]
    plain = {**last, "details": []}
    halves = [{**last, "details": last["details"][: len(last["details"]) // by]} for by in (2, 8)]
    rest = [notices[number:] for number in range(1, len(notices))]
    brief = {**plain, "text": last["text"][:_LONGEST_TEXT]}
    return [*rest, *([each] for each in halves), [plain], [brief]]
