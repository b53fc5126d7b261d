"""A fleet of real processes: two servers that only answer calls, and two workers."""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import syncline_client
from local_stack import PATIENCE, TAKEOVER_SECONDS, LocalStack, local_environment, wait_until
from ports import own_ports
from syncline.v1.run_pb2 import Run
from syncline_demo.stack.child import Program
from syncline_demo.stack.programs import serves
from syncline_demo.story.workspace import Workspace

WORKERS = ("worker1", "worker2")


class FleetStack(LocalStack):
    """Servers ``server`` and ``server2`` and workers ``worker1`` and ``worker2`` on one database.

    :param database_url: of an empty PostgreSQL.
    :param variables: of every program, beside its own.
    """

    def __init__(self, folder: Path, database_url: str, **variables: str) -> None:
        (self._port,) = own_ports(1)
        super().__init__(
            local_environment(
                folder,
                SYNCLINE_DATABASE_URL=database_url,
                SYNCLINE_TAKEOVER_SECONDS=TAKEOVER_SECONDS,
                SYNCLINE_LOG_FORMAT="json",
                **variables,
            )
        )
        self.other_client = syncline_client.connect(f"127.0.0.1:{self._port}", timeout=PATIENCE)

    def _all_programs(self) -> tuple[Program, ...]:
        server, *others = super()._all_programs()
        address = replace(self.settings.server, port=self._port)
        first = _told(server, SYNCLINE_WORKERS="0")
        second = replace(
            _told(first, SYNCLINE_LISTEN=str(address)),
            name="server2",
            address=address,
            is_healthy=lambda: serves(address),
        )
        return (first, second, *(self._worker(name, server) for name in WORKERS), *others)

    def _worker(self, name: str, server: Program) -> Program:
        return replace(
            server,
            name=name,
            arguments=("worker",),
            is_healthy=lambda: self.has_logged(name, '"action":"working"'),
        )

    def has_logged(self, name: str, *texts: str) -> bool:
        """Return whether a program has written a line with all of these texts."""
        lines = self.log_of(name).read_text().splitlines() if self.log_of(name).exists() else []
        return any(all(text in line for text in texts) for line in lines)

    def executing(self, run: Run) -> str:
        """Wait until a worker executes a run, and return which."""
        texts = ('"action":"run_started"', run.name.rpartition("/")[2])
        found: list[str] = []

        def somebody_does() -> bool:
            found[:] = [name for name in WORKERS if self.has_logged(name, *texts)]
            return bool(found)

        wait_until(somebody_does, f"a worker executes {run.name}")
        return found[-1]

    def is_answered(self, *names: str) -> bool:
        """Return whether programs answer, and are well."""
        return all(self._answers(name) for name in names)

    def ask_to_stop(self, name: str) -> None:
        """Send a program SIGTERM, and wait until it has taken note."""
        self._children[name].ask_to_stop()
        wait_until(lambda: self.has_logged(name, '"action":"stopping"'), f"{name} stops")

    def freeze(self, name: str) -> None:
        """Stop a program in the middle of whatever it does."""
        os.kill(self.process_id(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on as if nothing had happened."""
        os.kill(self.process_id(name), signal.SIGCONT)

    def elsewhere(self, workspace: Workspace) -> Workspace:
        """Return the same workspace as it is seen through the other server."""
        return Workspace(client=self.other_client, id=workspace.id)

    def close(self) -> None:
        """Stop everything that runs."""
        self.other_client.close()
        for name in self._children:
            with suppress(ProcessLookupError):  # it has ended by itself
                self.thaw(name)  # so that it can be asked to stop
        super().close()


def _told(program: Program, **variables: str) -> Program:
    environment: Mapping[str, str] = {**program.environment, **variables}
    return replace(program, environment=environment)
