"""An OIDC issuer at which people sign in: the code flow with PKCE, as strict as a good one."""

import hashlib
import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

from identity_provider import CONFIGURATION, ISSUER, IdentityProvider

CLIENT_ID: Final = "syncline-console"
CLIENT_SECRET: Final = "planted-client-secret"


@dataclass(frozen=True, kw_only=True)
class _Grant:
    """What a code stands for."""

    redirect_uri: str
    challenge: str
    claims: dict[str, Any]


class SignInProvider(IdentityProvider):
    """Signs people in. What it should get wrong is said by its fields.

    :param clock: tells when tokens are made.
    """

    def __init__(self, clock: Callable[[], datetime], issuer: str = ISSUER) -> None:
        super().__init__(clock, issuer)
        self.wrong: dict[str, Any] = {}
        """Claims of the ID tokens otherwise than they should be; None leaves one out."""
        self.token_of = self.signed
        """Signs the claims of an ID token."""
        self.codes: dict[str, _Grant] = {}
        self.refused: list[str] = []
        """Why codes were not exchanged."""

    def document(self, path: str) -> object | None:
        """Return what is at a path; the configuration has the addresses for signing in, too."""
        found = super().document(path)
        if path.endswith(CONFIGURATION) and isinstance(found, dict):
            ends = {
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "end_session_endpoint": f"{self.issuer}/logout",
            }
            return {name: value for name, value in {**ends, **found}.items() if value is not None}
        return found

    def approve(self, address: str, workspaces: object = None, **claims: Any) -> str:
        """Sign somebody in at the address a browser was sent to; return where it is sent back.

        :raises AssertionError: the address is not what it should be.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?"), address
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        usual = {"aud": CLIENT_ID, "nonce": asked["nonce"], **claims}
        self.codes[code] = _Grant(
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
            claims=self.claims(workspaces, **usual),
        )
        said = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if (
            request.method == "POST"
            and str(request.url) == f"{self.issuer}/token"
            and not self.down
        ):
            self.asked.append(request.url.path)
            return self._exchange(request)
        return super()._answer(request)

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        grant = self.codes.pop(form.get("code", ""), None)
        why = self._why_not(request, form, grant)
        if why or grant is None:
            self.refused.append(why)
            return httpx.Response(400, json={"error": "invalid_grant"})
        claims = {**grant.claims, **self.wrong}
        told = {name: value for name, value in claims.items() if value is not None}
        token = self.token_of(json.dumps(told).encode())
        return httpx.Response(
            200, json={"access_token": "a", "token_type": "Bearer", "id_token": token}
        )

    def _why_not(self, request: httpx.Request, form: dict[str, str], grant: _Grant | None) -> str:
        credentials = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).decode().rstrip("=")
        if credentials != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return "client"
        if grant is None:
            return "code"
        if form.get("redirect_uri") != grant.redirect_uri:
            return "redirect_uri"
        return "" if challenge == grant.challenge else "verifier"


class _Reception(ThreadingHTTPServer):
    """Where browsers and the console find a provider, on loopback."""

    def __init__(self, provider: SignInProvider, people: Mapping[str, object]) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        provider.issuer = f"http://127.0.0.1:{self.server_port}"
        self.provider = provider
        self.people = people


class _Answering(BaseHTTPRequestHandler):
    server: _Reception

    def do_GET(self) -> None:
        """Answer with a page or a document, or send somebody back."""
        path, _, query = self.path.partition("?")
        if path == "/authorize":
            self._show("Who are you?", _choices(query, self.server.people))
        elif path == "/approve":
            self._send(303, b"", Location=self._approved(query))
        elif path == "/logout":
            self._show("Signed out at the provider")
        else:
            found = self.server.provider.document(path)
            self._send(404 if found is None else 200, json.dumps(found).encode())

    def do_POST(self) -> None:
        """Exchange a code."""
        provider = self.server.provider
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = httpx.Request(
            "POST", f"{provider.issuer}{self.path}", headers=dict(self.headers), content=body
        )
        answer = provider._answer(asked)
        self._send(answer.status_code, answer.content)

    def _approved(self, query: str) -> str:
        name = parse_qs(query)["as"][0]
        asked = f"{self.server.provider.issuer}/authorize?{query}"
        claims = {"sub": name.lower(), "name": name}
        return self.server.provider.approve(asked, self.server.people[name], **claims)

    def _show(self, title: str, rest: str = "") -> None:
        page = f"<!doctype html><title>Acme ID</title><h1>{title}</h1>{rest}"
        self._send(200, page.encode(), **{"Content-Type": "text/html; charset=utf-8"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _choices(query: str, people: Iterable[str]) -> str:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in parse_qsl(query)
    )
    buttons = "".join(f'<button name="as" value="{each}">{each}</button>' for each in people)
    return f'<form action="/approve">{fields}{buttons}</form>'


@contextmanager
def signing_people_in(
    clock: Callable[[], datetime], people: Mapping[str, object]
) -> Iterator[SignInProvider]:
    """Yield an issuer for real browsers; its page lets them choose who they are.

    :param people: what the claim of workspaces says of each, by name.
    """
    provider = SignInProvider(clock)
    with _Reception(provider, people) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
