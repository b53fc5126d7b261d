"""Pages for what cannot be shown: why, and what to do."""

import logging
import secrets
from typing import Any, Final

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route

from syncline_client import (
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    SynclineError,
    Unavailable,
)
from syncline_console.headers import BARE_HEADERS
from syncline_console.notices import refusal, wait
from syncline_console.visit import Visit

_NOT_ALLOWED_METHOD: Final = 405
_TEXTS: Final = {
    404: ("There is no such page", "The address may be mistyped, or what it led to is gone."),
    405: (
        "This page cannot be opened like that",
        "Its address only takes what a button or form sends. Go back and use the one there.",
    ),
    408: ("That took too long to arrive", "Nothing was changed. Go back and try again."),
    413: ("That was too much at once", "Nothing was changed. Go back and send less."),
    429: ("Too many requests", "Nothing was changed. Wait a minute, then try again."),
    503: ("Syncline is busy", "Nothing was changed. Wait a moment, then try again."),
}
_NAMES: Final = frozenset({"name", "parent", "connection"})
"""Fields of requests that are filled from the address of a page."""
_TOKENS: Final = ("after", "from", "page")
"""Parameters of addresses that say which page of a list it is."""
_ODD: Final = ("That could not be read", "Nothing was changed. Go back and try again.")
_log = logging.getLogger(__name__)


def forbidden_page(visit: Visit) -> Response:
    """Answer somebody who may not see or do this, telling nothing of what is there."""
    return visit.page("forbidden.html", status=403)


def stale_page(visit: Visit, back: str) -> Response:
    """Answer a form that is of another session, or of another site.

    :param back: the page that has the form as it is now.
    """
    return visit.page("stale.html", status=403, back=back)


def failed_page(visit: Visit, error: SynclineError) -> Response:
    """Answer with what a failed call means; the page can be loaded again."""
    if isinstance(error, PermissionDenied):
        return forbidden_page(visit)
    if isinstance(error, NotFound) or _names_nothing(error):
        return visit.page("missing.html", status=404)
    if isinstance(error, InvalidArgument) and (beginning := _beginning(visit, error)):
        return visit.go(beginning)
    is_passing = isinstance(error, ResourceExhausted | Unavailable)
    page = visit.page("failed.html", status=503 if is_passing else 502, problem=refusal(error))
    if isinstance(error, ResourceExhausted | Unavailable):
        page.headers["Retry-After"] = str(wait(error))
    return page


def _beginning(visit: Visit, error: InvalidArgument) -> str:
    """Return the address of a list's first page where only a later one is not to be had any more.

    A token is good for the very request it was made for, so an address that somebody edited, or
    kept over an upgrade, may have one of another.
    """
    url = visit.request.url.remove_query_params(_TOKENS)
    is_stale = {each.field for each in error.violations} == {"page_token"}
    if not is_stale or url == visit.request.url:
        return ""
    return url.path + (f"?{url.query}" if url.query else "")


def _names_nothing(error: SynclineError) -> bool:
    """Return whether a name in the address is one that nothing can have."""
    if not isinstance(error, InvalidArgument):
        return False
    wrong = {each.field for each in error.violations}
    return bool(wrong) and wrong <= _NAMES


def bare_page(
    templates: jinja2.Environment, template: str, *, status: int, **values: Any
) -> Response:
    """Answer anybody, signed in or not, with a page that can do nothing but be read."""
    body = templates.get_template(template).render(visit=None, csrf="", notices=[], **values)
    return HTMLResponse(body, status_code=status, headers=BARE_HEADERS)


class Refusals:
    """Answers what no page answers: unknown addresses, odd requests, and our own mistakes."""

    def __init__(self, templates: jinja2.Environment) -> None:
        self._templates = templates

    def refuse(self, request: Request, error: Exception) -> Response:
        """Answer a request that leads nowhere."""
        if not isinstance(error, HTTPException):
            raise error
        title, text = _TEXTS.get(error.status_code, _ODD)
        answer = self._page(error.status_code, title=title, text=text)
        answer.headers.update(error.headers or {})
        if error.status_code == _NOT_ALLOWED_METHOD:
            answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
        return answer

    def confess(self, _request: Request, error: Exception) -> Response:
        """Answer after a mistake of ours, naming it by a number and telling nothing else of it."""
        request_id = secrets.token_hex(8)
        _log.error("request %s failed: %s", request_id, type(error).__name__)
        return self._page(
            500,
            title="Something went wrong on our side",
            text="What you did last may have happened all the same: look before you repeat it.",
            request_id=request_id,
        )

    def _page(self, status: int, *, title: str, text: str, request_id: str = "") -> Response:
        return bare_page(
            self._templates,
            "error.html",
            status=status,
            title=title,
            text=text,
            request_id=request_id,
        )


def _methods(request: Request) -> set[str]:
    """Return what the address takes: a page and its form are two routes."""
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    fitting = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    return {method for each in fitting for method in each.methods or ()}
