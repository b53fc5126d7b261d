"""Where a provider sends people back to: the consent is completed, and they go on from there."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncline.v1.integration_pb2 import (
    CompleteConnectionRequest,
    CompleteConnectionResponse,
    Connection,
)
from syncline_client import SynclineError
from syncline_console.consent_cookie import bound_to, forget
from syncline_console.consents import finish, is_newest, is_over, remembered
from syncline_console.headers import BARE_HEADERS
from syncline_console.landing import (
    INCOMPLETE,
    NOBODY,
    NOT_YOURS,
    SPENT,
    SUPERSEDED,
    UNKNOWN,
    USED,
    Failure,
    Landing,
    connected,
    failure,
)
from syncline_console.notices import done
from syncline_console.people import Role
from syncline_console.public_address import is_over_https
from syncline_console.refused import bare_page
from syncline_console.sessions import person_of
from syncline_console.visit import House, Method, Visit
from syncline_console.way_back import sent_back

CALLBACK_PATH: Final = "/oauth/callback"

Complete = Method[CompleteConnectionRequest, CompleteConnectionResponse]
"""``IntegrationService.CompleteConnection``, raising :class:`syncline_client.SynclineError`."""

_SECONDS: Final = 30.0
"""Behind the call are three of the provider's: exchange, who it was, which organisations."""
_PURPOSES: Final = ("sec-purpose", "purpose")
"""Headers with which browsers say that they only fetch ahead (Fetch standard, `Sec-Purpose`)."""
_log = logging.getLogger(__name__)


def route(house: House, complete: Complete) -> Route:
    """Return where the provider sends people back to.

    :param complete: hands the provider's answer to the server.
    """

    async def callback(request: Request) -> Response:
        if request.method == "HEAD":
            # Starlette answers HEAD by GET; a preview must not use the state up.
            return Response(headers=BARE_HEADERS)
        if any("prefetch" in request.headers.get(name, "") for name in _PURPOSES):
            # Nobody is there yet. A browser that is refused asks again when somebody is.
            return Response(status_code=503, headers=BARE_HEADERS)
        asked = _completion(house, request)
        if asked is None:
            return _land(house, INCOMPLETE.landing())
        person = person_of(request)
        house.rates.count(person.id if person else "")
        work = partial(_completed, house, request, complete, asked)
        return await house.stranger_threads.run(work)

    return Route(CALLBACK_PATH, callback)


def _completed(
    house: House, request: Request, complete: Complete, asked: CompleteConnectionRequest
) -> Response:
    """Complete a consent: one of our own pages for its person alone, any other for nobody."""
    begun = remembered(request.session, asked.state)
    visit = _visit(house, request, begun)
    is_ours = bool(asked.browser_binding)  # nobody but our pages puts one into a browser
    if is_ours and visit is None:
        return _land(house, _stranger(request, begun).landing())
    try:
        if is_ours and visit is not None:
            found = visit.ask(complete, asked, timeout=_SECONDS).connection
        else:
            found = complete(asked, timeout=_SECONDS).connection
    except SynclineError as error:
        _log.warning("not connected: %s %s", error.reason or error.code.name, error.request_id)
        why = _failure(error, request.session, asked.state, of_person=is_ours)
        answer = _refused(house, visit, why)
        if error.reason not in SPENT:
            return answer
    else:
        house.hub.doubt(found.name)  # what is watched may not have it yet
        answer = _arrived(house, request, found)
    finish(request.session, asked.state)
    forget(answer)
    return answer


def _visit(house: House, request: Request, connection: str) -> Visit | None:
    """Return the visit of whoever is signed in and may see a connection; None for all others.

    :param connection: resource name; empty when it is not known which one it is about.
    """
    person = person_of(request)
    if person is None or not connection:
        return None
    _, workspace, _, provider = connection.split("/")
    request.scope["path_params"] = {"workspace": workspace, "provider": provider}
    visit = Visit(house=house, request=request, person=person, form=FormData())
    return visit if visit.may(Role.VIEWER) else None


def _stranger(request: Request, begun: str) -> Failure:
    """Return why somebody may not complete what one of our pages began in this browser."""
    if person_of(request) is None:
        return NOBODY
    return NOT_YOURS if begun else UNKNOWN


def _failure(
    error: SynclineError, session: Mapping[str, Any], state: str, *, of_person: bool
) -> Failure:
    if error.reason == "STATE_UNKNOWN" and is_over(session, state):
        return USED  # with its cookie gone, the server takes this browser for another
    if error.reason == "STATE_UNKNOWN" and remembered(session, state):
        return failure(error) if is_newest(session, state) else SUPERSEDED
    return failure(error, of_person=of_person)


def _arrived(house: House, request: Request, found: Connection) -> Response:
    """Lead on to the connection, or to the choice among several organisations."""
    visit = _visit(house, request, found.name)
    if visit is None:
        return _land(house, connected(found))
    if found.candidates:
        return _leading(visit.go(visit.path("organisation")))
    name = found.organisation.display_name
    return _leading(visit.go(visit.path(), done(f"Connected to {name}")))


def _refused(house: House, visit: Visit | None, why: Failure) -> Response:
    """Say it where the person began, and can begin again; on a page of its own to all others."""
    if visit is None:
        return _land(house, why.landing())
    return _leading(visit.go(visit.path(), why.notice()))


def _leading(answer: Response) -> Response:
    answer.headers["Referrer-Policy"] = BARE_HEADERS["Referrer-Policy"]
    return answer


def _land(house: House, landing: Landing) -> Response:
    return bare_page(house.templates, "landing.html", status=landing.status, landing=landing)


def _completion(house: House, request: Request) -> CompleteConnectionRequest | None:
    """Return what the provider sent back, or None when it is not what a provider sends."""
    given = sent_back(request)
    state, code, error = (given.get(name, "") for name in ("state", "code", "error"))
    if not state or bool(code) == bool(error):
        return None
    return CompleteConnectionRequest(
        state=state,
        code=code,
        error=error,
        error_description=request.query_params.get("error_description", "")[:1000],
        browser_binding=bound_to(request, over_https=is_over_https(house.public_url)),
        issuer=given.get("iss", ""),
    )
