"""Signing in at the company's identity provider: the way there, and the way back."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from syncline_console import sessions
from syncline_console.addresses import own_path
from syncline_console.company import BACK_PATH, NotSignedIn
from syncline_console.headers import PAGE_HEADERS
from syncline_console.routing import entrance
from syncline_console.views.sign_in import entered, no_room, sign_in_page
from syncline_console.visit import House

START_PATH: Final = "/sign-in/company"
_PENDING: Final = "company"
_REFUSED: Final = 403
_ONCE: Final = ("state", "code", "error", "iss")
"""What decides; given twice (RFC 6749 3.1 forbids it), two readers may each take another one."""
_LONGEST: Final = 4096


def _start(house: House, request: Request) -> Response:
    company = sessions.admission_of(request).company
    if company is None:
        return sign_in_page(house, request)
    try:
        url, pending = company.start(own_path(request.query_params.get("next", "/")))
    except NotSignedIn as error:
        return sign_in_page(house, request, status=503, error=str(error))
    sessions.token_for(request)  # begins a session where there is none yet
    request.session[_PENDING] = pending
    return RedirectResponse(url, status_code=303, headers=PAGE_HEADERS)


def _back(house: House, request: Request) -> Response:
    company = sessions.admission_of(request).company
    if request.method == "HEAD" or company is None:  # a preview must not use the state up
        return sign_in_page(house, request)
    pending = request.session.pop(_PENDING, {})
    try:
        person = company.finish(_query(request), pending)
        sessions.sign_in(request, sessions.by_company(person))
    except NotSignedIn as error:
        return sign_in_page(house, request, status=_REFUSED, error=str(error))
    except sessions.TooManyRoles:
        return no_room(house, request)
    return entered(str(pending["next"]))


def _query(request: Request) -> dict[str, str]:
    """Return what the provider sent along, without what cannot be one answer."""
    given = {name: request.query_params.getlist(name) for name in _ONCE}
    is_odd = any(len(values) > 1 or len("".join(values)) > _LONGEST for values in given.values())
    return {} if is_odd else {name: values[0] for name, values in given.items() if values}


ROUTES: Final = (entrance(START_PATH, _start), entrance(BACK_PATH, _back))
