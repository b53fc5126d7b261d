"""Landings as HTML, with headers that let the page do nothing but be read."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.responses import HTMLResponse

from syncline_console.landing import Landing

STYLE = (
    "body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto 0;padding:0 1.5rem;"
    "color:#1c2733;background:#fff}h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}"
    "ul{padding-left:1.2rem}p{margin:0 0 1rem}"
    "@media(prefers-color-scheme:dark){body{color:#e6ebf0;background:#14191e}}"
)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    # The address of this page holds a code: it must not travel on or stay behind.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every page. Nothing may run, load, frame or be framed; only our own style applies."""


def render(landing: Landing) -> HTMLResponse:
    """Return the page as a response, everything in it escaped."""
    return HTMLResponse(_html(landing), status_code=landing.status, headers=HEADERS)


def _html(landing: Landing) -> str:
    title = escape(landing.title)
    first, *rest = (f"<p>{escape(text)}</p>" for text in landing.paragraphs)
    items = "".join(f"<li>{escape(name)}</li>" for name in landing.choices)
    body = "".join((first, f"<ul>{items}</ul>" if items else "", *rest))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Syncline</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
