"""Wiring everything that knows tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from syncline_server.app.keyring import Keyring, build_keyring
from syncline_server.app.outside import Outside
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.model import ConnectionRow
from syncline_server.core.notices import Notify
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.registration import Registration
from syncline_server.outbound.clients import token_client
from syncline_server.outbound.fence import around_tokens
from syncline_server.services.budgets import Budgets
from syncline_server.services.connections import Connections
from syncline_server.services.consents import Consents
from syncline_server.services.departures import Departures
from syncline_server.services.grants import Grants
from syncline_server.services.provider_clients import Manner, ProviderClients
from syncline_server.services.runs import cancel_all
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Access:
    """Everything that knows tokens."""

    connections: Connections
    grants: Grants
    clients: ProviderClients
    budgets: Budgets
    keyring: Keyring

    def open_client(
        self, row: ConnectionRow, stop: Callable[[], bool], *, urgent: bool
    ) -> httpx.Client:
        """Open the authorised client of a connection for a run."""
        manner = Manner(urgent=urgent)
        return self.clients.for_connection(row.key, row.generation, stop, manner)


def build_access(
    config: Config, outside: Outside, database: Database, catalogue: Catalogue, notify: Notify
) -> Access:
    """Wire what connects, keeps and gives back access.

    :raises CipherError: the encryption keys cannot be had, or one is malformed.
    """
    keyring = build_keyring(config, outside.clock)
    cipher = Cipher(keyring)
    registrations = _registrations(config, catalogue)
    endpoints = _endpoints(outside, catalogue, registrations)
    grants = Grants(
        database=database,
        cipher=cipher,
        endpoints=endpoints,
        clock=outside.clock,
        wait=outside.wait,
        make_id=outside.make_id,
        notify=notify,
    )
    budgets = _budgets(outside, database)
    clients = _clients(outside, database, catalogue, grants, budgets)
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
        budgets=budgets,
        clock=outside.clock,
        make_id=outside.make_id,
        notify=notify,
        cancel_runs=lambda key, reason: cancel_all(database, key, outside.clock(), reason),
    )
    return Access(
        connections=connections, grants=grants, clients=clients, budgets=budgets, keyring=keyring
    )


def _budgets(outside: Outside, database: Database) -> Budgets:
    return Budgets(
        database=database,
        clock=outside.clock,
        make_id=outside.make_id,
        randomness=outside.randomness,
        wait=outside.wait,
    )


def _clients(
    outside: Outside, database: Database, catalogue: Catalogue, grants: Grants, budgets: Budgets
) -> ProviderClients:
    return ProviderClients(
        database=database,
        catalogue=catalogue,
        grants=grants,
        budgets=budgets,
        transport=outside.transport,
        wait=outside.wait,
    )


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


def _endpoints(
    outside: Outside, catalogue: Catalogue, registrations: Mapping[str, Registration]
) -> dict[str, TokenEndpoint]:
    def endpoint(installed: ProviderCatalogue, registration: Registration) -> TokenEndpoint:
        http = token_client(around_tokens(outside.transport, installed))
        return TokenEndpoint(http, installed.provider.addresses, registration, outside.clock)

    return {
        name: endpoint(catalogue.providers[name], registration)
        for name, registration in registrations.items()
    }
