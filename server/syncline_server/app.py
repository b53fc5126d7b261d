"""The composition root: the only place that constructs and wires.

Read it from :func:`build_app` downwards to see what the server is made of. What comes from outside
(time, network, waiting, randomness) is one value, so that tests hand in their own.
"""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import grpc
import httpx

from syncline_sdk import RecordKind
from syncline_server import registry
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import make_id
from syncline_server.core.model import ConnectionRow, Run
from syncline_server.core.notices import Notify
from syncline_server.core.relocation import relocated
from syncline_server.engine.context import Doors
from syncline_server.engine.cooldowns import CooldownWatch
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.engine.execution import Execution
from syncline_server.engine.timetable import Timetable
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.flow import Randomness
from syncline_server.oauth.registration import Registration
from syncline_server.outbound.clients import token_client
from syncline_server.outbound.gate import Gates
from syncline_server.outbound.pause import Wait
from syncline_server.rpc import identity
from syncline_server.rpc.connections import ConnectionCalls
from syncline_server.rpc.health import Health
from syncline_server.rpc.interceptors import CallInterceptor, Surroundings
from syncline_server.rpc.modules import ModuleCalls
from syncline_server.rpc.runs import RunCalls
from syncline_server.rpc.server import Calls, Limits, create_server
from syncline_server.rpc.settings import SettingsCalls
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.services.access_tokens import AccessTokens
from syncline_server.services.chain import Chain
from syncline_server.services.connections import Connections
from syncline_server.services.consents import Consents
from syncline_server.services.departures import Departures
from syncline_server.services.grants import Grants
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.intake_items import ItemSink
from syncline_server.services.intake_tax_rates import TaxRateSink
from syncline_server.services.journal import Journal
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.outbox import Outbox
from syncline_server.services.provider_clients import ProviderClients
from syncline_server.services.runs import Runs, cancel_all
from syncline_server.services.settings import SettingsService
from syncline_server.services.syncs import Syncs
from syncline_server.storage import tax_rates
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database, open_database

DATABASE: Final = "database"
ENGINE: Final = "engine"
# Threads that may hold a connection beside calls and runs: timers, watchers, health.
_SPARE_CONNECTIONS: Final = 16


def now() -> datetime:
    """Return the real time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the server does not make itself."""

    clock: Clock = now
    transport: httpx.BaseTransport = field(default_factory=httpx.HTTPTransport)
    """Carries every call to a provider."""
    wait: Wait = time.sleep
    randomness: Randomness = os.urandom

    def make_id(self) -> str:
        """Return a new identifier."""
        return make_id(self.clock(), self.randomness(10))


@dataclass(frozen=True, kw_only=True)
class App:
    """A server that is wired and not started. ``serving`` binds, starts and stops it."""

    config: Config
    database: Database
    server: grpc.Server
    health: Health
    hub: Hub
    timetable: Timetable
    engine: EmbeddedEngine
    cooldowns: CooldownWatch
    connections: Connections
    grants: Grants
    access_tokens: AccessTokens
    transport: httpx.BaseTransport


def build_app(config: Config, outside: Outside) -> App:
    """Wire a server.

    :raises PluginRefused: an installed plugin is broken.
    :raises CipherError: an encryption key is malformed.
    """
    catalogue = _relocated(registry.load(config.disabled_plugins), config)
    database = open_database(
        config.database_url,
        connections=config.rpc_threads + config.workers + _SPARE_CONNECTIONS,
    )
    hub = Hub(Pace())
    timetable = Timetable(config.workers)
    chain = Chain(database, catalogue, outside.clock, {RecordKind.TAX_RATE: tax_rates.open_count})
    access = _access(config, outside, database, catalogue, hub.publish)
    cooldowns = CooldownWatch(database, timetable, outside.clock, hub.publish)
    execution = Execution(
        database=database,
        chain=chain,
        clock=outside.clock,
        open_client=access.open_client,
        open_doors=_doors(outside, chain, hub.publish),
        lose_access=access.connections.mark_reconnect_required,
        notify=hub.publish,
    )
    engine = EmbeddedEngine(database, timetable, execution.execute)

    def accepted(run: Run, cooldown_end: datetime) -> None:
        engine.enqueue(run.id)
        cooldowns.set(run.scope, cooldown_end)

    syncs = Syncs(
        database=database,
        chain=chain,
        clock=outside.clock,
        make_id=outside.make_id,
        accepted=accepted,
        notify=hub.publish,
    )
    tokens = AccessTokens(database, outside.clock, outside.make_id, make_secret)
    health = Health((DATABASE, ENGINE))
    calls = _calls(
        outside=outside,
        database=database,
        catalogue=catalogue,
        chain=chain,
        connections=access.connections,
        syncs=syncs,
        hub=hub,
    )
    return App(
        config=config,
        database=database,
        server=_server(config, calls, tokens, health, outside),
        health=health,
        hub=hub,
        timetable=timetable,
        engine=engine,
        cooldowns=cooldowns,
        connections=access.connections,
        grants=access.grants,
        access_tokens=tokens,
        transport=outside.transport,
    )


def make_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def _relocated(catalogue: Catalogue, config: Config) -> Catalogue:
    """Point providers at the addresses the operator gave, such as a simulator's."""
    moved = {
        name: replace(each, provider=relocated(each.provider, config.providers[name].base_url))
        if name in config.providers and config.providers[name].base_url
        else each
        for name, each in catalogue.providers.items()
    }
    return Catalogue(providers=moved)


@dataclass(frozen=True, kw_only=True)
class _Access:
    """Everything that knows tokens."""

    connections: Connections
    grants: Grants
    clients: ProviderClients

    def open_client(self, row: ConnectionRow, stop: Callable[[], bool]) -> httpx.Client:
        return self.clients.for_connection(row.key, row.generation, stop)


def _access(
    config: Config, outside: Outside, database: Database, catalogue: Catalogue, notify: Notify
) -> _Access:
    cipher = Cipher(config.encryption_keys)
    registrations = _registrations(config, catalogue)
    token_http = token_client(outside.transport)
    endpoints = {
        name: TokenEndpoint(
            token_http,
            catalogue.providers[name].provider.addresses,
            registration,
            outside.clock,
        )
        for name, registration in registrations.items()
    }
    grants = Grants(
        database=database,
        cipher=cipher,
        endpoints=endpoints,
        clock=outside.clock,
        wait=outside.wait,
        make_id=outside.make_id,
        notify=notify,
    )
    clients = ProviderClients(
        database=database,
        catalogue=catalogue,
        grants=grants,
        gates=Gates(outside.clock),
        transport=outside.transport,
        wait=outside.wait,
    )
    consents = Consents(
        database=database,
        cipher=cipher,
        registrations=registrations,
        endpoints=endpoints,
        clients=clients,
        clock=outside.clock,
        randomness=outside.randomness,
    )
    departures = Departures(
        database=database,
        cipher=cipher,
        grants=grants,
        endpoints=endpoints,
        clients=clients,
        clock=outside.clock,
    )
    connections = Connections(
        database=database,
        catalogue=catalogue,
        cipher=cipher,
        consents=consents,
        departures=departures,
        clock=outside.clock,
        make_id=outside.make_id,
        notify=notify,
        cancel_runs=lambda key, reason: cancel_all(database, key, outside.clock(), reason),
    )
    return _Access(connections=connections, grants=grants, clients=clients)


def _registrations(config: Config, catalogue: Catalogue) -> dict[str, Registration]:
    return {
        name: Registration(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            redirect_uris=config.redirect_uris,
        )
        for name, provider in config.providers.items()
        if name in catalogue.providers
    }


def _doors(outside: Outside, chain: Chain, notify: Notify) -> Callable[[Journal], Doors]:
    def open_doors(journal: Journal) -> Doors:
        return Doors(
            contacts=ContactSink(journal, chain.find_master, outside.make_id),
            items=ItemSink(journal, chain.find_master, outside.make_id),
            tax_rates=TaxRateSink(journal, notify),
            linked_invoices=LinkedInvoiceSink(journal),
            outbox=Outbox(journal, outside.make_id),
        )

    return open_doors


def _calls(  # noqa: PLR0913 - every service meets its face here
    *,
    outside: Outside,
    database: Database,
    catalogue: Catalogue,
    chain: Chain,
    connections: Connections,
    syncs: Syncs,
    hub: Hub,
) -> Calls:
    settings = SettingsService(database, chain, outside.clock, hub.publish)
    runs = Runs(database, outside.clock, hub.publish)
    return Calls(
        connections=ConnectionCalls(connections, catalogue),
        settings=SettingsCalls(settings),
        modules=ModuleCalls(chain, syncs, catalogue, outside.clock, hub),
        runs=RunCalls(runs, hub),
    )


def _server(
    config: Config, calls: Calls, tokens: AccessTokens, health: Health, outside: Outside
) -> grpc.Server:
    authenticate = identity.local_until_configured(
        tokens.are_configured, identity.by_bearer_token(tokens.identify)
    )
    surroundings = Surroundings(authenticate=authenticate, make_request_id=outside.make_id)
    return create_server(
        calls,
        CallInterceptor(surroundings),
        health,
        Limits(threads=config.rpc_threads),
        with_reflection=config.reflection,
    )
