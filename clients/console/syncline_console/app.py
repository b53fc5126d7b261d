"""The web application: its addresses, and the calls they make."""

import logging
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from syncline.v1.integration_pb2 import CompleteConnectionRequest, CompleteConnectionResponse
from syncline_client import Client, SynclineError
from syncline_console.admission import Admission
from syncline_console.browser import bound_to, forget
from syncline_console.landing import INCOMPLETE, SPENT, UNKNOWN_PAGE, connected, failed
from syncline_console.pages import HEADERS, render
from syncline_console.session_cookie import SessionCookie
from syncline_console.sessions import speaking
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.views import (
    company,
    connection,
    integrations,
    sign_in,
    start,
    syncs,
    toggles,
)
from syncline_console.visit import House
from syncline_console.webhooks import WEBHOOK_PATH, Deliver, take

CALLBACK_PATH = "/oauth/callback"


class Complete(Protocol):
    """``IntegrationService.CompleteConnection``, raising :class:`syncline_client.SynclineError`."""

    def __call__(
        self,
        request: CompleteConnectionRequest,
        /,
        *,
        metadata: tuple[tuple[str, str | bytes], ...],
    ) -> CompleteConnectionResponse:
        """Call it.

        :param metadata: for whom; empty for nobody.
        """


_LONGEST = 4096
"""Characters of a parameter that are still believed; codes and states are far shorter."""
_PARAMETERS = ("state", "code", "error", "iss")
"""What decides; given twice (RFC 6749 3.1 forbids it), two readers may each take another one."""
_PURPOSES = ("sec-purpose", "purpose")
"""Headers with which browsers say that they only fetch ahead (Fetch standard, `Sec-Purpose`)."""
_log = logging.getLogger(__name__)


VIEWS = (company, connection, integrations, sign_in, start, syncs, toggles)
"""Every module with pages; each has its ``ROUTES``."""


def build_app(
    client: Client, complete: Complete, deliver: Deliver, admission: Admission | None = None
) -> Starlette:
    """Return the application.

    :param client: what pages call the API through.
    :param complete: hands the provider's answer to the server.
    :param deliver: hands a webhook to the server.
    :param admission: how people get in; nobody does when None.
    """
    admission = admission or Admission()

    def callback(request: Request) -> Response:  # not async: runs on a thread, as the call blocks
        if request.method == "HEAD":
            # Starlette answers HEAD by GET; a preview must not use the state up.
            return Response(headers=HEADERS)
        if any("prefetch" in request.headers.get(name, "") for name in _PURPOSES):
            # Nobody is there yet. A browser that is refused asks again when somebody is.
            return Response(status_code=503, headers=HEADERS)
        return _completed(request, complete)

    async def webhook(request: Request) -> Response:
        return await take(request, deliver)

    statics = Statics()
    house = House(client=client, templates=environment(statics))
    app = Starlette(
        routes=[
            Route(CALLBACK_PATH, callback),
            Route(WEBHOOK_PATH, webhook, methods=["POST"]),
            Route("/healthz", _healthz),
            Mount("/static", statics),
            *(make(house) for view in VIEWS for make in view.ROUTES),
        ],
        middleware=[
            Middleware(
                SessionCookie,
                keys=admission.keys,
                lifetime=admission.lifetime,
                ended=admission.ended,
                clock=admission.clock,
            )
        ],
        exception_handlers={HTTPException: _unknown},
    )
    app.state.admission = admission
    return app


def _completed(request: Request, complete: Complete) -> Response:
    asked = _completion(request)
    if asked is None:
        return render(INCOMPLETE)
    try:
        done = complete(asked, metadata=speaking(request))
        page = render(connected(done.connection))
    except SynclineError as error:
        _log.warning("not connected: %s %s", error.reason or error.code.name, error.request_id)
        page = render(failed(error))
        if error.reason not in SPENT:
            return page
    forget(page)
    return page


def _completion(request: Request) -> CompleteConnectionRequest | None:
    """Return what the provider sent back, or None when it is not what a provider sends."""
    given = {name: request.query_params.getlist(name) for name in _PARAMETERS}
    is_odd = any(len(values) > 1 or len("".join(values)) > _LONGEST for values in given.values())
    state, code, error, issuer = ("".join(values) for values in given.values())
    if is_odd or not state or bool(code) == bool(error):
        return None
    return CompleteConnectionRequest(
        state=state,
        code=code,
        error=error,
        error_description=request.query_params.get("error_description", "")[:1000],
        browser_binding=bound_to(request),
        issuer=issuer,
    )


def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


def _unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == UNKNOWN_PAGE.status:
        return render(UNKNOWN_PAGE)
    return PlainTextResponse("Refused.", status_code=status, headers=HEADERS)
