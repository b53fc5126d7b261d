"""Everything around connections, wired to a provider, a standing clock and a real database."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import httpx
import pytest

from clockwork import Clockwork
from ledger import CLIENT_ID, CLIENT_SECRET, REDIRECT, Ledger, ledger_provider
from syncline_sdk import Provider
from syncline_server.app import Outside
from syncline_server.app.access import Access, build_access
from syncline_server.config import ProviderConfig, read_config
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.errors import Reason, Refusal
from syncline_server.core.graph import Graph
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.core.notices import Notice
from syncline_server.oauth.registration import Registration
from syncline_server.services.consents import Return
from syncline_server.services.provider_clients import Manner
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


@dataclass(frozen=True, kw_only=True)
class Named(Outside):
    """An outside that makes the bench's identifiers."""

    name: MakeId

    def make_id(self) -> str:
        """Return an identifier."""
        return self.name()


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
        access = self._wire(transport or self.ledger.transport)
        self.grants, self.clients = access.grants, access.clients
        self.connections = replace(
            access.connections, cancel_runs=lambda key, _reason: self.cancelled.append(key)
        )

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
        return self.connections.complete(Return(state=started.state), code, "", CALLER)

    def row(self, key: Connection = ACME) -> ConnectionRow:
        """Return a connection as it is stored."""
        return connections.get(self.database, key)

    def client(self, key: Connection = ACME, *, urgent: bool = True) -> httpx.Client:
        """Return a run's client for the connection as it is now."""
        manner = Manner(urgent=urgent)
        return self.clients.for_connection(key, self.row(key).generation, manner=manner)

    def next_id(self) -> str:
        """Return an identifier."""
        return f"id-{threading.get_ident()}-{next(self._numbers)}"

    def randomness(self, size: int) -> bytes:
        """Return bytes that differ each time."""
        return next(self._numbers).to_bytes(size, "big")

    def _wire(self, transport: httpx.BaseTransport) -> Access:
        config = replace(
            read_config({"SYNCLINE_ENCRYPTION_KEYS": KEY}),
            redirect_uris=self.registration.redirect_uris,
            providers={
                self.provider.name: ProviderConfig(
                    client_id=self.registration.client_id,
                    client_secret=self.registration.client_secret,
                )
            },
        )
        outside = Named(
            clock=self.clock,
            transport=transport,
            wait=self.clock.wait,
            randomness=self.randomness,
            name=self.next_id,
        )
        return build_access(config, outside, self.database, self._catalogue(), self.notices.append)

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


def refused(call: Callable[[], object], reason: Reason) -> Refusal:
    """Check that a call is refused for this reason and return the refusal."""
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.reason is reason
    return caught.value


def grants_stored(database: Database) -> int:
    """Return how many grants there are."""
    return len(database.rows("SELECT id FROM grants"))
