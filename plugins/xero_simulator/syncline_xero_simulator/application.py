"""The WSGI application: routes, faults, answers."""

import json
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from syncline_xero_simulator.accounting.service import PAUSE_KEY, AccountingService
from syncline_xero_simulator.control.routes import ControlApi
from syncline_xero_simulator.dripping import CutShort, Drips
from syncline_xero_simulator.faults import (
    CHANGES_BODY,
    FIRST_PAGE_ONLY,
    ConnectionDroppedError,
    Fault,
    FaultKind,
    Hit,
    refusal,
)
from syncline_xero_simulator.oauth.bearer import BearerError
from syncline_xero_simulator.oauth.views import IdentityViews
from syncline_xero_simulator.parts import Parts
from syncline_xero_simulator.spoiling import content_type, spoiled

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_ACCOUNTING = "/api.xro/2.0"
_CONTROL = "/simulator"
_TOKEN = "/connect/token"  # noqa: S105 - a path, not a secret
_SUCCESS = 200
_DEFAULT_DELAY = 1.0
_log = logging.getLogger(__name__)

View = Callable[..., Response]


class Application:
    """A WSGI application around the parts of a simulator."""

    def __init__(
        self,
        parts: Parts,
        identity: IdentityViews,
        accounting: AccountingService,
        control: ControlApi,
    ) -> None:
        self._parts = parts
        self._identity = identity
        self._accounting = accounting
        self._control = control
        self._map = Map(self._rules(), strict_slashes=False, merge_slashes=False)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request; a dropped connection leaves as `ConnectionDroppedError`."""
        return self.respond(Request(environ))(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Answer one request, faults first."""
        if request.path == "/" or request.path.startswith(_CONTROL):
            return self._control.respond(request)
        if request.path == _TOKEN:
            with self._parts.counters.renewing(self._renewed_by(request)):
                return self._answer(request)
        return self._answer(request)

    def _renewed_by(self, request: Request) -> str:
        """Return whose grant a call to the token endpoint renews; empty when it renews none."""
        refresh = self._parts.grants.tokens.get(request.form.get("refresh_token", ""))
        return refresh.user_id if refresh else ""

    def _answer(self, request: Request) -> Response:
        fault = self._parts.faults.take(
            Hit(
                method=request.method,
                path=request.path,
                body=request.get_data(as_text=True),
                tenant_id=request.headers.get("xero-tenant-id", "").lower(),
            )
        )
        if fault is None:
            return self._dispatch(request)
        return self._faulty(request, fault)

    def _faulty(self, request: Request, fault: Fault) -> Response:
        problem = refusal(fault)
        if problem is not None:
            return Response(
                problem.body,
                problem.status,
                headers=problem.headers,
                content_type=problem.content_type,
            )
        if fault.kind is FaultKind.DROP_BEFORE:
            raise ConnectionDroppedError
        self._be_slow(request, fault)
        if fault.kind is FaultKind.DISCONNECT:
            self._disconnect(request)
        page = request.args.get("page", 1, type=int)
        if fault.kind in FIRST_PAGE_ONLY:
            request = _of_first_page(request)
        response = self._dispatch(request)
        if fault.kind is FaultKind.REPEATED:
            response = self._dispatch(request)
        return self._left(response, fault, page)

    def _left(self, response: Response, fault: Fault, page: int) -> Response:
        """Return what a fault leaves of an answer."""
        if fault.kind is FaultKind.DROP_AFTER:
            raise ConnectionDroppedError
        if fault.kind is FaultKind.ERROR_500_AFTER:
            return _plain_error(InternalServerError())
        if fault.kind is FaultKind.DROP_DURING:
            response.response = CutShort(response.get_data())
        if fault.kind is FaultKind.DRIP:
            seconds = _DEFAULT_DELAY if fault.seconds is None else fault.seconds
            response.response = Drips(response.get_data(), seconds, self._parts.clock.wait)
        if fault.kind in CHANGES_BODY and response.status_code == _SUCCESS:
            response.set_data(spoiled(fault, response.get_data(as_text=True), page))
            response.headers["Content-Type"] = content_type(fault, response.content_type or "")
        return response

    def _be_slow(self, request: Request, fault: Fault) -> None:
        """Let time pass here, or leave it to the accounting service, which counts the call."""
        if fault.kind is FaultKind.HOLD:
            pause = partial(self._parts.faults.wait_until_cancelled, fault.fault_id)
        elif fault.kind is FaultKind.DELAY:
            seconds = _DEFAULT_DELAY if fault.seconds is None else fault.seconds
            pause = partial(self._parts.clock.wait, seconds)
        else:
            return
        if request.path.startswith(_ACCOUNTING):
            request.environ[PAUSE_KEY] = pause
        else:
            pause()

    def _disconnect(self, request: Request) -> None:
        """End the connection that the call is about to use."""
        parts = self._parts
        try:
            header = request.headers.get("Authorization", "")
            caller = parts.bearer.caller(header, parts.clock.now())
        except BearerError:
            return
        tenant_id = request.headers.get("xero-tenant-id", "").lower()
        for connection in parts.connections.listed(caller.user_id):
            if connection.tenant_id == tenant_id:
                parts.connections.disconnect(connection.connection_id)

    def _dispatch(self, request: Request) -> Response:
        try:
            view, values = self._map.bind_to_environ(request.environ).match()
            if not request.path.startswith(_ACCOUNTING):
                self._parts.counters.other(f"{request.method} {request.path.split('/')[-1]}")
            answer: Response = view(request, **values)
        except HTTPException as error:
            return _plain_error(error)
        except ConnectionDroppedError:
            raise
        except Exception:  # noqa: BLE001 - the edge: whatever breaks inside must answer as a 500
            _log.exception("request failed: %s %s", request.method, request.path)
            return _plain_error(InternalServerError())
        return answer

    def _rules(self) -> list[Rule]:
        identity = self._identity
        table: list[tuple[str, str, View]] = [
            ("GET", "/identity/connect/authorize", identity.authorize),
            ("POST", "/identity/connect/authorize", identity.decide),
            ("POST", "/connect/token", identity.token),
            ("POST", "/connect/revocation", identity.revoke),
            ("GET", "/.well-known/openid-configuration", identity.discovery),
            ("GET", "/.well-known/openid-configuration/jwks", identity.jwks),
            ("GET", "/connections", identity.connections),
            ("GET", "/Connections", identity.connections),
            ("DELETE", "/connections/<connection_id>", identity.disconnect),
            ("DELETE", "/Connections/<connection_id>", identity.disconnect),
        ]
        rules = [Rule(path, methods=[method], endpoint=view) for method, path, view in table]
        respond = self._accounting.respond
        rules.append(Rule(f"{_ACCOUNTING}/<name>", endpoint=respond, defaults={"key": ""}))
        rules.append(Rule(f"{_ACCOUNTING}/<name>/<path:key>", endpoint=respond))
        return rules


def _of_first_page(request: Request) -> Request:
    query = urlencode({**request.args.to_dict(), "page": "1"})
    return Request({**request.environ, "QUERY_STRING": query})


def _plain_error(error: HTTPException) -> Response:
    status = error.code or 500
    body = json.dumps({"Title": error.name, "Status": status, "Detail": error.description})
    return Response(body, status, content_type="application/json")
