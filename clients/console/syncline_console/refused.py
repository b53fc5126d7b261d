"""Pages for what cannot be shown: why, and what to do."""

from starlette.responses import Response

from syncline_client import NotFound, PermissionDenied, SynclineError, Unavailable
from syncline_console.notices import refusal
from syncline_console.visit import Visit


def forbidden_page(visit: Visit) -> Response:
    """Answer somebody who may not see or do this, telling nothing of what is there."""
    return visit.page("forbidden.html", status=403)


def failed_page(visit: Visit, error: SynclineError) -> Response:
    """Answer with what a failed call means; the page can be loaded again."""
    if isinstance(error, PermissionDenied):
        return forbidden_page(visit)
    status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, Unavailable) else 502
    return visit.page("failed.html", status=status, problem=refusal(error))
