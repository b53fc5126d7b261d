"""Everything around connections, wired to a provider, a standing clock and a real database."""

import threading
from collections.abc import Callable
from itertools import count

import httpx

from clockwork import Clockwork
from ledger import CLIENT_ID, CLIENT_SECRET, REDIRECT, Ledger, ledger_provider
from syncline_sdk import Provider
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.graph import Graph
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.core.notices import Notice
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.registration import Registration
from syncline_server.outbound.clients import token_client
from syncline_server.outbound.gate import Gates
from syncline_server.services.connections import Connections
from syncline_server.services.consents import Consents
from syncline_server.services.departures import Departures
from syncline_server.services.grants import Grants
from syncline_server.services.provider_clients import ProviderClients
from syncline_server.storage import connections
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database

KEY = "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg="
ACME = Connection("acme", "ledger")
GLOBEX = Connection("globex", "ledger")
CALLER = "admin"
REGISTRATION = Registration(
    client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(REDIRECT,)
)


class Bench:
    """One process of the server, as far as connecting goes; the provider is a ledger unless given.

    :param ledger: shared between benches that stand for several processes.
    :param transport: the way to another provider than the ledger.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Clockwork | None = None,
        ledger: Ledger | None = None,
        provider: Provider | None = None,
        registration: Registration = REGISTRATION,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.database = database
        self.clock = clock or Clockwork()
        self.ledger = ledger or Ledger(clock=self.clock)
        self.provider = provider or ledger_provider()
        self.notices: list[Notice] = []
        self.cancelled: list[Connection] = []
        self.cipher = Cipher([KEY])
        self._numbers = count(1)
        self.registration = registration
        self._wire(transport or self.ledger.transport, self._catalogue())

    def connect(
        self,
        key: Connection = ACME,
        *organisations: str,
        subject: str = "mia",
        marked: bool = True,
    ) -> ConnectionRow:
        """Go the whole way for a person who approves these organisations (``kauri`` if none)."""
        started = self.connections.start(key.workspace, key.provider, REDIRECT, CALLER)
        approved = organisations or ("kauri",)
        code = self.ledger.consent(started.url, subject, *approved, marked=marked)
        return self.connections.complete(started.state, code, "", CALLER)

    def row(self, key: Connection = ACME) -> ConnectionRow:
        """Return a connection as it is stored."""
        return connections.get(self.database, key)

    def client(self, key: Connection = ACME) -> httpx.Client:
        """Return a run's client for the connection as it is now."""
        return self.clients.for_connection(key, self.row(key).generation)

    def next_id(self) -> str:
        """Return an identifier."""
        return f"id-{threading.get_ident()}-{next(self._numbers)}"

    def randomness(self, size: int) -> bytes:
        """Return bytes that differ each time."""
        return next(self._numbers).to_bytes(size, "big")

    def _wire(self, transport: httpx.BaseTransport, catalogue: Catalogue) -> None:
        endpoint = TokenEndpoint(
            token_client(transport), self.provider.addresses, self.registration, self.clock
        )
        endpoints = {self.provider.name: endpoint}
        self.grants = Grants(
            database=self.database,
            cipher=self.cipher,
            endpoints=endpoints,
            clock=self.clock,
            wait=self.clock.wait,
            make_id=self.next_id,
            notify=self.notices.append,
        )
        self.clients = ProviderClients(
            database=self.database,
            catalogue=catalogue,
            grants=self.grants,
            gates=Gates(self.clock),
            transport=transport,
            wait=self.clock.wait,
        )
        consents = Consents(
            database=self.database,
            cipher=self.cipher,
            registrations={self.provider.name: self.registration},
            endpoints=endpoints,
            clients=self.clients,
            clock=self.clock,
            randomness=self.randomness,
        )
        departures = Departures(
            database=self.database,
            cipher=self.cipher,
            grants=self.grants,
            endpoints=endpoints,
            clients=self.clients,
            clock=self.clock,
        )
        self.connections = Connections(
            database=self.database,
            catalogue=catalogue,
            cipher=self.cipher,
            consents=consents,
            departures=departures,
            clock=self.clock,
            make_id=self.next_id,
            notify=self.notices.append,
            cancel_runs=lambda key, _reason: self.cancelled.append(key),
        )

    def _catalogue(self) -> Catalogue:
        graph = Graph({})
        chain = ProviderCatalogue(provider=self.provider, nodes={}, graph=graph)
        return Catalogue(providers={self.provider.name: chain})


def in_threads(*calls: Callable[[], object]) -> list[object]:
    """Run these at once and return what each returned or raised, in order."""
    outcomes: list[object] = [None] * len(calls)

    def run(index: int) -> None:
        try:
            outcomes[index] = calls[index]()
        except Exception as error:  # noqa: BLE001 - handed to the test as an outcome
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes
