"""A console before a real server over a real database."""

from collections.abc import Iterator

import pytest
import structlog
from starlette.applications import Starlette

from browsing import Surfer
from syncline_client import Client
from syncline_console.app import build_app
from syncline_server.storage.database import Database
from wiring import Served, Wired, served


@pytest.fixture
def server(database: Database) -> Iterator[Served]:
    """A server that takes everybody for ``local``."""
    with served(Wired(database)) as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """A client of it: what the console calls through, and tests set up with."""
    with server.client() as connected:
        yield connected


@pytest.fixture
def console(client: Client) -> Starlette:
    """The console."""
    integrations, webhooks = client.integrations, client.webhooks
    return build_app(client, integrations.CompleteConnection, webhooks.DeliverWebhook)


@pytest.fixture
def surfer(console: Starlette) -> Surfer:
    """An administrator of every workspace who is signed in."""
    return Surfer(console)


@pytest.fixture(autouse=True)
def silent_logs() -> Iterator[None]:
    """Log lines go nowhere, so that a failing test shows what failed."""
    with structlog.testing.capture_logs():
        yield
