"""A small accounting system on the other end of the wire, and the provider that describes it."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit

import httpx

from syncline_sdk import (
    AccessLost,
    Addresses,
    Allowance,
    Identity,
    Limits,
    Organisation,
    Provider,
    RateLimit,
    RetryLater,
)
from told import told_webhooks

HOME = "https://ledger.example"
CLIENT_ID = "our-client"
CLIENT_SECRET = "planted-client-secret"
REDIRECT = "http://localhost:8080/oauth/callback"
GRACE = timedelta(minutes=30)
LIFE = timedelta(minutes=30)

Answering = Callable[[httpx.Request], httpx.Response | None]
"""Looks at a request first: answers it, raises, or returns None to let the ledger answer."""


@dataclass(kw_only=True)
class Tenancy:
    """One organisation that a person connected."""

    id: str
    connection_id: str
    event: str


@dataclass(kw_only=True)
class Refresh:
    """One refresh token; ``retired`` is when its successor was given out."""

    subject: str
    event: str
    retired: datetime | None = None


@dataclass(kw_only=True)
class Ledger:
    """Tokens that rotate, organisations per person, and an echo for an API."""

    clock: Callable[[], datetime]
    down: bool = False
    tenancies: dict[str, list[Tenancy]] = field(default_factory=dict)
    """By person."""
    intercept: Answering = lambda _: None
    calls: list[str] = field(default_factory=list)
    """Method and path of every request that arrived."""
    issued: set[str] = field(default_factory=set)
    """Every token and code ever given out."""
    _codes: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    _access: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _refresh: dict[str, Refresh] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def transport(self) -> httpx.MockTransport:
        """The way to the ledger."""
        return httpx.MockTransport(self._answer)

    def consent(self, url: str, subject: str, *organisations: str, marked: bool = True) -> str:
        """Approve organisations at the consent page and return the code.

        :param marked: whether the list of connections tells that they were approved just now.
        """
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        event, code = f"event-{next(self._numbers)}", self._made("code")
        for organisation in organisations:
            self._connect(subject, organisation, event if marked else "earlier")
        self._codes[code] = (subject, event, query["code_challenge"], query["redirect_uri"])
        return code

    def remove_app(self, subject: str) -> None:
        """End everything a person granted, as that person can."""
        self.tenancies.pop(subject, None)
        self._refresh = {k: v for k, v in self._refresh.items() if v.subject != subject}
        self._access = {k: v for k, v in self._access.items() if v[0] != subject}

    def count(self, call: str) -> int:
        """Return how often something was called."""
        return self.calls.count(call)

    def _connect(self, subject: str, organisation: str, event: str) -> None:
        mine = self.tenancies.setdefault(subject, [])
        for tenancy in mine:
            if tenancy.id == organisation:
                tenancy.event = event
                return
        connection_id = f"link-{next(self._numbers)}"
        mine.append(Tenancy(id=organisation, connection_id=connection_id, event=event))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        answer = self.intercept(request)
        if answer is not None:
            return answer
        if request.url.path.startswith("/oauth/"):
            with self._lock:
                return self._oauth(request)
        return self._api(request)

    def _oauth(self, request: httpx.Request) -> httpx.Response:
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers["Authorization"] != f"Basic {wanted}":
            return httpx.Response(400, json={"error": "invalid_client"})
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        if request.url.path == "/oauth/revoke":
            revoked = self._refresh.get(form["token"])
            if revoked:
                self.remove_app(revoked.subject)
            return httpx.Response(200)
        if form["grant_type"] == "authorization_code":
            return self._exchange(form)
        return self._renew(form["refresh_token"])

    def _exchange(self, form: Mapping[str, str]) -> httpx.Response:
        subject, event, challenge, redirect_uri = self._codes.pop(form["code"], ("",) * 4)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not subject or proof != challenge or redirect_uri != form["redirect_uri"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return self._issue(subject, event)

    def _renew(self, token: str) -> httpx.Response:
        known = self._refresh.get(token)
        if known is None or (known.retired and self.clock() - known.retired > GRACE):
            return httpx.Response(400, json={"error": "invalid_grant"})
        known.retired = known.retired or self.clock()
        return self._issue(known.subject, known.event)

    def _issue(self, subject: str, event: str) -> httpx.Response:
        refresh = self._made("refresh")
        claims = {"sub": subject, "event": event, "jti": refresh[-4:]}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        access = f"{self._made('access')}.{body}.signature"
        self.issued.add(access)
        self._access[access] = (subject, self.clock() + LIFE)
        self._refresh[refresh] = Refresh(subject=subject, event=event)
        answer = {"access_token": access, "refresh_token": refresh, "expires_in": 1800}
        return httpx.Response(200, json=answer)

    def _api(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        subject, end = self._access.get(token, ("", self.clock()))
        if not subject or end <= self.clock():
            return httpx.Response(401, json={"Detail": "TokenExpired: token expired"})
        mine = self.tenancies.get(subject, [])
        if request.url.path == "/connections":
            rows = [{"org": t.id, "id": t.connection_id, "event": t.event} for t in mine]
            return httpx.Response(200, json=rows)
        if request.method == "DELETE":
            gone = request.url.path.rpartition("/")[2]
            self.tenancies[subject] = [t for t in mine if t.connection_id != gone]
            return httpx.Response(204)
        if request.headers.get("organisation-id") not in [t.id for t in mine]:
            return httpx.Response(403)
        return httpx.Response(200, json={"path": request.url.path})

    def _made(self, kind: str) -> str:
        made = f"planted-{kind}-{next(self._numbers)}"
        self.issued.add(made)
        return made


def ledger_provider(limits: Limits | None = None) -> Provider:
    """Return the provider ``ledger``."""
    return Provider(
        name="ledger",
        title="Ledger",
        addresses=Addresses(
            authorize=f"{HOME}/oauth/authorize",
            token=f"{HOME}/oauth/token",
            revocation=f"{HOME}/oauth/revoke",
            api=f"{HOME}/api/",
        ),
        scopes=("read", "offline"),
        limits=limits or Limits(per_minute=60, concurrent=5),
        identify=_identify,
        list_organisations=_list_organisations,
        disconnect=_disconnect,
        organisation_headers=lambda organisation: {"organisation-id": organisation},
        read_allowance=_read_allowance,
        webhooks=told_webhooks(),
    )


def _identify(claims: Mapping[str, object]) -> Identity:
    return Identity(subject=str(claims["sub"]), event=str(claims["event"]))


def _list_organisations(client: httpx.Client, identity: Identity) -> list[Organisation]:
    try:
        response = client.get(client.base_url.join("/connections"))
    except httpx.TransportError as error:
        raise RetryLater("The ledger could not be reached.") from error
    if response.status_code != 200:
        raise AccessLost("The ledger refuses the grant.")
    return [
        Organisation(
            id=row["org"],
            connection_id=row["id"],
            name=row["org"].title(),
            approved_now=row["event"] == identity.event,
        )
        for row in response.json()
    ]


def _disconnect(client: httpx.Client, connection_id: str) -> None:
    client.delete(client.base_url.join(f"/connections/{connection_id}")).raise_for_status()


def _read_allowance(response: httpx.Response) -> Allowance:
    left, pause = response.headers.get("Minute-Left"), response.headers.get("Retry-After")
    day, app = response.headers.get("Day-Left"), response.headers.get("App-Left")
    limit = response.headers.get("Limit")
    return Allowance(
        minute_remaining=int(left) if left else None,
        day_remaining=int(day) if day else None,
        app_remaining=int(app) if app else None,
        limited=response.status_code == 429,
        retry_after=timedelta(seconds=int(pause)) if pause else None,
        limit=RateLimit(limit) if limit else None,
    )
