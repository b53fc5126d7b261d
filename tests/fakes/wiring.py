"""A whole server on loopback: real database, real gRPC, the fake provider, a standing clock."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import grpc

from clockwork import Clockwork
from fake_provider import FAKE, fake_catalogue
from ledger import CLIENT_ID, CLIENT_SECRET, REDIRECT, Ledger, ledger_provider
from syncline_client import Client, connect
from syncline_sdk import RecordKind
from syncline_server.core.access import Role
from syncline_server.core.model import ConnectionState, Run, RunState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, RunChanged
from syncline_server.core.organisations import Organisation
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.registration import Registration
from syncline_server.outbound.clients import token_client
from syncline_server.outbound.gate import Gates
from syncline_server.rpc import identity
from syncline_server.rpc.connections import ConnectionCalls
from syncline_server.rpc.customers import CustomerCalls
from syncline_server.rpc.health import Health
from syncline_server.rpc.interceptors import CallInterceptor, Surroundings
from syncline_server.rpc.invoice_links import InvoiceLinkCalls
from syncline_server.rpc.invoices import InvoiceCalls
from syncline_server.rpc.modules import ModuleCalls
from syncline_server.rpc.products import ProductCalls
from syncline_server.rpc.record_mappings import RecordMappingCalls
from syncline_server.rpc.runs import RunCalls
from syncline_server.rpc.server import Calls, Limits, create_server
from syncline_server.rpc.settings import SettingsCalls
from syncline_server.rpc.tax_codes import TaxCodeCalls
from syncline_server.rpc.tax_mappings import TaxMappingCalls
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.services.access_tokens import AccessTokens, NewToken
from syncline_server.services.chain import Chain
from syncline_server.services.connections import Connections
from syncline_server.services.consents import Consents
from syncline_server.services.contact_mappings import ContactMappings
from syncline_server.services.customers import Customers
from syncline_server.services.departures import Departures
from syncline_server.services.grants import Grants
from syncline_server.services.invoice_links import InvoiceLinks
from syncline_server.services.invoices import Invoices
from syncline_server.services.item_mappings import ItemMappings
from syncline_server.services.organisations import find_organisation
from syncline_server.services.preflight import Preflight
from syncline_server.services.products import Products
from syncline_server.services.provider_clients import ProviderClients
from syncline_server.services.runs import Runs, cancel_all
from syncline_server.services.settings import SettingsService
from syncline_server.services.syncs import Syncs
from syncline_server.services.tax_codes import TaxCodes
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import connections as connection_rows
from syncline_server.storage import module_states, runs, tax_rates
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database

KEY = "cGxhbnRlZC1lbmNyeXB0aW9uLWtleS0wMTIzNDU2Nzg="
ACME = Connection("acme", FAKE)
GLOBEX = Connection("globex", FAKE)
ORGANISATION = "kauri"
QUICK = Pace(coalesced=timedelta(milliseconds=5))


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a test wants otherwise than usual."""

    with_tokens: bool = False
    """Whether callers need access tokens; else everybody is ``local``."""
    threads: int = 8
    pace: Pace = QUICK


class Wired:
    """The services of one process, and short ways to bring its rows into a state."""

    def __init__(self, database: Database, wishes: Wishes | None = None) -> None:
        self.database = database
        self.wishes = wishes or Wishes()
        self.clock = Clockwork()
        self.ledger = Ledger(clock=self.clock)
        self.catalogue = fake_catalogue()
        self.started: list[str] = []
        """Ids of the runs the engine was told about."""
        self._numbers = count(1)
        self.hub = Hub(self.wishes.pace)
        self.health = Health(("database", "engine"))
        self.tokens = AccessTokens(database, self.clock, self.next_id, secrets.token_urlsafe)
        self.chain = Chain(
            database, self.catalogue, self.clock, {RecordKind.TAX_RATE: tax_rates.open_count}
        )
        self.connections = self._connections()
        self.settings = SettingsService(database, self.chain, self.clock, self.hub.publish)
        self.runs = Runs(database, self.clock, self.hub.publish)
        self.syncs = Syncs(
            database=database,
            chain=self.chain,
            clock=self.clock,
            make_id=self.next_id,
            accepted=lambda run, _cooldown_end: self.started.append(run.id),
            notify=self.hub.publish,
        )

    @property
    def calls(self) -> Calls:
        """What handles the methods."""
        return Calls(
            connections=ConnectionCalls(self.connections, self.catalogue),
            settings=SettingsCalls(self.settings),
            modules=ModuleCalls(self.chain, self.syncs, self.catalogue, self.clock, self.hub),
            runs=RunCalls(self.runs, self.hub),
            tax_mappings=TaxMappingCalls(
                TaxMappings(self.database, self.clock, self.find_organisation, self.hub.publish)
            ),
            record_mappings=RecordMappingCalls(
                ContactMappings(self.database, self.find_organisation),
                ItemMappings(self.database, self.find_organisation),
            ),
            customers=CustomerCalls(
                Customers(self.database, self.clock, self.next_id, self.chain.find_master)
            ),
            products=ProductCalls(
                Products(self.database, self.clock, self.next_id, self.chain.find_master)
            ),
            tax_codes=TaxCodeCalls(
                TaxCodes(self.database, self.clock, self.next_id, self.chain.find_master)
            ),
            invoices=InvoiceCalls(Invoices(self.database, self.clock, self.next_id)),
            invoice_links=InvoiceLinkCalls(
                InvoiceLinks(self.database, self.find_organisation),
                Preflight(self.database, self.find_organisation),
            ),
        )

    @property
    def interceptor(self) -> CallInterceptor:
        """What surrounds them."""
        authenticate = (
            identity.by_bearer_token(self.tokens.identify)
            if self.wishes.with_tokens
            else identity.as_local
        )
        return CallInterceptor(
            Surroundings(authenticate=authenticate, make_request_id=self.next_id)
        )

    def find_organisation(self, connection: Connection) -> Organisation | None:
        """Return the organisation a connection's mappings and links are shown for."""
        return find_organisation(self.database, connection)

    def next_id(self) -> str:
        """Return an identifier that sorts behind the ones before it."""
        return f"id{next(self._numbers):06d}"

    def token(self, role: Role, *workspaces: str) -> str:
        """Return the secret of a new token for these workspaces, for all when there are none."""
        new = NewToken(title=f"{role} token", role=role, workspaces=workspaces or None)
        return self.tokens.create(new)[1]

    def connect(self, key: Connection = ACME, organisation: str = ORGANISATION) -> None:
        """Have a connection be CONNECTED."""
        with self.database.transaction():
            row = connection_rows.lock(self.database, key, self.clock())
            row = replace(
                row,
                state=ConnectionState.CONNECTED,
                organisation_id=organisation,
                organisation_name=organisation.title(),
                connect_time=self.clock(),
            )
            connection_rows.save(self.database, row, self.clock())
        self.hub.publish(ConnectionChanged(key))

    def switch_on(self, *toggles: str, key: Connection = ACME) -> None:
        """Have exactly these toggles be on."""
        with self.database.transaction():
            before = settings_rows.get(self.database, key)
            after = replace(before, on=frozenset(toggles))
            settings_rows.save(self.database, key, after, self.clock())

    def begin(self, run_id: str) -> Run:
        """Have a queued run be RUNNING."""
        run = runs.get(self.database, run_id)
        started = run and runs.start(self.database, run, self.clock(), None)
        if started is None:
            raise AssertionError(f"{run_id} does not start")
        self.tell(started)
        return started

    def end(self, run: Run, state: RunState = RunState.SUCCEEDED) -> None:
        """Have a run end."""
        with self.database.transaction():
            if state is RunState.SUCCEEDED:
                module_states.succeed(self.database, run, self.clock())
            runs.end(self.database, run, state, self.clock())
        self.tell(run)

    def tell(self, run: Run) -> None:
        """Tell whoever watches that a run has changed."""
        self.hub.publish(RunChanged(run.scope.connection, run.id))

    def now(self) -> datetime:
        """Return the time."""
        return self.clock()

    def _connections(self) -> Connections:
        cipher = Cipher([KEY])
        registration = Registration(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=(REDIRECT,)
        )
        transport = self.ledger.transport
        endpoint = TokenEndpoint(
            token_client(transport), ledger_provider().addresses, registration, self.clock
        )
        endpoints = {FAKE: endpoint}
        grants = Grants(
            database=self.database,
            cipher=cipher,
            endpoints=endpoints,
            clock=self.clock,
            wait=self.clock.wait,
            make_id=self.next_id,
            notify=self.hub.publish,
        )
        clients = ProviderClients(
            database=self.database,
            catalogue=self.catalogue,
            grants=grants,
            gates=Gates(self.clock),
            transport=transport,
            wait=self.clock.wait,
        )
        return Connections(
            database=self.database,
            catalogue=self.catalogue,
            cipher=cipher,
            consents=Consents(
                database=self.database,
                cipher=cipher,
                registrations={FAKE: registration},
                endpoints=endpoints,
                clients=clients,
                clock=self.clock,
                randomness=secrets.token_bytes,
            ),
            departures=Departures(
                database=self.database,
                cipher=cipher,
                grants=grants,
                endpoints=endpoints,
                clients=clients,
                clock=self.clock,
            ),
            clock=self.clock,
            make_id=self.next_id,
            notify=self.hub.publish,
            cancel_runs=lambda key, reason: cancel_all(self.database, key, self.clock(), reason),
        )


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server that answers, with everything behind it."""

    wired: Wired
    port: int

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def client(self, token: str | None = None) -> Client:
        """Return a client with this token; close it after use."""
        return connect(self.address, token=token)

    def channel(self) -> grpc.Channel:
        """Return a bare channel; close it after use."""
        return grpc.insecure_channel(self.address)


@contextmanager
def served(wired: Wired) -> Iterator[Served]:
    """Yield the server while it runs."""
    limits = Limits(threads=wired.wishes.threads)
    server = create_server(wired.calls, wired.interceptor, wired.health, limits)
    port = server.add_insecure_port("127.0.0.1:0")
    wired.hub.start()
    server.start()
    try:
        yield Served(wired=wired, port=port)
    finally:
        wired.hub.stop()
        server.stop(None).wait()
