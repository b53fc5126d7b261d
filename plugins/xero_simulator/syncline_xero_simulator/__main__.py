"""The command `syncline-xero-simulator`."""

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.config import (
    DEMO_ORGANISATIONS,
    Allowances,
    AppRegistration,
    OrganisationSpec,
    SimulatorConfig,
    parse_organisation,
)
from syncline_xero_simulator.server import SimulatorServer
from syncline_xero_simulator.simulator import Simulator, build_simulator
from syncline_xero_simulator.state_file import StateFileError, load_state, save_state
from syncline_xero_simulator.switches import Switches

_UNUSABLE = 2


def _organisation(text: str) -> OrganisationSpec:
    try:
        return parse_organisation(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _switch(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    meaning: object = {"true": True, "false": False}.get(value.lower(), value)
    try:
        Switches().change({name: meaning})
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name, meaning


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="syncline-xero-simulator",
        description="An HTTP Xero to run and test against. Loopback only: it has no passwords.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8091, help="0 takes a free one (default: %(default)s)")
    add("--state", type=Path, help="file that keeps connections and changes over a restart")
    add("--seed", type=int, default=7, help="decides the demo data (default: %(default)s)")
    add(
        "--organisation",
        action="append",
        type=_organisation,
        metavar="NAME[:COUNTRY][:contacts=N][:items=N][:invoices=N][:demo]",
        help="an organisation to simulate; repeatable (default: two demo ones)",
    )
    add("--redirect-uri", action="append", default=[], help="allow one more; repeatable")
    add("--switch", action="append", type=_switch, default=[], metavar="NAME=VALUE")
    add("--public-url", default="", help="the address others call (default: host and port)")
    _add_limits(parser)
    return parser


def _add_limits(parser: argparse.ArgumentParser) -> None:
    usual = Allowances()
    for name in ("minute", "day", "concurrent"):
        parser.add_argument(
            f"--{name}-limit",
            type=int,
            default=getattr(usual, name),
            help="calls allowed per organisation (default: %(default)s)",
        )


def _config(options: argparse.Namespace, port: int) -> SimulatorConfig:
    usual = AppRegistration()
    return SimulatorConfig(
        public_url=(options.public_url or f"http://{options.host}:{port}").rstrip("/"),
        seed=options.seed,
        app=AppRegistration(redirect_uris=(*usual.redirect_uris, *options.redirect_uri)),
        organisations=tuple(options.organisation or DEMO_ORGANISATIONS),
        allowances=Allowances(
            minute=options.minute_limit,
            day=options.day_limit,
            concurrent=options.concurrent_limit,
        ),
        switches=Switches().change(dict(options.switch)),
    )


def _listener(options: argparse.Namespace) -> socket.socket:
    """Listen before anything says where: a port that was only found free may be taken by then."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    return socket.create_server((options.host, options.port), family=family)


def _built(options: argparse.Namespace, port: int) -> Simulator:
    simulator = build_simulator(_config(options, port), SimulatorClock())
    if options.state is not None and options.state.exists():
        load_state(simulator, options.state)
    return simulator


def _greeting(server: SimulatorServer, simulator: Simulator) -> None:
    print(f"Xero simulator on {server.url}  (control API: {server.url}/)")
    for books in simulator.parts.organisations.all():
        profile = books.profile
        print(f"  {profile.name} ({profile.country}), tenant {profile.tenant_id}")
    sys.stdout.flush()


def _run(options: argparse.Namespace) -> None:
    with _listener(options) as listener:
        port = int(listener.getsockname()[1])
        simulator = _built(options, port)
        server = SimulatorServer(simulator, options.host, port, listener)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start()
    _greeting(server, simulator)
    stop.wait()
    server.stop()
    if options.state is not None:
        save_state(simulator, options.state)
        print(f"state saved to {options.state}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until SIGINT or SIGTERM; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (OSError, StateFileError) as error:
        print(f"syncline-xero-simulator: {error}", file=sys.stderr)
        return _UNUSABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
