"""Who is signed in with this browser, and whether a form is our own."""

import secrets
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request

from syncline_client import on_behalf_of
from syncline_console.people import Person, Role

_CSRF: Final = "csrf"


def person_of(request: Request) -> Person | None:
    """Return who is signed in; None when nobody is."""
    request.state.csrf = request.session.setdefault(_CSRF, secrets.token_urlsafe(32))
    return Person(id="local", title="Local", everywhere=Role.ADMIN)


def good_until(_request: Request) -> datetime | None:
    """Return until when the request's session is good as things are; None when it is not any more.

    For streams, which outlast the look at the cookie: ask again and again.
    """
    return datetime.max.replace(tzinfo=UTC)


def is_ours(request: Request, sent: str) -> bool:
    """Return whether a posted form comes from a page of this very session."""
    return secrets.compare_digest(sent.encode(), request.session[_CSRF].encode())


def speaking(request: Request) -> tuple[tuple[str, str | bytes], ...]:
    """Return the metadata of a call that is about no workspace yet, for whoever is signed in.

    Empty when nobody is.
    """
    person = person_of(request)
    return on_behalf_of(person.id, person.title) if person else ()
