"""The start: to the one workspace somebody has, or a choice among several."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from syncline_console.addresses import is_workspace
from syncline_console.headers import PAGE_HEADERS
from syncline_console.routing import page
from syncline_console.sessions import recent
from syncline_console.visit import Visit

_UNKNOWN: Final = (
    "That is no workspace's id. It has small letters, digits and hyphens, for example acme."
)
_NOT_YOURS: Final = "Your account has no access to that workspace."


def show(visit: Visit) -> Response:
    """Lead to the only workspace, or show those there are; also lead to one that was typed."""
    person, asked = visit.person, visit.asked("workspace").lower()
    if asked and is_workspace(asked) and person.role_in(asked):
        return _to(asked)
    if not asked and person.everywhere is None and len(person.roles) == 1:
        return _to(next(iter(person.roles)))
    known = [each for each in recent(visit.request) if person.role_in(each)]
    error = "" if not asked else _NOT_YOURS if is_workspace(asked) else _UNKNOWN
    return visit.page(
        "start.html",
        status=400 if error else 200,
        asked=visit.asked("workspace"),
        error=error,
        recent=known,
        others=[each for each in sorted(person.roles) if each not in known],
    )


def _to(workspace: str) -> Response:
    path = f"/workspaces/{workspace}/integrations"
    return RedirectResponse(path, status_code=303, headers=PAGE_HEADERS)


ROUTES: Final = (page("/", show, needs=None),)
