"""Processes that write to the audit trail: one that dies behind its commit, and many at once.

A program of its own: ``audit_writer.py die|write DATABASE_URL [NAME]``.
"""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from databases import opened
from syncline_server.core.access import Credentials
from syncline_server.core.audit import Act, Actor
from syncline_server.core.changes import ChangeKind
from syncline_server.core.names import Connection
from syncline_server.services.audit import Trail, acting_as
from syncline_server.storage import changes, connections
from syncline_server.storage.database import Database

THREADS = 8
EACH = 40


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def die(url: str) -> None:
    """Serve one call, and be killed when its change is committed and its answer not yet sent."""
    from wiring import Wired, served  # noqa: PLC0415 - the others need no gRPC

    wired = Wired(opened(url))
    wired.connect()
    wired.trail.end = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]  # where the answer would be sent
    with served(wired) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        signal.pause()


def write(url: str, name: str) -> None:
    """Change two workspaces on many threads at once, each change with its entry."""
    database = opened(url)
    trail = Trail(database, now)

    def worker(number: int) -> None:
        for index in range(EACH):
            _change(database, trail, f"{name}-{number}-{index}", is_odd=bool((number + index) % 2))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(worker, range(THREADS)))
    database.close()


def _change(database: Database, trail: Trail, identifier: str, *, is_odd: bool) -> None:
    who = Actor(subject=identifier, title="writer", credentials=Credentials.ACCESS_TOKEN)
    home, other = ("acme", "globex") if is_odd else ("globex", "acme")
    act = Act(actor=who, method="UpdateCustomer", workspace=home)
    with acting_as(trail, act), database.transaction():
        connections.lock(database, Connection(home, identifier[-1]), now())
        for workspace in (home, other):
            changes.note(database, ChangeKind.CUSTOMER, workspace, [identifier], now())


if __name__ == "__main__":
    {"die": die, "write": write}[sys.argv[1]](*sys.argv[2:])
