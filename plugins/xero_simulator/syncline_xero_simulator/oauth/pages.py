"""The pages a person sees while connecting."""

from collections.abc import Iterable, Mapping
from html import escape

from syncline_xero_simulator.config import User
from syncline_xero_simulator.oauth.authorize import AuthorizeRequest

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;"
    "color:#1c2733;overflow-wrap:anywhere}h1{font-size:1.4rem}fieldset{border:1px solid #c8d0d8;"
    "border-radius:8px;margin:1rem 0;padding:1rem}label{display:block;padding:.2rem 0}"
    "code{background:#eef2f5;padding:.1rem .3rem;border-radius:4px}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "border-top:1px solid #dde3e8;padding:.4rem}"
    "button{font:inherit;padding:.5rem 1.2rem;border-radius:6px;border:1px solid #0b6bcb;"
    "background:#0b6bcb;color:#fff;cursor:pointer}button.quiet{background:#fff;color:#0b6bcb}"
)
_ECHOED = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "acr_values", "nonce",
    "code_challenge", "code_challenge_method",
)  # fmt: skip


def page(title: str, body: str) -> str:
    """Return a whole HTML page; `body` is HTML already, `title` is not."""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def consent_page(
    request: AuthorizeRequest,
    query: Mapping[str, str],
    app_name: str,
    users: Iterable[User],
    organisations: Iterable[tuple[str, str]],
) -> str:
    """Return the form on which a person allows or refuses access.

    `organisations` are pairs of tenant id and name.
    """
    kind = "checkbox" if request.several_organisations else "radio"
    hidden = "".join(
        f"<input type=hidden name={name} value='{escape(query[name])}'>"
        for name in _ECHOED
        if name in query
    )
    choices = "".join(
        f"<label><input type={kind} name=organisation value='{escape(tenant)}'"
        f"{'' if position else ' checked'}> <bdi>{escape(name)}</bdi></label>"
        for position, (tenant, name) in enumerate(organisations)
    )
    people = "".join(
        f"<option value='{escape(user.email)}'>{escape(user.email)}</option>" for user in users
    )
    scopes = " ".join(f"<code>{escape(scope)}</code>" for scope in request.scopes)
    return page(
        f"{app_name} wants access to your organisation",
        "<p>This is the Xero simulator. Nothing leaves this machine.</p>"
        f"<form method=post action=/identity/connect/authorize>{hidden}"
        f"<fieldset><label>Signed in as <select name=user>{people}</select></label></fieldset>"
        f"<fieldset><legend>Organisations to connect</legend>{choices}</fieldset>"
        f"<fieldset><legend>It will be able to use</legend>{scopes}</fieldset>"
        "<button name=decision value=approve>Allow access</button> "
        "<button class=quiet name=decision value=deny>Cancel</button></form>",
    )


def error_page(code: str, message: str) -> str:
    """Return the page that names what is wrong with an authorize request."""
    return page(
        "Sorry, something went wrong",
        f"<p>Error: <code>{escape(code)}</code></p><p>{escape(message)}</p>",
    )
