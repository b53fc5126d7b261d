"""The Xero simulator as a transport, with a person who has connected an organisation to the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx

from syncline_sdk import Identity, OutgoingInvoice, Provider, Value
from syncline_sdk.testing import FakeRunContext
from syncline_xero import syncline_plugin
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import OrganisationSpec, SimulatorConfig
from syncline_xero_simulator.faults import ConnectionDroppedError, Fault, FaultKind
from syncline_xero_simulator.simulator import build_simulator
from xero_answers import outgoing, run_context

ORIGIN = "http://localhost"
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def _nothing(_request: httpx.Request) -> None:
    """Let a call arrive."""


class DroppingTransport(httpx.BaseTransport):
    """A WSGI application as a transport; a connection it drops is a transport error."""

    def __init__(self, app: httpx.WSGITransport) -> None:
        self._app = app
        self.requests: list[httpx.Request] = []
        self.before: Callable[[httpx.Request], None] = _nothing
        """Called before each call arrives."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one request on and keep it."""
        self.requests.append(request)
        self.before(request)
        try:
            response = self._app.handle_request(request)
        except ConnectionDroppedError as error:
            raise httpx.ReadError("connection dropped") from error
        response.stream = _Cuttable(response.stream)
        return response


class _Cuttable(httpx.SyncByteStream):
    """A body that may be cut on its way."""

    def __init__(self, stream: object) -> None:
        if not isinstance(stream, httpx.SyncByteStream):
            raise TypeError(stream)
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        """Yield what arrives."""
        try:
            yield from self._stream
        except ConnectionDroppedError as error:
            raise httpx.ReadError("connection dropped") from error

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class SimulatedXero:
    """A simulated Xero at a standing clock, one organisation connected through its consent."""

    def __init__(self, *, contacts: int = 30, items: int = 12) -> None:
        spec = OrganisationSpec(name="Harbour Goods Ltd", contacts=contacts, items=items)
        other = OrganisationSpec(name="Other Ltd", contacts=0, items=0)
        self.config = SimulatorConfig(public_url=ORIGIN, organisations=(spec, other))
        self.simulator = build_simulator(self.config, SimulatorClock(lambda: NOON))
        self.transport = DroppingTransport(httpx.WSGITransport(app=self.simulator.app))
        self.plain = httpx.Client(transport=self.transport, base_url=ORIGIN)
        self.provider: Provider = syncline_plugin().providers[0]
        self.token = ""

    @property
    def books(self) -> Books:
        """The connected organisation's books."""
        return self.simulator.parts.organisations.all()[0]

    @property
    def tenant(self) -> str:
        """The connected organisation's id."""
        return self.books.profile.tenant_id

    def connect(self, *, scopes: tuple[str, ...] | None = None) -> Identity:
        """Approve the organisation for the plugin's scopes, or these; return whose token it is."""
        app = self.config.app
        form = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uris[0],
            "scope": " ".join(scopes or self.provider.scopes),
            "state": "s",
            "decision": "approve",
            "organisation": self.tenant,
        }
        redirect = self.plain.post("/identity/connect/authorize", data=form)
        code = parse_qs(urlsplit(redirect.headers["Location"]).query)["code"][0]
        exchange = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": app.redirect_uris[0],
        }
        credentials = (app.client_id, app.client_secret)
        answer = self.plain.post("/connect/token", data=exchange, auth=credentials)
        self.token = answer.json()["access_token"]
        self.transport.requests.clear()
        return self.provider.identify(self.simulator.parts.key.claims_of(self.token))

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """Return an authorised client as the server hands it out."""
        return httpx.Client(
            transport=self.transport,
            base_url=f"{ORIGIN}/api.xro/2.0/",
            headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
        )

    def context(self, module: str, **given: Value) -> FakeRunContext:
        """Return a context for a module's run on the connected organisation."""
        ctx = run_context(module, self.transport, **given)
        ctx.http = self.client(self.provider.organisation_headers(self.tenant))
        ctx.run = replace(ctx.run, organisation_id=self.tenant)
        return ctx

    def order(
        self,
        kind: FaultKind,
        path: str,
        *,
        method: str = "",
        fields: Mapping[str, object] | None = None,
    ) -> None:
        """Order a fault for the next call with this method and path."""
        fault = Fault(fault_id=0, kind=kind, method=method, path=path, fields=fields or {})
        self.simulator.parts.faults.add(fault)

    def outgoing(self, number: str, **changes: object) -> OutgoingInvoice:
        """Return an invoice to send that this organisation accepts."""
        customer = next(c for c in self.books.contacts.values() if c.status == "ACTIVE")
        line = outgoing().lines[0]._replace(item_code="")
        return outgoing(number, **({"contact_id": customer.contact_id, "lines": (line,)} | changes))

    def numbers(self) -> list[str]:
        """Return the numbers of all invoices in the books."""
        return sorted(invoice.number for invoice in self.books.invoices.values())
