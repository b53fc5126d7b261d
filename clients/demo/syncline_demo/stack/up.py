"""``syncline-demo up``: the local stack until somebody stops it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.text import Text

from syncline_demo.config import Settings
from syncline_demo.stack import folder
from syncline_demo.stack.admin import Admin
from syncline_demo.stack.errors import StackError
from syncline_demo.stack.programs import local_admin, programs, subscribe
from syncline_demo.stack.stack import Stack

_COLOURS = {"server": "green", "console": "magenta", "simulator": "cyan"}
_LOOK_SECONDS = 0.2


class _Stop:
    """Counts requests to stop: one asks, two insist."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._insisted = threading.Event()

    def request(self, _signal: int, _frame: FrameType | None) -> None:
        (self._insisted if self._asked.is_set() else self._asked).set()

    def is_asked(self) -> bool:
        return self._asked.is_set()

    def is_insisted(self) -> bool:
        return self._insisted.is_set()

    def wait(self) -> bool:
        return self._asked.wait(_LOOK_SECONDS)


def up(settings: Settings, out: Console, *, verbose: bool) -> int:
    """Run the stack until SIGINT, SIGTERM or SIGHUP; return the exit code.

    :param settings: where everything is.
    :param out: what people read.
    :param verbose: whether to show what the programs print, too.
    """
    with _stopped_by_signals() as stop:
        try:
            _run(settings, out, stop, verbose=verbose)
        except StackError as error:
            out.print(Text(str(error), style="red"))
            return 1
    out.print("Stopped.")
    return 0


def _run(settings: Settings, out: Console, stop: _Stop, *, verbose: bool) -> None:
    def echo(name: str, line: str) -> None:
        if verbose:
            out.print(Text.assemble((f"{name:<10}", _COLOURS[name]), line))

    with folder.claim(settings.data_folder):
        stack = Stack(
            programs(settings),
            settings.data_folder,
            echo,
            is_stopping=stop.is_asked,
            is_impatient=stop.is_insisted,
        )
        out.print("Starting server, console and Xero simulator ...")
        with stack:
            stack.wait_until_healthy()
            if not stop.is_asked():
                subscribe(settings)
                out.print(announcement(settings))
            while not stop.wait():
                stack.check_alive()
            out.print("\nStopping ... (once more to insist)")


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    stop = _Stop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop.request) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def announcement(settings: Settings) -> Text:
    """Return what runs where, and what to do next."""
    server = str(settings.server)
    admin = local_admin(settings)
    listing = "syncline.v1.IntegrationService/ListConnections"
    return Text.assemble(
        ("\nSyncline is running.\n", "bold green"),
        f"  gRPC server     {server}\n",
        f"  Xero simulator  {settings.simulator.url}/ (its control API is described there)\n",
        f"  Console         {settings.public_url}/ (Configuration → Integrations; webhooks)\n",
        f"  Data and logs   {settings.data_folder}/\n\n",
        ("Next, in a browser:\n", "bold"),
        f"  Open http://localhost:{settings.console.port} and sign in{_as(admin)}.\n\n",
        ("Or in another terminal:\n", "bold"),
        "  make demo       connects a workspace and tells the whole story\n",
        f"  grpcurl -plaintext {server} list\n",
        f"""  grpcurl -plaintext -d '{{"parent": "workspaces/acme"}}' {server} {listing}\n\n""",
        "Ctrl-C stops everything.",
    )


def _as(admin: Admin | None) -> str:
    return f" as {admin.name} with {admin.password}" if admin else ""
