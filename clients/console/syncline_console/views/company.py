"""Signing in at the company's identity provider: the way there, and the way back."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from syncline_console import sessions
from syncline_console.addresses import own_path
from syncline_console.company import BACK_PATH, NotSignedIn
from syncline_console.headers import PAGE_HEADERS
from syncline_console.routing import entrance
from syncline_console.session_cookie import PENDING
from syncline_console.views.sign_in import NO_ROOM, entered, kept_out, sign_in_page
from syncline_console.visit import House
from syncline_console.way_back import sent_back

START_PATH: Final = "/sign-in/company"


def _start(house: House, request: Request) -> Response:
    company = sessions.admission_of(request).company
    if company is None:
        return sign_in_page(house, request)
    try:
        url, pending = company.start(own_path(request.query_params.get("next", "/")))
    except NotSignedIn as error:
        return sign_in_page(house, request, status=503, error=str(error))
    sessions.token_for(request)  # begins a session where there is none yet
    request.session[PENDING] = pending
    return RedirectResponse(url, status_code=303, headers=PAGE_HEADERS)


def _back(house: House, request: Request) -> Response:
    company = sessions.admission_of(request).company
    if request.method == "HEAD" or company is None:  # a preview must not use the state up
        return sign_in_page(house, request)
    pending = request.session.pop(PENDING, {})
    try:
        person = company.finish(sent_back(request), pending)
        sessions.sign_in(request, sessions.by_company(person))
    except NotSignedIn as error:
        return kept_out(request, str(error))
    except sessions.TooManyRoles:
        return kept_out(request, NO_ROOM)
    return entered(str(pending["next"]))


ROUTES: Final = (entrance(START_PATH, _start), entrance(BACK_PATH, _back))
