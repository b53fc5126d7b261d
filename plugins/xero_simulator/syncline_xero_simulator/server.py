"""The simulator on a socket: threads, HTTP/1.1, connections kept open."""

import io
import socket
import threading
from collections.abc import Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from syncline_xero_simulator.faults import ConnectionDroppedError
from syncline_xero_simulator.simulator import Simulator

_IDLE_SECONDS = 75
_BODILESS = (204, 304)


class KeepAliveHandler(WSGIRequestHandler):
    """Answers request after request on one connection.

    The handler it extends closes the connection after each answer, because it cannot know how
    much of a request the application left unread. This one reads the whole body first.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS

    def run_wsgi(self) -> None:
        """Answer one request, or cut the connection where a fault asks for that."""
        environ = self.make_environ()
        if not environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BytesIO(self._body())
        try:
            status, headers, answer = self._called(environ)
            self._write(status, headers, answer)
        except ConnectionDroppedError:
            self.close_connection = True

    def _body(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = 0
            self.close_connection = True
        return self.rfile.read(length) if length > 0 else b""

    def _called(
        self, environ: dict[str, Any]
    ) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        started: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: object = None
        ) -> Any:
            started[:] = [status, headers]
            return None

        answer = self.server.app(environ, start_response)
        return started[0], started[1], answer

    def _write(self, status: str, headers: list[tuple[str, str]], answer: Iterable[bytes]) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and int(code) not in _BODILESS:
            for piece in answer:
                self.wfile.write(piece)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay quiet about requests."""


class SimulatorServer:
    """Serves a simulator in threads of its own; port 0 takes a free one.

    `listener` listens there already, if somebody had to know the port before; its owner closes it.
    """

    def __init__(
        self, simulator: Simulator, host: str, port: int, listener: socket.socket | None = None
    ) -> None:
        self._simulator = simulator
        self._server: BaseWSGIServer = make_server(
            host,
            port,
            simulator.app,
            threaded=True,
            request_handler=KeepAliveHandler,
            fd=listener.fileno() if listener else None,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="simulator", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.port)

    @property
    def url(self) -> str:
        """The address to call, without a trailing slash."""
        host = str(self._server.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._simulator.parts.webhooks.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._simulator.parts.webhooks.stop()
