"""Configuration → Integrations: the workspace's connections."""

from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import ListConnectionsRequest
from syncline_console.routing import page
from syncline_console.visit import Visit

_MOST: Final = 100
"""More than there are providers; a larger page would count as several calls."""


def show(visit: Visit) -> Response:
    """Show every provider, and how its connection stands."""
    request = ListConnectionsRequest(parent=visit.parent, page_size=_MOST)
    found = visit.ask(visit.client.integrations.ListConnections, request)
    return visit.page("integrations.html", connections=found.connections)


ROUTES: Final = (page("/workspaces/{workspace}/integrations", show),)
