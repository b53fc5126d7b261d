"""Addresses of pages and actions, and what happens around each view."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncline_client import SynclineError
from syncline_console.headers import PEEK
from syncline_console.notices import refusal
from syncline_console.people import Role
from syncline_console.posting import form_of
from syncline_console.refused import failed_page, forbidden_page, stale_page
from syncline_console.sessions import is_ours, person_of, remember
from syncline_console.visit import House, View, Visit

CONNECTION: Final = "/workspaces/{workspace}/integrations/{provider}"
"""Where the pages of a connection begin."""
Endpoint = Callable[[Request], Awaitable[Response]]
Enter = Callable[[House, Request], Response | Awaitable[Response]]
"""Answers somebody who is not signed in; on a thread unless it is a coroutine function."""
Make = Callable[[House], Route]
"""Makes a route once it is known what every visit shares."""


def page(path: str, view: View, *, needs: Role | None = Role.VIEWER, is_use: bool = True) -> Make:
    """Return a page that people look at.

    :param path: with ``{workspace}`` where it is about one.
    :param needs: the role in that workspace; None lets everybody in who is signed in.
    :param is_use: False for what an open page asks by itself, which is no use of the session.
    """

    def make(house: House) -> Route:
        return Route(path, partial(_show, house, view, needs, is_use=is_use), methods=["GET"])

    return make


def action(path: str, view: View, *, needs: Role | None, back: str) -> Make:
    """Return what a form posts to. A call that fails leads back, with the reason on top.

    :param needs: the role in the workspace of the address; None is any signed-in person.
    :param back: the page to go back to, its parameters filled from the address.
    """
    return lambda house: Route(path, partial(_act, house, view, needs, back), methods=["POST"])


def entrance(path: str, endpoint: Enter, *, method: str = "GET") -> Make:
    """Return a page for people who are not signed in; a form it posts is its own to check."""
    return lambda house: Route(path, partial(endpoint, house), methods=[method])


async def _show(
    house: House, view: View, needs: Role | None, request: Request, *, is_use: bool
) -> Response:
    person = person_of(request, is_use=is_use and PEEK not in request.headers)
    if person is None:
        return _to_sign_in(request)
    house.rates.count(person.id)
    visit = Visit(house=house, request=request, person=person, form=FormData())
    if not _allowed(visit, needs):
        return forbidden_page(visit)
    try:
        answer = await house.threads.run(partial(view, visit))
    except SynclineError as error:
        return failed_page(visit, error)
    remember(request, visit.workspace)
    return answer


async def _act(
    house: House, view: View, needs: Role | None, back: str, request: Request
) -> Response:
    person = person_of(request)
    if person is None:
        return _to_sign_in(request, back.format_map(request.path_params))
    house.rates.count(person.id)
    visit = Visit(house=house, request=request, person=person, form=await form_of(request))
    if not _allowed(visit, needs):
        return forbidden_page(visit)
    if not is_ours(request, visit.sent("csrf"), house.public_url):
        return stale_page(visit, back.format_map(request.path_params))
    try:
        return await house.threads.run(partial(view, visit))
    except SynclineError as error:
        return visit.go(back.format_map(request.path_params), refusal(error))
    finally:
        house.hub.doubt(visit.connection)  # what is watched may not have it yet


def _allowed(visit: Visit, needs: Role | None) -> bool:
    return needs is None or visit.may(needs)


def _to_sign_in(request: Request, back: str = "") -> Response:
    """Lead to the sign-in page and from there back here; a form that was posted is not repeated.

    :param back: the page that such a form leads back to.
    """
    here = back or request.url.path
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return RedirectResponse(f"/sign-in?next={quote(here + query)}", status_code=303)
