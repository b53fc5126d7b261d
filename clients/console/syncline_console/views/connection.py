"""One connection: how it stands, its chain, its syncs and its toggles; all of it live."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from syncline_console.fragments import Fragment, Looker
from syncline_console.routing import CONNECTION, page
from syncline_console.standing import Standing
from syncline_console.views import chain, syncs, toggles
from syncline_console.visit import Visit


def _connection(_standing: Standing, _looker: Looker) -> Mapping[str, Any]:
    return {}


BANNER: Final = Fragment(id="connection", gather=_connection)
LIVE: Final = (BANNER, chain.CHAIN, syncs.SYNCS, toggles.TOGGLES)
"""Every live part there is; the overview shows them in this order."""


def show(visit: Visit) -> Response:
    """Show all of it."""
    standing = visit.standing()
    parts = [visit.draw(each, standing) for each in LIVE]
    return visit.page("connection.html", standing=standing, parts=parts)


ROUTES: Final = (page(CONNECTION, show),)
