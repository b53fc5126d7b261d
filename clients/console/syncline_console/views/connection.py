"""One connection: how it stands, its chain, its syncs and its toggles; all of it live."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import Allowance, GetConnectionRequest
from syncline_client import SynclineError
from syncline_console.fragments import Fragment, Looker
from syncline_console.routing import CONNECTION, page
from syncline_console.standing import Standing
from syncline_console.views import chain, syncs, toggles
from syncline_console.visit import Visit

_ALLOWANCE_SECONDS: Final = 1.0
"""How long somebody waits for what a page is as good without; an open page looks for just that."""


def _connection(standing: Standing, looker: Looker) -> Mapping[str, Any]:
    return {"connection": standing.connection, "may_connect": looker.may("ADMIN")}


BANNER: Final = Fragment(id="connection", gather=_connection)
LIVE: Final = (BANNER, chain.CHAIN, syncs.SYNCS, toggles.TOGGLES)
"""Every live part there is; the overview shows them in this order."""


def show(visit: Visit) -> Response:
    """Show all of it."""
    standing = visit.standing()
    parts = [visit.draw(each, standing) for each in LIVE]
    calls = _calls_left(visit, standing)
    visit.drawn.append("calls")  # by no watch, so the page looks at it again where it has to
    return visit.page("connection.html", standing=standing, parts=parts, calls=calls)


def _calls_left(visit: Visit, standing: Standing) -> Allowance | None:
    """Return how many calls the provider allows; None where that is not known now.

    Only ``GetConnection`` tells it, and the page is as good without.
    """
    if not standing.is_connected:
        return None
    if standing.connection.HasField("allowance"):
        return standing.connection.allowance
    organisation = standing.connection.organisation.id
    ask = partial(_asked, visit, organisation)
    return visit.house.hub.allowance(visit.connection, organisation, ask)


def _asked(visit: Visit, organisation: str) -> Allowance | None:
    request, get = GetConnectionRequest(name=visit.connection), visit.client.integrations
    timeout = None if visit.only_looks else _ALLOWANCE_SECONDS
    try:
        found = visit.ask(get.GetConnection, request, timeout=timeout).connection
    except SynclineError:
        return None
    is_its = found.organisation.id == organisation  # another one may be connected since
    return found.allowance if is_its and found.HasField("allowance") else None


ROUTES: Final = (page(CONNECTION, show),)
