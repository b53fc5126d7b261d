"""What an open page hears of changes, as they happen."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from starlette.responses import Response

from syncline_console.following import Following, Pace, Page
from syncline_console.fragments import Looker
from syncline_console.headers import PAGE_HEADERS
from syncline_console.open_files import most_pages
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, page
from syncline_console.session_cookie import ID
from syncline_console.sessions import good_until, person_of
from syncline_console.streaming import EventStream
from syncline_console.visit import Visit

MOST_PAGES_OF_ONE: Final = 30
"""Open pages of one session."""
PACE: Final = Pace()
_MOST_DIGITS: Final = 18
_LATER: Final = {**PAGE_HEADERS, "Retry-After": "60"}


def show(visit: Visit) -> Response:
    """Answer with what the page shows, as it is and as it changes.

    ``shows`` names the live parts; ``turn`` is what the page has heard, by the ids of events.
    With ``once`` it is told how they stand now, and no more.
    """
    if visit.request.method == "HEAD":  # a page that was cut off asks whether it may come back
        return Response(headers=PAGE_HEADERS)
    visit.find_title()  # which fails for a provider that is not there
    hub = visit.house.hub
    if hub.pages_of(_session(visit)) >= MOST_PAGES_OF_ONE or hub.pages >= most_pages():
        return Response(status_code=503, headers=_LATER)
    return EventStream(_events(visit))


async def _events(visit: Visit) -> AsyncGenerator[bytes, None]:
    house, turn = visit.house, visit.asked("turn")
    page = Page(
        shows=frozenset(visit.asked("shows").split(",")),
        csrf=visit.csrf,
        looker=lambda: _looker(visit),
        turn=int(turn) if turn.isdecimal() and len(turn) <= _MOST_DIGITS else None,
        once=bool(visit.asked("once")),
    )
    with house.hub.at(visit.connection, _session(visit)) as station:
        following = Following(page, station, house.easel, house.hub.clock, PACE)
        async with aclosing(following.events()) as events:
            async for each in events:
                yield each


def _session(visit: Visit) -> str:
    return str(visit.request.session[ID])


def _looker(visit: Visit) -> Looker | None:
    """Return as whom the person looks now; None once the session has ended, or the role is gone."""
    request = visit.request
    person = person_of(request, is_use=False) if good_until(request) else None
    if person is None or person.id != visit.person.id:
        return None
    role = person.role_in(visit.workspace)
    looker = Looker(workspace=visit.workspace, provider=visit.provider, role=role)
    return looker if looker.may(Role.VIEWER) else None


ROUTES: Final = (page(f"{CONNECTION}/live", show, is_use=False),)
