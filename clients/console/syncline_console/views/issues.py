"""What waits for a person, whichever run met it."""

from typing import Final

from starlette.responses import Response

from syncline_console import issue_list
from syncline_console.routing import CONNECTION, page
from syncline_console.visit import Visit


def show(visit: Visit) -> Response:
    """Show every open issue of the workspace."""
    issues = issue_list.read(visit, f"{visit.parent}/runs/-", open_only=True)
    return visit.page("issues.html", issues=issues, most=issue_list.MOST)


ROUTES: Final = (page(f"{CONNECTION}/issues", show),)
