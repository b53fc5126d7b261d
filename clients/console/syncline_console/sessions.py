"""Who is signed in with this browser, until when, and whether a form is our own."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request

from syncline_client import on_behalf_of
from syncline_console.admission import Admission
from syncline_console.people import Person, Role, packed, unpacked
from syncline_console.session_cookie import ID, MADE, SEEN, fitting

_CSRF: Final = "csrf"
_WHO: Final = "who"
_RECENT: Final = "recent"
_MOST_RECENT: Final = 5
_LIVE: Final = "/live"
"""How the address of an event stream ends: a page that is merely open is no use of the session."""
_NOTED_EACH: Final = 60.0
"""Seconds after which another use is noted; not each, or every answer would set the cookie."""


class TooManyRoles(Exception):  # noqa: N818 - an answer, not a malfunction
    """Somebody has roles in more workspaces than a cookie can hold."""


def admission_of(request: Request) -> Admission:
    """Return how people get in here."""
    found: Admission = request.app.state.admission
    return found


def person_of(request: Request) -> Person | None:
    """Return who is signed in, and note that they use the session; None when nobody is.

    What an account may do is looked up in the accounts each time; one that was removed or changed
    is signed out by that.
    """
    session = request.session
    person = _person(admission_of(request), session)
    if person is None:
        return None
    request.state.csrf = session[_CSRF]
    now = admission_of(request).clock().timestamp()
    if now - session[SEEN] >= _NOTED_EACH and not request.url.path.endswith(_LIVE):
        session[SEEN] = int(now)
    return person


def good_until(request: Request) -> datetime | None:
    """Return until when the request's session is good as things are; None when it is not any more.

    For streams, which outlast the look at the cookie: ask again and again, since an account may be
    removed meanwhile. Use of the session by later requests is not seen here; a page whose stream
    ended comes back with its newer cookie.
    """
    admission = admission_of(request)
    if _person(admission, request.session) is None or request.session[ID] in admission.ended:
        return None
    end = admission.lifetime.end(request.session)
    return datetime.fromtimestamp(end, UTC) if admission.clock().timestamp() < end else None


def sign_in(request: Request, who: Mapping[str, Any]) -> None:
    """Begin a session of somebody: a new one, whatever the browser held before.

    :param who: what :func:`by_account` or :func:`by_company` return.
    :raises TooManyRoles: it does not fit into a cookie.
    """
    begun = {**_new(request), _WHO: dict(who)}
    try:
        fitting(begun, admission_of(request).keys)
    except ValueError:
        raise TooManyRoles from None
    request.session.clear()
    request.session.update(begun)


def sign_out(request: Request) -> None:
    """End the session; its cookie goes with the answer, and copies of it are worth nothing."""
    admission_of(request).ended.add(str(request.session.get(ID, "")))
    request.session.clear()


def by_account(name: str, mark: str) -> dict[str, Any]:
    """Return what a session keeps of somebody with a local account."""
    return {"account": name, "mark": mark}


def by_company(person: Person) -> dict[str, Any]:
    """Return what a session keeps of somebody whom the company's sign-in knows."""
    return {"company": person.id, "title": person.title, "roles": packed(person.roles)}


def is_by_company(request: Request) -> bool:
    """Return whether who is signed in came from the company's sign-in."""
    return "company" in request.session.get(_WHO, {})


def token_for(request: Request) -> str:
    """Return the token for forms of this browser, also before anybody has signed in."""
    if _CSRF not in request.session:
        request.session.update(_new(request))
    return str(request.session[_CSRF])


def is_ours(request: Request, sent: str) -> bool:
    """Return whether a posted form comes from a page of this very session.

    Its token has to be the session's, and the browser has to say that one of our pages sent it.
    """
    token = str(request.session.get(_CSRF, ""))
    fits = secrets.compare_digest(sent.encode(), token.encode())
    return bool(token) and fits and _is_from_here(request)


def speaking(request: Request) -> tuple[tuple[str, str | bytes], ...]:
    """Return the metadata of a call that is about no workspace yet, for whoever is signed in.

    It says the highest role they have anywhere. Empty when nobody is signed in.
    """
    person = person_of(request)
    if person is None:
        return ()
    role = person.highest or Role.VIEWER
    return on_behalf_of(person.id, person.title, role=role.lower())


def remember(request: Request, workspace: str) -> None:
    """Note which workspace was looked at last."""
    before = recent(request)
    if workspace and before[:1] != [workspace]:
        rest = [each for each in before if each != workspace]
        request.session[_RECENT] = [workspace, *rest][:_MOST_RECENT]


def recent(request: Request) -> list[str]:
    """Return the workspaces that were looked at in this session, the last one first."""
    return list(request.session.get(_RECENT, []))


def _new(request: Request) -> dict[str, Any]:
    now = int(admission_of(request).clock().timestamp())
    return {
        ID: secrets.token_urlsafe(16),
        _CSRF: secrets.token_urlsafe(32),
        MADE: now,
        SEEN: now,
    }


def _person(admission: Admission, session: Mapping[str, Any]) -> Person | None:
    who = session.get(_WHO, {})
    if "account" in who and admission.accounts is not None:
        account = admission.accounts.find(who["account"])
        is_same = account is not None and secrets.compare_digest(account.mark, who["mark"])
        return account.person if account is not None and is_same else None
    if "company" in who and admission.company is not None:
        roles = unpacked(who["roles"])
        return Person(id=who["company"], title=who["title"], roles=roles)
    return None


def _is_from_here(request: Request) -> bool:
    """Return whether the browser says that a page of this host sent a request."""
    site, origin = (request.headers.get(name) for name in ("sec-fetch-site", "origin"))
    if site is None and origin is None:
        return False  # every browser says one of them with a form (Fetch standard, 3.2 and 4.6)
    if site not in (None, "same-origin"):
        return False
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
