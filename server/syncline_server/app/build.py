"""Wiring a process as a whole; read it from :func:`build_app` or :func:`build_worker` downwards."""

from dataclasses import dataclass
from typing import Final

import grpc
import httpx

from syncline_sdk import RecordKind
from syncline_server import registry
from syncline_server.app.access import Access, build_access
from syncline_server.app.callers import Callers, build_callers, surroundings
from syncline_server.app.calls import Core, build_calls
from syncline_server.app.certificates import build_certificates
from syncline_server.app.changes import build_changes
from syncline_server.app.creations import build_creations
from syncline_server.app.exchange import Exchange, build_exchange
from syncline_server.app.outside import Outside
from syncline_server.app.parity import build_parity_checks
from syncline_server.app.planning import build_planner
from syncline_server.app.webhooks import build_webhooks
from syncline_server.app.work import Ground, Work, build_work
from syncline_server.app.workspaces import Workspaces, build_workspaces
from syncline_server.certificates import Certificates
from syncline_server.config import Config, Exposure
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.notices import Notify
from syncline_server.core.relocation import moved
from syncline_server.engine.notices import Teller
from syncline_server.engine.parity import ParityChecks
from syncline_server.engine.planning import Planner
from syncline_server.rpc.health import Health
from syncline_server.rpc.intake import Intake, Room
from syncline_server.rpc.interceptors import CallInterceptor
from syncline_server.rpc.server import Limits, create_server
from syncline_server.rpc.watching import Hub
from syncline_server.services.audit import Trail
from syncline_server.services.chain import Chain
from syncline_server.services.changes import Changes
from syncline_server.services.connections import Connections
from syncline_server.services.creations import Creations
from syncline_server.services.grants import Grants
from syncline_server.services.webhooks import WebhookDeliveries
from syncline_server.storage import tax_rates
from syncline_server.storage.database import Database, open_database

DATABASE: Final = "database"
ENGINE: Final = "engine"
# Threads that may hold a connection beside calls and runs: timers, watchers, health.
_SPARE_CONNECTIONS: Final = 16


@dataclass(frozen=True, kw_only=True)
class Backstage:
    """What works without a caller, in servers and workers alike; wired and not started."""

    config: Config
    database: Database
    catalogue: Catalogue
    chain: Chain
    trail: Trail
    access: Access
    work: Work
    creations: Creations
    changes: Changes
    webhooks: WebhookDeliveries
    workspaces: Workspaces
    planner: Planner
    parity: ParityChecks
    transport: httpx.BaseTransport

    @property
    def connections(self) -> Connections:
        """Connecting and disconnecting."""
        return self.access.connections

    @property
    def grants(self) -> Grants:
        """Access tokens."""
        return self.access.grants

    def erase_soon(self) -> None:
        """Have another thread go on with what is being erased."""
        self.work.timetable.aside("erasures/now", self.workspaces.erasures.go_on)


@dataclass(frozen=True, kw_only=True)
class App(Backstage):
    """A server that is wired and not started. ``serving`` binds, starts and stops it."""

    server: grpc.Server
    handlers: Intake
    """The threads that handle its calls."""
    certificates: Certificates | None
    """What TLS is spoken with; None for plaintext."""
    health: Health
    hub: Hub
    exchange: Exchange
    callers: Callers


@dataclass(frozen=True, kw_only=True)
class Worker(Backstage):
    """A process that executes runs and answers no calls, wired and not started."""

    teller: Teller


def build_app(config: Config, outside: Outside) -> App:
    """Wire a server.

    :raises PluginRefused: an installed plugin is broken.
    :raises CipherError: an encryption key is malformed.
    :raises CertificateUnusable: a file for TLS is not what it should be.
    """
    database = _database(config)
    exchange = build_exchange(config, outside, database)
    hub = exchange.hub
    behind = _backstage(config, outside, database, hub.publish)
    callers = build_callers(config, outside, database)
    health = Health((DATABASE, ENGINE))
    handlers = Intake(config.rpc_threads, Room())
    core = Core(
        outside=outside,
        database=database,
        catalogue=behind.catalogue,
        chain=behind.chain,
        connections=behind.connections,
        creations=behind.creations,
        syncs=behind.work.syncs,
        changes=behind.changes,
        webhooks=behind.webhooks,
        trail=behind.trail,
        workspaces=behind.workspaces,
        erase_soon=behind.erase_soon,
        make_plan=behind.planner.plan,
        check_parity=behind.parity.check,
        hub=hub,
    )
    return App(
        **vars(behind),
        server=_server(config, core, callers, health, handlers),
        handlers=handlers,
        certificates=build_certificates(config, outside.clock),
        health=health,
        hub=hub,
        exchange=exchange,
        callers=callers,
    )


def build_worker(config: Config, outside: Outside) -> Worker:
    """Wire a worker; it has nobody who watches, and tells the servers that have.

    :raises PluginRefused, CipherError: as :func:`build_app` does.
    """
    database = _database(config)
    teller = Teller(database, outside.make_id())
    return Worker(**vars(_backstage(config, outside, database, teller.tell)), teller=teller)


def _database(config: Config) -> Database:
    connections = config.rpc_threads + config.workers + _SPARE_CONNECTIONS
    return open_database(config.database_url, connections=connections)


def _backstage(config: Config, outside: Outside, database: Database, notify: Notify) -> Backstage:
    catalogue = load_catalogue(config)
    database.listen(notify)
    chain = build_chain(config, outside, database, catalogue)
    access = build_access(config, outside, database, catalogue, notify)
    ground = Ground(outside=outside, database=database, chain=chain, notify=notify)
    work = build_work(ground, access, config)
    planner = build_planner(outside, database, chain, access, config.rpc_threads)
    interval = config.parity_interval
    return Backstage(
        config=config,
        database=database,
        catalogue=catalogue,
        chain=chain,
        trail=Trail(database, outside.clock),
        access=access,
        work=work,
        creations=build_creations(outside, database, chain, access),
        changes=build_changes(outside, database, chain, config.change_history),
        webhooks=build_webhooks(config, outside, database, catalogue, work.look_at_webhooks),
        workspaces=build_workspaces(config, outside, database, catalogue, chain),
        planner=planner,
        parity=build_parity_checks(ground, access, work.timetable, interval, planner),
        transport=outside.transport,
    )


def build_chain(
    config: Config, outside: Outside, database: Database, catalogue: Catalogue
) -> Chain:
    """Wire the dependency chain."""
    return Chain(
        database,
        catalogue,
        outside.clock,
        {RecordKind.TAX_RATE: tax_rates.open_count},
        config.full_read_interval,
    )


def load_catalogue(config: Config) -> Catalogue:
    """Return what is installed, providers at the addresses the operator gave, as a simulator's.

    :raises PluginRefused: an installed plugin is broken.
    """

    def placed(name: str, installed: ProviderCatalogue) -> ProviderCatalogue:
        at = config.providers[name].base_url if name in config.providers else ""
        return moved(installed, at) if at else installed

    providers = registry.load(config.disabled_plugins).providers
    return Catalogue(providers={name: placed(name, each) for name, each in providers.items()})


def _server(
    config: Config, core: Core, callers: Callers, health: Health, handlers: Intake
) -> grpc.Server:
    return create_server(
        build_calls(core),
        CallInterceptor(surroundings(config, core, callers)),
        health,
        Limits(),
        handlers,
        with_reflection=config.reflection is not Exposure.OFF,
    )
