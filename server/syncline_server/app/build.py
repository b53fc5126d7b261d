"""Wiring the server as a whole; read it from :func:`build_app` downwards."""

from dataclasses import dataclass, replace
from typing import Final

import grpc
import httpx

from syncline_sdk import RecordKind
from syncline_server import registry
from syncline_server.app.access import build_access
from syncline_server.app.calls import Core, build_calls
from syncline_server.app.changes import build_changes
from syncline_server.app.creations import build_creations
from syncline_server.app.outside import Outside, make_secret
from syncline_server.app.parity import build_parity_checks
from syncline_server.app.planning import build_planner
from syncline_server.app.work import Ground, Work, build_work
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.relocation import relocated
from syncline_server.engine.parity import ParityChecks
from syncline_server.rpc import identity
from syncline_server.rpc.health import Health
from syncline_server.rpc.interceptors import CallInterceptor, Surroundings
from syncline_server.rpc.server import Limits, create_server
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.services.access_tokens import AccessTokens
from syncline_server.services.chain import Chain
from syncline_server.services.changes import Changes
from syncline_server.services.connections import Connections
from syncline_server.services.creations import Creations
from syncline_server.services.grants import Grants
from syncline_server.storage import tax_rates
from syncline_server.storage.database import Database, open_database

DATABASE: Final = "database"
ENGINE: Final = "engine"
# Threads that may hold a connection beside calls and runs: timers, watchers, health.
_SPARE_CONNECTIONS: Final = 16


@dataclass(frozen=True, kw_only=True)
class App:
    """A server that is wired and not started. ``serving`` binds, starts and stops it."""

    config: Config
    database: Database
    server: grpc.Server
    health: Health
    hub: Hub
    work: Work
    parity: ParityChecks
    connections: Connections
    creations: Creations
    changes: Changes
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
    database.listen(hub.publish)
    chain = Chain(
        database,
        catalogue,
        outside.clock,
        {RecordKind.TAX_RATE: tax_rates.open_count},
        config.full_read_interval,
    )
    access = build_access(config, outside, database, catalogue, hub.publish)
    ground = Ground(outside=outside, database=database, chain=chain, notify=hub.publish)
    work = build_work(ground, access, config.workers)
    planner = build_planner(outside, database, chain, access, config.rpc_threads)
    interval = config.parity_interval
    parity = build_parity_checks(ground, access, work.timetable, interval, planner)
    creations = build_creations(outside, database, chain, access)
    changes = build_changes(outside, database, chain, config.change_history)
    tokens = AccessTokens(database, outside.clock, outside.make_id, make_secret)
    health = Health((DATABASE, ENGINE))
    core = Core(
        outside=outside,
        database=database,
        catalogue=catalogue,
        chain=chain,
        connections=access.connections,
        creations=creations,
        syncs=work.syncs,
        changes=changes,
        make_plan=planner.plan,
        check_parity=parity.check,
        hub=hub,
    )
    return App(
        config=config,
        database=database,
        server=_server(config, core, tokens, health),
        health=health,
        hub=hub,
        work=work,
        parity=parity,
        connections=access.connections,
        creations=creations,
        changes=changes,
        grants=access.grants,
        access_tokens=tokens,
        transport=outside.transport,
    )


def _relocated(catalogue: Catalogue, config: Config) -> Catalogue:
    """Point providers at the addresses the operator gave, such as a simulator's."""
    moved = {
        name: replace(each, provider=relocated(each.provider, config.providers[name].base_url))
        if name in config.providers and config.providers[name].base_url
        else each
        for name, each in catalogue.providers.items()
    }
    return Catalogue(providers=moved)


def _server(config: Config, core: Core, tokens: AccessTokens, health: Health) -> grpc.Server:
    authenticate = identity.local_until_configured(
        tokens.are_configured, identity.by_bearer_token(tokens.identify)
    )
    surroundings = Surroundings(authenticate=authenticate, make_request_id=core.outside.make_id)
    return create_server(
        build_calls(core),
        CallInterceptor(surroundings),
        health,
        Limits(threads=config.rpc_threads),
        with_reflection=config.reflection,
    )
