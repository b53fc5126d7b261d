"""Headers of every page: what it may load, and who may keep or frame it."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Only our own files run and apply; nothing inline does, so no name can become code."""
PEEK: Final = "syncline-peek"
"""Header of a request that an open page makes by itself (``static/js/visiting.js``)."""
PAGE_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
BARE_HEADERS: Final = {
    **PAGE_HEADERS,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    # The address of the page after a consent holds a code: it must not travel on or stay behind.
    "Referrer-Policy": "no-referrer",
}
"""For pages that can be read and do nothing, shown to anybody."""
_ALWAYS: Final = ("Content-Security-Policy", "X-Content-Type-Options")


class Covered:
    """Gives answers that are no pages the strictest policy: what leads on, files, bare statuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with what is missing."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _ALWAYS:
                    headers.setdefault(name, BARE_HEADERS[name])
            await send(message)

        await self._app(scope, receive, send_on)
