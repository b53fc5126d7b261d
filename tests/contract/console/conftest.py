"""A console before a real server over a real database, and people who are signed in."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import structlog
from starlette.applications import Starlette

import signing_in
from browsing import Surfer
from clockwork import Clockwork
from ports import own_ports
from signing_in import Accounting, SignedIn
from syncline_client import Client
from syncline_console.admission import Admission
from syncline_console.app import build_app
from syncline_console.people import Role
from syncline_server.storage.database import Database
from wiring import Served, Wired, served


@pytest.fixture
def server(database: Database) -> Iterator[Served]:
    """A server that takes everybody for ``local``; another may come to its port when it is gone."""
    (port,) = own_ports(1)
    with served(Wired(database), port=port) as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """A client of it: what the console calls through, and tests set up with."""
    with server.client() as connected:
        yield connected


@pytest.fixture
def accounting(tmp_path: Path) -> Accounting:
    """The console's local accounts; there are none yet."""
    return Accounting(tmp_path / "accounts.json")


@pytest.fixture
def session_clock() -> Clockwork:
    """The clock sessions end by; the server has another one."""
    return Clockwork()


@pytest.fixture
def admission(accounting: Accounting, session_clock: Clockwork) -> Admission:
    """How people get in: with local accounts."""
    return accounting.admission(session_clock)


@pytest.fixture
def console(client: Client, admission: Admission) -> Starlette:
    """The console."""
    integrations, webhooks = client.integrations, client.webhooks
    complete, deliver = integrations.CompleteConnection, webhooks.DeliverWebhook
    return build_app(client, complete, deliver, admission)


@pytest.fixture
def surfer(console: Starlette, accounting: Accounting) -> Surfer:
    """Mia, an administrator of every workspace, who is signed in."""
    accounting.put("mia", Role.ADMIN, title="Mia Patel")
    return signing_in.signed_in(console, "mia")


@pytest.fixture
def signed_in(console: Starlette, accounting: Accounting) -> SignedIn:
    """Gives somebody who is signed in, with a role in these workspaces; in all without any."""
    numbers = count(1)

    def made(role: Role | str | None, *workspaces: str) -> Surfer:
        name = f"person{next(numbers)}"
        accounting.put(name, Role(str(role).upper()) if role else None, *workspaces)
        return signing_in.signed_in(console, name)

    return made


@pytest.fixture(autouse=True)
def silent_logs() -> Iterator[None]:
    """Log lines go nowhere, so that a failing test shows what failed."""
    with structlog.testing.capture_logs():
        yield
