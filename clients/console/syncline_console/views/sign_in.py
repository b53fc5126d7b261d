"""Signing in with a local account, and signing out."""

import math
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from syncline_console import sessions
from syncline_console.accounts import is_name
from syncline_console.addresses import own_path
from syncline_console.admission import Admission
from syncline_console.consent_cookie import forget
from syncline_console.headers import PAGE_HEADERS
from syncline_console.passwords import Busy
from syncline_console.posting import form_of
from syncline_console.routing import action, entrance
from syncline_console.session_cookie import KEPT_OUT
from syncline_console.visit import House, Visit

_OK, _REFUSED, _SLOWED, _AWAY = 200, 403, 429, 503
_MOST_BYTES: Final = 16_384
"""Of the form: strangers send it."""
_WRONG: Final = "Name and password do not belong together. Try again."
_STALE: Final = "This page was open for too long. Try again."
_BUSY: Final = "Too many people are signing in at once. Try again in a moment."
NO_ROOM: Final = (
    "Your account has roles in more workspaces than the console can hold. Ask whoever runs Syncline"
    " for an account with fewer."
)
_UNKNOWN_NAME: Final = "?"
"""What is counted for every name that no account can have."""


def sign_in_page(
    house: House, request: Request, *, status: int = 200, error: str = "", name: str = ""
) -> Response:
    """Return the page on which people sign in.

    :param error: what went wrong before, for the person.
    :param name: what they typed, to be typed once only.
    """
    admission = sessions.admission_of(request)
    html = house.templates.get_template("sign_in.html").render(
        csrf=sessions.token_for(request),
        next_page=own_path(request.query_params.get("next", "/")),
        accounts=admission.accounts,
        company=admission.company,
        error=error,
        name=name,
    )
    if not admission.is_configured:
        status = _AWAY
    return HTMLResponse(html, status_code=status, headers=PAGE_HEADERS)


def entered(next_page: str) -> Response:
    """Return the way on for somebody who has just signed in.

    Consents that were started in this browser before may be somebody else's: they end.
    """
    response = RedirectResponse(own_path(next_page), status_code=303, headers=PAGE_HEADERS)
    forget(response)
    return response


def kept_out(request: Request, error: str) -> Response:
    """Lead somebody to the sign-in page, which says why they are not in.

    Away from an address that holds a code, and not by ``no-referrer``: with that, browsers would
    not say where its form comes from.
    """
    sessions.token_for(request)  # begins a session where there is none yet
    request.session[KEPT_OUT] = error
    return RedirectResponse("/sign-in", status_code=303, headers=PAGE_HEADERS)


async def _ask(house: House, request: Request) -> Response:
    error = str(request.session.pop(KEPT_OUT, ""))
    if sessions.person_of(request) is not None:
        next_page = own_path(request.query_params.get("next", "/"))
        return RedirectResponse(next_page, status_code=303, headers=PAGE_HEADERS)
    return sign_in_page(house, request, status=_REFUSED if error else _OK, error=error)


async def _answer(house: House, request: Request) -> Response:
    form = await form_of(request, most=_MOST_BYTES)
    if not sessions.is_ours(request, _text(form, "csrf"), house.public_url):
        is_here = sessions.is_from_home(request, house.public_url)
        error = _STALE if is_here else f"People sign in at {house.public_url}. Try again there."
        return sign_in_page(house, request, status=_REFUSED, error=error)
    return await run_in_threadpool(_checked, house, request, form)


def _checked(house: House, request: Request, form: FormData) -> Response:
    """Compare name and password, unless somebody guesses."""
    admission = sessions.admission_of(request)
    name = _text(form, "name").strip().lower()
    counted = name if is_name(name) else _UNKNOWN_NAME
    address = request.client.host if request.client else ""
    wait = admission.guesses.try_(counted, address)
    if wait:
        return _slowed(house, request, wait, name)
    try:
        is_in = _compared(request, admission, name, _text(form, "password"))
    except Busy:
        return sign_in_page(house, request, status=_AWAY, error=_BUSY, name=name)
    except sessions.TooManyRoles:
        return sign_in_page(house, request, status=_REFUSED, error=NO_ROOM)
    if not is_in:
        return sign_in_page(house, request, status=_REFUSED, error=_WRONG, name=name)
    admission.guesses.succeeded(counted, address)
    return entered(request.query_params.get("next", "/"))


def _compared(request: Request, admission: Admission, name: str, password: str) -> bool:
    account = admission.accounts.check(name, password) if admission.accounts else None
    if account is None:
        return False
    sessions.sign_in(request, sessions.by_account(account.name, account.mark))
    return True


def _slowed(house: House, request: Request, wait: float, name: str) -> Response:
    seconds = math.ceil(wait)
    error = f"There were too many tries. Wait {seconds} seconds, then try again."
    page = sign_in_page(house, request, status=_SLOWED, error=error, name=name)
    page.headers["Retry-After"] = str(seconds)
    return page


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _leave(visit: Visit) -> Response:
    sessions.sign_out(visit.request)
    response = RedirectResponse("/signed-out", status_code=303, headers=PAGE_HEADERS)
    forget(response)
    return response


def _gone(house: House, request: Request) -> Response:
    """Say that somebody is signed out here, and lead on to the company's own sign-out.

    Not as an answer to the form: browsers apply ``form-action`` to where forms are led, too.
    """
    company = sessions.admission_of(request).company
    url = ""
    if company is not None and sessions.has_left_company(request):
        url = company.signed_out_url(f"{company.registration.public_url}/signed-out")
    html = house.templates.get_template("signed_out.html").render(url=url, company=company)
    headers = {**PAGE_HEADERS, "Refresh": f"0; url={url}"} if url else PAGE_HEADERS
    return HTMLResponse(html, headers=headers)


ROUTES: Final = (
    entrance("/sign-in", _ask),
    entrance("/sign-in", _answer, method="POST"),
    entrance("/signed-out", _gone),
    action("/sign-out", _leave, needs=None, back="/"),
)
