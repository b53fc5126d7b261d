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

_COMPLETE_SECONDS = 30.0
"""Behind the call are three of the provider's: exchange, who it was, which organisations."""
_DELIVER_SECONDS = 3.5
"""Xero waits five for its answer, and the body has to arrive before the call."""


def main() -> int:
    """Run the console; return the exit code."""
    # A dump of the memory would hold its access token, and codes that are on their way.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1:]:
        return commands.run(sys.argv[1:], os.environ, sys.stdin)
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
        _serve(client, listener, admit(settings.entrance))
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


def _serve(client: syncline_client.Client, listener: socket.socket, admission: Admission) -> None:
    host, port = listener.getsockname()[:2]
    with client:
        complete = partial(client.integrations.CompleteConnection, timeout=_COMPLETE_SECONDS)
        deliver = partial(
            client.webhooks.DeliverWebhook,
            timeout=_DELIVER_SECONDS,
            wait_for_ready=True,  # a server that restarts is there in a moment
        )
        config = uvicorn.Config(
            build_app(client, complete, deliver, admission),
            access_log=False,  # its lines would hold codes and states
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            server_header=False,
        )
        print(f"Console on http://{host}:{port}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
