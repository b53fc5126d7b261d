"""The web application: its addresses, and the calls they make."""

import time
from collections.abc import Callable

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from syncline_client import Client
from syncline_console import webhooks
from syncline_console.admission import Admission
from syncline_console.easel import Easel
from syncline_console.headers import Covered
from syncline_console.hub import Hub
from syncline_console.public_address import LeadHome
from syncline_console.rates import Rates
from syncline_console.refused import Refusals
from syncline_console.session_cookie import SessionCookie
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.views import (
    callback,
    company,
    connect,
    connection,
    disconnect,
    integrations,
    invoice,
    invoice_syncs,
    invoices,
    issues,
    live,
    organisation,
    record_mappings,
    runs,
    settings,
    sign_in,
    start,
    syncs,
    tax_codes,
    tax_mappings,
    toggles,
)
from syncline_console.visit import House

VIEWS = (
    company,
    connect,
    connection,
    disconnect,
    integrations,
    invoice,
    invoice_syncs,
    invoices,
    issues,
    live,
    organisation,
    record_mappings,
    runs,
    settings,
    sign_in,
    start,
    syncs,
    tax_codes,
    tax_mappings,
    toggles,
)
"""Every module with pages; each has its ``ROUTES``."""


def build_app(
    client: Client,
    complete: callback.Complete,
    deliver: webhooks.Deliver,
    admission: Admission | None = None,
    *,
    public_url: str = "http://localhost:8080",
    seconds: Callable[[], float] = time.monotonic,
) -> Starlette:
    """Return the application; close its ``state.hub`` when it is to stop, which ends open pages.

    :param client: what pages call the API through.
    :param complete: hands the provider's answer to the server.
    :param deliver: hands a webhook to the server.
    :param admission: how people get in; nobody does when None.
    :param public_url: scheme and host by which people and providers reach it.
    :param seconds: time that only moves forward, by which requests are counted.
    """
    admission = admission or Admission()
    statics = Statics()
    house = _house(client, environment(statics), public_url, Rates(seconds))
    refusals = Refusals(house.templates)
    app = Starlette(
        routes=[
            callback.route(house, complete),
            webhooks.route(house, deliver),
            Route("/healthz", _healthz),
            Mount("/static", statics),
            *(make(house) for view in VIEWS for make in view.ROUTES),
        ],
        middleware=_middleware(admission, public_url),
        exception_handlers={HTTPException: refusals.refuse, Exception: refusals.confess},
    )
    app.router.redirect_slashes = False
    app.state.hub = house.hub
    app.state.admission = admission
    return app


def _house(client: Client, templates: jinja2.Environment, public_url: str, rates: Rates) -> House:
    return House(
        client=client,
        templates=templates,
        hub=Hub(client.watches.connection),
        easel=Easel(templates, connection.LIVE),
        public_url=public_url,
        rates=rates,
    )


def _middleware(admission: Admission, public_url: str) -> list[Middleware]:
    return [
        Middleware(Covered),
        Middleware(LeadHome, public_url=public_url),
        Middleware(
            SessionCookie,
            keys=admission.keys,
            lifetime=admission.lifetime,
            ended=admission.ended,
            clock=admission.clock,
            public_url=public_url,
        ),
    ]


def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})
