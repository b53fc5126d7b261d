"""A Xero that repeats what it was sent: every secret of a call comes back in its answer.

It stands before the simulator, passes calls on, and remembers each secret that goes through.
"""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx

from local_stack import PATIENCE

_SECRET_FIELDS = ("code", "code_verifier", "refresh_token", "access_token", "client_secret")
_HOP_BY_HOP = ("content-length", "transfer-encoding", "connection", "host", "content-encoding")


class EchoingXero:
    """Listens on a free port until it is closed.

    :param simulator: address of the simulator.
    """

    def __init__(self, simulator: str) -> None:
        self.secrets: set[str] = set()
        """Whatever must be seen nowhere."""
        self.refusals: dict[str, int] = {}
        """By a part of the path, the status to answer with, echoing the call."""
        self._http = httpx.Client(base_url=simulator, trust_env=False, timeout=PATIENCE)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body for one call."""
        self._note(headers, body)
        for part, status in self.refusals.items():
            if part in path:
                said = f"{method} {path} {headers.get('Authorization')} {body.decode()}"
                problem = {"Type": said, "Title": said, "Detail": said, "Message": said}
                problem |= {"error": "planted", "error_description": said}
                echo = {"Content-Type": "application/json", "WWW-Authenticate": said}
                return status, echo, json.dumps(problem).encode()
        kept = {key: value for key, value in headers.items() if key.lower() not in _HOP_BY_HOP}
        got = self._http.request(method, path, headers=kept, content=body)
        if "json" in got.headers.get("content-type", "") and "token" in path:
            self._note_fields(got.json())
        back = {key: value for key, value in got.headers.items() if key not in _HOP_BY_HOP}
        return got.status_code, back, got.content

    def _note(self, headers: Mapping[str, str], body: bytes) -> None:
        _, _, credentials = headers.get("Authorization", "").partition(" ")
        if credentials:
            self.secrets.add(credentials)
        if "form" in headers.get("Content-Type", ""):
            fields = parse_qs(body.decode())
            self._note_fields({name: values[0] for name, values in fields.items()})

    def _note_fields(self, fields: Mapping[str, Any]) -> None:
        self.secrets.update(fields[name] for name in _SECRET_FIELDS if fields.get(name))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = dict(self.headers.items())
                status, back, content = answer(self.command, self.path, headers, body)
                self.send_response(status)
                for key, value in back.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of the base class

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
