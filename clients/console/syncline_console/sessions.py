"""Who is signed in with this browser, until when, and whether a form is our own."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request

from syncline_console.admission import Admission
from syncline_console.people import Person, packed, unpacked
from syncline_console.public_address import is_from
from syncline_console.session_cookie import ID, LEFT, MADE, RECENT, SEEN, has_room

_CSRF: Final = "csrf"
_WHO: Final = "who"
_MOST_RECENT: Final = 5
_NOTED_EACH: Final = 60.0
"""Seconds after which another use is noted; not each, or every answer would set the cookie."""


class TooManyRoles(Exception):  # noqa: N818 - an answer, not a malfunction
    """Somebody has roles in more workspaces than a cookie can hold."""


def admission_of(request: Request) -> Admission:
    """Return how people get in here."""
    found: Admission = request.app.state.admission
    return found


def person_of(request: Request, *, is_use: bool = True) -> Person | None:
    """Return who is signed in, and note that they use the session; None when nobody is.

    What an account may do is looked up in the accounts each time; one that was removed or changed
    is signed out by that.

    :param is_use: False where a page that is merely open asks by itself.
    """
    session = request.session
    person = _person(admission_of(request), session)
    if person is None:
        return None
    request.state.csrf = session[_CSRF]
    now = admission_of(request).clock().timestamp()
    if is_use and now - session[SEEN] >= _NOTED_EACH:
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
    admission = admission_of(request)
    begun = {**_new(request), _WHO: dict(who)}
    if not has_room(begun, admission.keys):
        raise TooManyRoles
    if _WHO in request.session:
        admission.ended.add(str(request.session[ID]))
    request.session.clear()
    request.session.update(begun)


def sign_out(request: Request) -> None:
    """End the session; copies of its cookie are worth nothing.

    The cookie goes with the answer, but where the company's own sign-out is next.
    """
    admission_of(request).ended.add(str(request.session.get(ID, "")))
    by_company = "company" in request.session.get(_WHO, {})
    request.session.clear()
    if by_company:
        request.session.update({**_new(request), LEFT: True})


def by_account(name: str, mark: str) -> dict[str, Any]:
    """Return what a session keeps of somebody with a local account."""
    return {"account": name, "mark": mark}


def by_company(person: Person) -> dict[str, Any]:
    """Return what a session keeps of somebody whom the company's sign-in knows."""
    return {"company": person.id, "title": person.title, "roles": packed(person.roles)}


def has_left_company(request: Request) -> bool:
    """Return, once, whether this browser just signed somebody out who came from the company.

    Not by the address: any other site could lead people there.
    """
    return bool(request.session.pop(LEFT, False))


def token_for(request: Request) -> str:
    """Return the token for forms of this browser, also before anybody has signed in."""
    if _CSRF not in request.session:
        request.session.update(_new(request))
    return str(request.session[_CSRF])


def is_ours(request: Request, sent: str, public_url: str) -> bool:
    """Return whether a posted form comes from a page of this very session.

    Its token has to be the session's, and the browser has to say that one of our pages sent it.

    :param sent: the token in the form.
    :param public_url: where people find the console.
    """
    token = str(request.session.get(_CSRF, ""))
    fits = secrets.compare_digest(sent.encode(), token.encode())
    return bool(token) and fits and is_from_home(request, public_url)


def is_from_home(request: Request, public_url: str) -> bool:
    """Return whether the browser says that a page at the console's own address sent a form.

    What a proxy makes of ``Host`` is nothing to it.
    """
    site, origin = (request.headers.get(name) for name in ("sec-fetch-site", "origin"))
    if site is None and origin is None:
        return False  # every browser says one of them with a form (Fetch standard, 3.2 and 4.6)
    if site not in (None, "same-origin"):
        return False
    return origin is None or is_from(origin, public_url)


def remember(request: Request, workspace: str) -> None:
    """Note which workspace was looked at last."""
    before = recent(request)
    if workspace and before[:1] != [workspace]:
        rest = [each for each in before if each != workspace]
        request.session[RECENT] = [workspace, *rest][:_MOST_RECENT]


def recent(request: Request) -> list[str]:
    """Return the workspaces that were looked at in this session, the last one first."""
    return list(request.session.get(RECENT, []))


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
