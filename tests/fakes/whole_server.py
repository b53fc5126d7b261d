"""A whole server in this process, connected to a simulated Xero; time stands until it is told."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

import syncline_client
from clockwork import Clockwork
from databases import opened
from simulated_xero import ORIGIN, DroppingTransport
from simulator_driver import CLIENT, REDIRECT, SimulatorDriver, redirect_parameters
from syncline.v1.integration_pb2 import CompleteConnectionRequest
from syncline_demo.story.workspace import Workspace
from syncline_server import serving
from syncline_server.app import Outside
from syncline_server.config import Config, read_config
from syncline_server.storage.database import Database
from syncline_xero_simulator import SigningKey
from syncline_xero_simulator.config import OrganisationSpec, SimulatorConfig


class SharedTime(Clockwork):
    """Time that passes for the server and the simulator alike."""

    def __init__(self, driver: SimulatorDriver) -> None:
        super().__init__()
        self._driver = driver

    def advance(self, *, seconds: float) -> None:
        """Let time pass for both."""
        super().advance(seconds=seconds)
        self._driver.clock.advance(seconds)


class Way(DroppingTransport):
    """The way to Xero, on which each call may take its time."""

    def __init__(self, driver: SimulatorDriver, clock: Clockwork) -> None:
        super().__init__(httpx.WSGITransport(app=driver.simulator.app))
        self._clock = clock
        self.seconds = 0.0
        """How long each call takes."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take time and pass the call on."""
        self._clock.advance(seconds=self.seconds)
        return super().handle_request(request)

    def reads(self) -> int:
        """Return how many calls to the accounting API were made, and forget them."""
        found = [each for each in self.requests if each.url.path.startswith("/api.xro/")]
        self.requests.clear()
        return len(found)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What a test has in its hands."""

    driver: SimulatorDriver
    clock: Clockwork
    way: Way
    database: Database
    workspace: Workspace
    port: int
    """Where the server listens."""

    def connect(self, organisation: str = "Harbour Goods Ltd", user: str = "") -> None:
        """Connect the workspace to an organisation of the simulator's.

        :param user: address of the person who approves; the simulator's first one when empty.
        """
        url = self.workspace.start_connection(REDIRECT)
        body = {"authorize_url": url, "organisations": [organisation], "user": user}
        back = redirect_parameters(self.driver.control("POST", "consent", body)["location"])
        request = CompleteConnectionRequest(state=back["state"], code=back["code"])
        self.workspace.client.integrations.CompleteConnection(request)


@contextmanager
def whole_server(
    database_url: str, folder: Path, key: SigningKey, *, contacts: int, items: int = 12
) -> Iterator[Whole]:
    """Yield a server whose simulated Xero has so many contacts and items."""
    with (
        simulated(key, contacts=contacts, items=items) as driver,
        serving_it(database_url, folder, driver, SharedTime(driver)) as whole,
    ):
        yield whole


@contextmanager
def simulated(key: SigningKey, *, contacts: int, items: int = 12) -> Iterator[SimulatorDriver]:
    """Yield a simulated Xero with so many contacts and items."""
    spec = OrganisationSpec(name="Harbour Goods Ltd", contacts=contacts, items=items)
    driver = SimulatorDriver(key, SimulatorConfig(public_url=ORIGIN, organisations=(spec,)))
    yield driver
    driver.http.close()


def nothing(_request: httpx.Request) -> None:
    """Let a call arrive."""


@contextmanager
def serving_it(
    database_url: str,
    folder: Path,
    driver: SimulatorDriver,
    clock: Clockwork,
    before: Callable[[httpx.Request], None] = nothing,
) -> Iterator[Whole]:
    """Yield a server beside a simulated Xero; the next one on the database is its restart.

    :param before: called before each call to Xero arrives, from the start on.
    """
    way = Way(driver, clock)
    way.before = before
    outside = Outside(clock=clock, transport=way, wait=clock.wait, randomness=secrets.token_bytes)
    database = opened(database_url)
    with (
        serving.running(_config(database_url, folder), outside) as port,
        syncline_client.connect(f"127.0.0.1:{port}") as client,
    ):
        yield Whole(
            driver=driver,
            clock=clock,
            way=way,
            database=database,
            workspace=Workspace(client=client, id="acme"),
            port=port,
        )
    database.close()


def _config(database_url: str, folder: Path) -> Config:
    return read_config(
        {
            "SYNCLINE_LISTEN": "127.0.0.1:0",
            "SYNCLINE_DATABASE_URL": database_url,
            "SYNCLINE_DATA_FOLDER": str(folder / "data"),
            "SYNCLINE_ENCRYPTION_KEYS": "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg=",
            "SYNCLINE_REDIRECT_URIS": REDIRECT,
            "SYNCLINE_XERO_CLIENT_ID": CLIENT[0],
            "SYNCLINE_XERO_CLIENT_SECRET": CLIENT[1],
            "SYNCLINE_XERO_BASE_URL": ORIGIN,
        }
    )
