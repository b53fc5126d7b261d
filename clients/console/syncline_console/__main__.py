"""``python -m syncline_console``: serve the console until SIGINT or SIGTERM.

With ``accounts …`` behind it: say who may sign in on this machine.
"""

import logging
import os
import resource
import signal
import socket
import sys
from functools import partial

import uvicorn

import syncline_client
from syncline_console import commands
from syncline_console.admission import Admission, admit
from syncline_console.app import build_app
from syncline_console.config import Settings, SettingsError, read_settings
from syncline_console.http_server import HttpServer
from syncline_console.open_files import raise_limit

_STOP_SECONDS = 40
"""The longest call may end, and so may its page."""
_DELIVER_SECONDS = 3.5
"""Xero waits five for its answer, and the body has to arrive before the call."""


def main() -> int:
    """Run the console; return the exit code."""
    # A dump of the memory would hold its access token, and codes that are on their way.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1:]:
        return commands.run(sys.argv[1:], os.environ, sys.stdin)
    raise_limit()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # Each of its lines would hold the address of a call to the company's sign-in.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = read_settings()
        client = _client(settings)
        listener = _listener(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # uvicorn stops in order and then raises what stopped it again; this makes both signals alike.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _serve(client, listener, admit(settings.entrance), settings.public_url)
    except KeyboardInterrupt:
        return 0
    return 0


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"SYNCLINE_CONSOLE_LISTEN: cannot listen on {settings.host}:{settings.port}:"
            f" {os.strerror(error.errno or 0)}"
        ) from error


def _client(settings: Settings) -> syncline_client.Client:
    tls = settings.tls or False
    try:
        return syncline_client.connect(settings.server, token=settings.token, tls=tls)
    except syncline_client.InsecureToken as error:
        raise SettingsError(f"SYNCLINE_CONSOLE_TLS: {error}") from error


def _serve(
    client: syncline_client.Client, listener: socket.socket, admission: Admission, public_url: str
) -> None:
    home = public_url or f"http://localhost:{listener.getsockname()[1]}"
    with client:
        complete = client.integrations.CompleteConnection
        deliver = partial(
            client.webhooks.DeliverWebhook,
            timeout=_DELIVER_SECONDS,
            wait_for_ready=True,  # a server that restarts is there in a moment
        )
        app = build_app(client, complete, deliver, admission, public_url=home)
        config = uvicorn.Config(
            app,
            access_log=False,  # its lines would hold codes and states
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        print(f"Console on {home}", flush=True)
        HttpServer(config, app.state.hub, client.watches).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
