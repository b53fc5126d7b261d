"""Giving access back to a provider after a connection has ended here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from syncline_sdk import Provider
from syncline_server.core.clock import Clock
from syncline_server.core.model import ConnectionRow
from syncline_server.core.tokens import Grant
from syncline_server.oauth.bearer import TokenSource
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.services.grants import Grants, HeldTokens
from syncline_server.services.provider_clients import ProviderClients
from syncline_server.storage import grants
from syncline_server.storage.cipher import Cipher
from syncline_server.storage.database import Database
from syncline_server.storage.grants import SealedGrant

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What is needed to give access back; held in memory only."""

    connection: str
    """Name, for the log."""
    provider_connection_id: str
    grant: SealedGrant | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Departures:
    """Gives back the access of one connection: best effort, never the person's whole grant.

    Other workspaces may live on the same grant, and revoking it would end them all.
    """

    database: Database
    cipher: Cipher
    grants: Grants
    endpoints: Mapping[str, TokenEndpoint]
    clients: ProviderClients
    clock: Clock

    def prepare(self, row: ConnectionRow) -> Leaving:
        """Take down what is needed, while the connection is still stored."""
        return Leaving(
            connection=str(row.key),
            provider_connection_id=row.provider_connection_id,
            grant=grants.sealed(self.database, row.grant_id),
        )

    def give_back(self, provider: Provider, leaving: Leaving) -> bool:
        """Tell the provider; False when it did not take it, for whatever reason."""
        if not leaving.provider_connection_id or leaving.grant is None:
            return False
        try:
            token = self._token_source(leaving.grant.opened(self.cipher))
            with self.clients.for_hooks(provider, token) as http:
                provider.disconnect(http, leaving.provider_connection_id)
        except Exception as error:  # noqa: BLE001 - the connection has ended, whatever a plugin does
            _log.warning(
                "access not given back",
                action="access_not_given_back",
                connection=leaving.connection,
                error=type(error).__name__,
            )
            return False
        return True

    def _token_source(self, grant: Grant) -> TokenSource:
        if grants.sealed(self.database, grant.id) is not None:
            # Others live on it: what is renewed for this must be stored for them.
            return lambda stale: self.grants.access_token(grant.id, stale)
        return HeldTokens(self.endpoints[grant.provider], grant.tokens, self.clock)
