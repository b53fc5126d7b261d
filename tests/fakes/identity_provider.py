"""An OIDC issuer: keys that can be rotated, and tokens signed with them."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

ISSUER: Final = "https://id.example/realms/acme"
AUDIENCE: Final = "syncline"
CONFIGURATION: Final = "/.well-known/openid-configuration"

_MAKERS: Final[Mapping[str, Callable[[], Key]]] = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}


class IdentityProvider:
    """Answers as an issuer does, from a transport or from a real address.

    :param clock: tells when tokens are made.
    """

    def __init__(self, clock: Callable[[], datetime], issuer: str = ISSUER) -> None:
        self.clock = clock
        self.issuer = issuer
        self.keys: dict[str, tuple[str, Key]] = {}
        """What it signs with now, with the algorithm, by the key's id; the last signs."""
        self.asked: list[str] = []
        """Paths that were asked for."""
        self.down = False
        self.said: dict[str, Any] = {}
        """What its configuration says otherwise than it should."""
        self.rotate("first")

    @property
    def transport(self) -> httpx.MockTransport:
        """The way to it, without a network."""
        return httpx.MockTransport(self._answer)

    def rotate(self, key_id: str, algorithm: str = "ES256") -> None:
        """Sign with a new key from now on; tokens of the ones before stay good."""
        self.keys[key_id] = (algorithm, _MAKERS[algorithm]())

    def withdraw(self, key_id: str) -> None:
        """Forget a key."""
        del self.keys[key_id]

    def token(self, workspaces: object = None, **claims: Any) -> str:
        """Return a token that is good for an hour, apart from the claims that are given.

        A claim of None is left out.
        """
        return self.signed(json.dumps(self.claims(workspaces, **claims)).encode())

    def claims(self, workspaces: object = None, **claims: Any) -> dict[str, Any]:
        """Return what a token says."""
        now = self.clock()
        usual = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "mia",
            "email": "mia@acme.example",
            "iat": now.timestamp(),
            "exp": (now + timedelta(hours=1)).timestamp(),
            "syncline_workspaces": workspaces,
        }
        return {name: value for name, value in {**usual, **claims}.items() if value is not None}

    def signed(self, payload: bytes, key_id: str = "", **header: Any) -> str:
        """Return a payload with the signature of a key, the last one by default."""
        key_id = key_id or list(self.keys)[-1]
        algorithm, key = self.keys[key_id]
        protected = {"alg": algorithm, "kid": key_id, "typ": "at+jwt", **header}
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jws.serialize_compact(protected, payload, key, registry=registry)

    def document(self, path: str) -> object | None:
        """Return what is at a path; None where nothing is."""
        base = httpx.URL(self.issuer).path.rstrip("/")
        if path == base + CONFIGURATION:
            keys = f"{self.issuer}/keys"
            return {"issuer": self.issuer, "jwks_uri": keys, **self.said}
        if path == f"{base}/keys":
            return {"keys": [self._public(key_id) for key_id in self.keys]}
        return None

    def _public(self, key_id: str) -> dict[str, Any]:
        _, key = self.keys[key_id]
        return {**key.as_dict(private=False), "kid": key_id, "use": "sig"}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.down:
            raise httpx.ConnectError("planted", request=request)
        found = self.document(request.url.path)
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)


@contextmanager
def listening(clock: Callable[[], datetime]) -> Iterator[IdentityProvider]:
    """Yield an issuer that answers on loopback."""
    provider = IdentityProvider(clock)

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with a document."""
            provider.asked.append(self.path)
            found = provider.document(self.path)
            self.send_response(404 if found is None or provider.down else 200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
