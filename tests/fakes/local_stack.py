"""Real processes for end-to-end tests: simulator, server and console on ports of their own."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
import httpx

import syncline_client
from ports import own_ports
from syncline_client import Client
from syncline_demo.config import Settings, read_settings
from syncline_demo.stack.admin import Admin
from syncline_demo.stack.child import Child, Program
from syncline_demo.stack.programs import local_admin, programs
from syncline_demo.story.simulator import Simulator
from syncline_demo.story.workspace import Workspace

PATIENCE = 300.0
"""Seconds after which something that should happen has not."""
TAKEOVER_SECONDS = "10"
"""Of silence, after which a worker is taken for dead: soon, and longer than a busy machine keeps
one that lives from speaking."""


def local_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment for a stack of its own: ports of its own, this data folder.

    Nothing that somebody may have set for another stack is passed on.
    """
    inherited = {name: value for name, value in os.environ.items() if name[:9] != "SYNCLINE_"}
    server, simulator, console = own_ports(3)
    return {
        **inherited,
        "SYNCLINE_LISTEN": f"127.0.0.1:{server}",
        "SYNCLINE_SIMULATOR_LISTEN": f"127.0.0.1:{simulator}",
        "SYNCLINE_CONSOLE_LISTEN": f"127.0.0.1:{console}",
        "SYNCLINE_DATA_FOLDER": str(folder),
        **variables,
    }


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Return as soon as something has happened; fail when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


class LocalStack:
    """The three programs of ``make run``, each started, killed and stopped by itself.

    :param environ: see :func:`local_environment`.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.settings: Settings = read_settings(environ)
        self.settings.data_folder.mkdir(mode=0o700, exist_ok=True)
        self._programs = {program.name: program for program in self._all_programs()}
        self._children: dict[str, Child] = {}
        self.client: Client = syncline_client.connect(
            str(self.settings.server),
            token=self.settings.token,
            tls=self.settings.tls or False,
            timeout=PATIENCE,
        )
        self.simulator = Simulator(self.settings.simulator)
        self._http = httpx.Client(
            base_url=self.settings.simulator.url, timeout=PATIENCE, trust_env=False
        )

    @property
    def admin(self) -> Admin:
        """Name and password of somebody who may do everything at the console."""
        found = local_admin(self.settings)
        if found is None:
            raise AssertionError("people sign in otherwise")
        return found

    def _all_programs(self) -> tuple[Program, ...]:
        return programs(self.settings)

    def environment_of(self, name: str) -> Mapping[str, str]:
        """Return the variables a program is started with."""
        return self._programs[name].environment

    def process_id(self, name: str) -> int:
        """Return the id of a running program in the operating system."""
        return self._children[name].process_id

    @property
    def database_url(self) -> str:
        """Where the server keeps everything."""
        own = f"sqlite:///{self.settings.data_folder}/syncline.db"
        return self.environment_of("server").get("SYNCLINE_DATABASE_URL", own)

    def log_of(self, name: str) -> Path:
        """Return the file of a program's output."""
        return self.settings.data_folder / f"{name}.log"

    def start(self, *names: str) -> None:
        """Start programs and wait until they answer."""
        for name in names:
            log = self.log_of(name)
            self._children[name] = Child(self._programs[name], log, lambda _name, _line: None)
        for name in names:
            wait_until(lambda name=name: self._answers(name), f"{name} answers")
        if "server" in names:
            # Whoever called while there was none would be told so for as long as gRPC pauses.
            grpc.channel_ready_future(self.client.channel).result(PATIENCE)

    def _answers(self, name: str) -> bool:
        child = self._children[name]
        if child.exit_code is not None:
            raise AssertionError(f"{name} ended with {child.exit_code}:\n{child.tail()}")
        return child.program.is_healthy()

    def kill(self, name: str) -> None:
        """End a program as kill -9 does."""
        child = self._children.pop(name)
        os.kill(child.process_id, signal.SIGKILL)
        child.stop(PATIENCE, lambda: False)

    def stop(self, name: str) -> int | None:
        """Ask a program to stop and return its exit code."""
        child = self._children.pop(name)
        child.stop(PATIENCE, lambda: False)
        return child.exit_code

    def close(self) -> None:
        """Stop everything that runs."""
        self.client.close()
        self.simulator.close()
        self._http.close()
        last = "simulator"
        for name in sorted(self._children, key=lambda name: name == last):
            self.stop(name)

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the simulator's control API below ``/simulator``."""
        answer = self._http.request(method, f"/simulator{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def connected(self, id_: str, *, contacts: int, items: int) -> Workspace:
        """Return a workspace that is connected to a new organisation of its name."""
        workspace = Workspace(client=self.client, id=id_)
        self.simulator.organisation(id_, country="NZ", contacts=contacts, items=items)
        address = workspace.start_connection(self.settings.redirect_uri)
        self.land(self.simulator.approve_access(address, id_)).raise_for_status()
        return workspace

    def land(self, address: str) -> httpx.Response:
        """Open the address a provider sends people back to."""
        return httpx.get(address, timeout=PATIENCE, trust_env=False)
