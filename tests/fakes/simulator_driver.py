"""A simulated Xero under a standing clock, driven as a client and through its control API."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import Country, OrganisationSpec, SimulatorConfig
from syncline_xero_simulator.oauth.keys import SigningKey
from syncline_xero_simulator.simulator import Simulator, build_simulator

ORIGIN = "http://localhost"
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
REDIRECT = "http://localhost:8080/oauth/callback"
CLIENT = ("syncline-local", "syncline-local-secret")
VERIFIER = "v" * 64
SCOPES = (
    "openid profile email offline_access accounting.contacts accounting.settings "
    "accounting.invoices accounting.payments.read"
)
LINE = {"Description": "Mug", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}
SMALL = SimulatorConfig(
    public_url=ORIGIN,
    organisations=(
        OrganisationSpec(name="Harbour Goods Ltd", contacts=30, items=24),
        OrganisationSpec(name="Southern Cross", country=Country.AU, contacts=3, items=3),
    ),
)


class SimulatorDriver:
    """One simulator. `waits` and `posts` record what it would have waited and sent."""

    def __init__(self, key: SigningKey, config: SimulatorConfig = SMALL) -> None:
        self.waits: list[float] = []
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.receiver_answers: list[int] = []
        self.clock = SimulatorClock(lambda: NOON, self.waits.append)
        self.simulator: Simulator = build_simulator(config, self.clock, key=key, post=self._receive)
        self.http = httpx.Client(
            transport=httpx.WSGITransport(app=self.simulator.app), base_url=ORIGIN
        )
        self.token = ""
        self.refresh_token = ""
        self.tenant_id = ""

    def _receive(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.posts.append((url, body, headers))
        return self.receiver_answers.pop(0) if self.receiver_answers else 200

    def switch(self, **wanted: object) -> None:
        """Set switches."""
        board = self.simulator.parts.switches
        board.switches = board.switches.change(wanted)

    def allow(self, **wanted: int) -> None:
        """Set limits."""
        limits = self.simulator.parts.limits
        limits.allowances = replace(limits.allowances, **wanted)

    def authorize_query(self, **changes: str) -> dict[str, str]:
        """Return the parameters of a good authorize request, with changes."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT[0],
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": "state-1",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**query, **changes}.items() if value}

    def consent(self, *organisations: str, user: str = "", **changes: str) -> dict[str, str]:
        """Approve without a browser; return the parameters of the redirect."""
        answer = self.control(
            "POST",
            "consent",
            {
                "authorize_url": f"/identity/connect/authorize?"
                f"{urlencode(self.authorize_query(**changes))}",
                "organisations": list(organisations) or ["Harbour Goods Ltd"],
                **({"user": user} if user else {}),
            },
        )
        return redirect_parameters(answer["location"])

    def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        """Exchange a code at the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return self.http.post("/connect/token", data={**form, **changes}, auth=CLIENT)

    def refresh(self, token: str = "") -> httpx.Response:
        """Use a refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": token or self.refresh_token}
        return self.http.post("/connect/token", data=form, auth=CLIENT)

    def connect(
        self, *organisations: str, user: str = "", scope: str = SCOPES
    ) -> Mapping[str, Any]:
        """Consent, exchange and choose the first connection; return the token answer."""
        code = self.consent(*organisations, user=user, scope=scope)["code"]
        answer: dict[str, Any] = self.exchange(code).raise_for_status().json()
        self.token = answer["access_token"]
        self.refresh_token = answer.get("refresh_token", "")
        self.tenant_id = self.connections()[0]["tenantId"]
        return answer

    def connections(self, **query: str) -> list[dict[str, Any]]:
        """List connections as the token sees them."""
        headers = {"Authorization": f"Bearer {self.token}"}
        listed: list[dict[str, Any]] = self.http.get(
            "/connections", params=query, headers=headers
        ).json()
        return listed

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        content: bytes | None = None,
        **query: str | int,
    ) -> httpx.Response:
        """Call the accounting API; `content` is a body that is JSON text already."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "xero-tenant-id": self.tenant_id,
            **(headers or {}),
        }
        return self.http.request(
            method,
            f"/api.xro/2.0/{path}",
            params=query or None,
            headers={name: value for name, value in sent.items() if value},
            json=body,
            content=content,
        )

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Read from the accounting API; anything but success is an error."""
        answer = self.call("GET", path, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def control(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> dict[str, Any]:
        """Call the control API; a status other than `status` is an error."""
        answer = self.http.request(method, f"/simulator/{path}", json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def control_organisation(
        self, method: str, path: str, body: object = None, *, status: int = 200
    ) -> dict[str, Any]:
        """Call the control API about the chosen organisation."""
        return self.control(method, f"organisations/{self.tenant_id}/{path}", body, status=status)

    def contact_id(self) -> str:
        """Return the id of some active contact."""
        return str(self.get("Contacts")["Contacts"][0]["ContactID"])

    def draft(self, **members: object) -> dict[str, Any]:
        """Return a good draft invoice, with changes."""
        line = {"Description": "Blue mug", "Quantity": 2, "UnitAmount": "18.50"}
        return {
            "Type": "ACCREC",
            "Contact": {"ContactID": self.contact_id()},
            "LineItems": [{**line, "AccountCode": "200", "TaxType": "OUTPUT2"}],
            **members,
        }

    def put_invoice(self, **members: object) -> dict[str, Any]:
        """Create one invoice; return its element whether it was saved or not."""
        answer = self.call("PUT", "Invoices", self.draft(**members), summarizeErrors="false")
        element: dict[str, Any] = answer.json()["Invoices"][0]
        return element

    def post_invoice(self, invoice_id: str, **members: object) -> httpx.Response:
        """Change one invoice."""
        return self.call("POST", f"Invoices/{invoice_id}", members)


def redirect_parameters(location: str) -> dict[str, str]:
    """Return the parameters with which a redirect comes back."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def messages(element: Mapping[str, Any]) -> list[str]:
    """Return the validation messages of an element, its contact's included."""
    own = [error["Message"] for error in element.get("ValidationErrors", [])]
    contact = element.get("Contact") or {}
    return own + [error["Message"] for error in contact.get("ValidationErrors", [])]
