"""The control API over HTTP."""

from collections.abc import Mapping
from http import HTTPStatus

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from syncline_xero_simulator.config import SimulatorConfig
from syncline_xero_simulator.control import (
    consent,
    contacts,
    faults,
    invoices,
    items,
    machine,
    organisations,
    webhooks,
)
from syncline_xero_simulator.control.desk import ControlError, Desk, Route
from syncline_xero_simulator.control.home import home_page
from syncline_xero_simulator.oauth.views import IdentityViews
from syncline_xero_simulator.parts import Parts
from syncline_xero_simulator.wire.inbound import Element, PostDataError
from syncline_xero_simulator.wire.json_text import UnreadableJsonError, read_json, write_json

_HTML = "text/html; charset=utf-8"


def control_routes() -> list[Route]:
    """Return every control route, in the order in which they are documented."""
    nouns = (machine, consent, organisations, contacts, items, invoices, faults, webhooks)
    return [route for noun in nouns for route in noun.routes()]


class ControlApi:
    """Answers `/` and everything under /simulator."""

    def __init__(self, config: SimulatorConfig, parts: Parts, identity: IdentityViews) -> None:
        self._desk = Desk(config=config, parts=parts, identity=identity)
        self._routes = control_routes()
        self._map = Map(
            [Rule(route.path, methods=[route.method], endpoint=route) for route in self._routes],
            strict_slashes=False,
        )

    def respond(self, request: Request) -> Response:
        """Answer one request; what is wrong with it is said in `error`."""
        if request.path in ("/", "/simulator", "/simulator/"):
            return Response(home_page(self._desk, self._routes), content_type=_HTML)
        try:
            route, values = self._matched(request)
            return _json(route.handler(self._desk, _body(request), values))
        except ControlError as error:
            return _json({"error": error.message}, error.status)
        except (PostDataError, UnreadableJsonError) as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    def _matched(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        try:
            route, values = self._map.bind_to_environ(request.environ).match()
        except MethodNotAllowed as error:
            methods = ", ".join(error.valid_methods or ())
            raise ControlError(f"use {methods} here", HTTPStatus.METHOD_NOT_ALLOWED) from error
        except HTTPException as error:
            message = f"there is no {request.path}; see / for what there is"
            raise ControlError(message, HTTPStatus.NOT_FOUND) from error
        return route, values


def _body(request: Request) -> Element:
    data = request.get_data()
    if not data.strip():
        return Element({})
    value = read_json(data)
    if not isinstance(value, dict):
        raise ControlError("the body must be a JSON object")
    return Element(value)


def _json(value: object, status: int = HTTPStatus.OK) -> Response:
    return Response(write_json(value), status, content_type="application/json")
