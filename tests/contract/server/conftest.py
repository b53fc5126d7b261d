"""A real server over a real database."""

from collections.abc import Callable, Iterator

import pytest
import structlog

from record_calls import GST, KAURI, PIPE, customer, product, tax_code
from syncline_client import Client
from syncline_server.core.access import Role
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served


@pytest.fixture
def server(database: Database) -> Iterator[Served]:
    """A server that takes everybody for ``local``."""
    with served(Wired(database)) as running:
        yield running


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """A client of it."""
    with server.client() as connected:
        yield connected


@pytest.fixture
def stocked(client: Client) -> Client:
    """A client of a workspace with a tax code, a product and a customer."""
    tax_code(client, GST, "gst")
    product(client, PIPE, "pipe")
    customer(client, KAURI, "kauri")
    return client


@pytest.fixture
def guarded(database: Database) -> Iterator[Served]:
    """A server that asks for access tokens."""
    with served(Wired(database, Wishes(with_tokens=True))) as running:
        yield running


@pytest.fixture
def service(guarded: Served) -> Iterator[Client]:
    """A client with the credentials of an operator's own program."""
    with guarded.client(guarded.wired.token(Role.SERVICE)) as client:
        yield client


@pytest.fixture
def acting(guarded: Served) -> Iterator[Callable[..., Client]]:
    """Gives a client with a new token of a role."""
    clients: list[Client] = []

    def act(role: Role, *workspaces: str) -> Client:
        clients.append(guarded.client(guarded.wired.token(role, *workspaces)))
        return clients[-1]

    yield act
    for each in clients:
        each.close()


@pytest.fixture(autouse=True)
def silent_logs() -> Iterator[None]:
    """Log lines go nowhere, so that a failing test shows what failed."""
    with structlog.testing.capture_logs():
        yield
