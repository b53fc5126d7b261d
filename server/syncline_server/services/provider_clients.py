"""The HTTP clients that runs and provider hooks are given."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx

from syncline_sdk import AccessLost, Provider, RetryLater, RunFailed, RunStopped
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow, ConnectionState
from syncline_server.core.names import Connection
from syncline_server.oauth.bearer import Bearer, TokenSource
from syncline_server.oauth.errors import (
    ClientMisconfigured,
    EndpointUnavailable,
    GrantDead,
    GrantUnreadable,
)
from syncline_server.outbound.announced import Announced
from syncline_server.outbound.bounded import Bounded
from syncline_server.outbound.budgeted import Budgeted
from syncline_server.outbound.clients import RUN_TIMEOUT, SHORT_TIMEOUT, longest, whole
from syncline_server.outbound.fence import around_work
from syncline_server.outbound.network import Tick, Within
from syncline_server.outbound.pause import Pause, Stop, Wait, go_on
from syncline_server.outbound.prompt import Prompt
from syncline_server.outbound.repeated import Repeated
from syncline_server.services.budgets import Budgets, Claim
from syncline_server.services.grants import Grants
from syncline_server.storage import connections
from syncline_server.storage.database import Database

_HOOK_TRIES: Final = 2
_RENEWAL_PAUSE: Final = timedelta(seconds=30)


def _silent() -> None:
    """Say nothing before a write: whoever writes does so."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the calls of one client are made."""

    timeout: httpx.Timeout = field(default_factory=lambda: RUN_TIMEOUT)
    before_write: Callable[[], None] = _silent
    """Called right before each write leaves, and may prevent it by raising."""
    urgent: bool = False
    """Whether the calls go before those that are not: pushes, and calls that somebody waits for."""


_OF_RUNS: Final = Manner()


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ProviderClients:
    """Makes clients that carry access, keep the limits and stop when their connection moves on."""

    database: Database
    catalogue: Catalogue
    grants: Grants
    budgets: Budgets
    transport: httpx.BaseTransport
    """What really calls; shared by all clients and closed by none."""
    wait: Wait
    tick: Tick = time.monotonic

    def for_connection(
        self,
        key: Connection,
        generation: int,
        stop: Stop | None = None,
        manner: Manner = _OF_RUNS,
    ) -> httpx.Client:
        """Return a client for the organisation a connection points to. Close it after use.

        Relative addresses are relative to the provider's API. Beside what httpx raises, its calls
        raise :class:`RunStopped`, :class:`AccessLost`, :class:`RetryLater` and :class:`RunFailed`,
        :class:`HostRefused` among the last.

        :param generation: of the connection when the work began; another one stops the work.
        :param stop: asked while waiting and before each call.
        :param manner: as for runs, unless somebody waits for the answer.
        :raises RunStopped: the connection has moved on already.
        :raises AccessLost: the connection waits for a person.
        """
        installed = self.catalogue.providers[key.provider]
        provider = installed.provider
        row = self._current(key, generation)
        pause = Pause(self.wait, stop or go_on)
        claim = Claim(
            connection=row,
            provider=provider.name,
            limits=provider.limits,
            urgent=manner.urgent,
            longest=longest(manner.timeout),
            check=lambda: self._still_wanted(row, stop or go_on),
        )
        prompt = Prompt(self._whole(manner.timeout), self.budgets.clock)
        budgeted = Budgeted(
            Announced(prompt, manner.before_write),
            self.budgets.gate(claim),
            pause,
            provider.read_allowance,
        )
        return httpx.Client(
            base_url=provider.addresses.api,
            auth=Bearer(
                lambda stale: self._token(provider, row, stale),
                httpx.URL(provider.addresses.api),
                provider.organisation_headers(row.organisation_id),
            ),
            transport=around_work(Repeated(budgeted, pause), installed),
            timeout=manner.timeout,
        )

    def for_hooks(self, provider: Provider, token: TokenSource) -> httpx.Client:
        """Return a client for a provider's own hooks: no organisation, short timeouts."""
        repeated = Repeated(self._whole(SHORT_TIMEOUT), Pause(self.wait), _HOOK_TRIES)
        return httpx.Client(
            base_url=provider.addresses.api,
            auth=Bearer(token, httpx.URL(provider.addresses.api)),
            transport=around_work(repeated, self.catalogue.providers[provider.name]),
            timeout=SHORT_TIMEOUT,
        )

    def _whole(self, timeout: httpx.Timeout) -> httpx.BaseTransport:
        """Return what ends a call when it took too long as a whole, in drops or at once."""
        return Within(Bounded(self.transport), whole(timeout), self.tick)

    def _still_wanted(self, begun: ConnectionRow, stop: Stop) -> None:
        """Check, inside a transaction, and keep it true until that ends.

        :raises RunStopped: the connection has moved on, or the work is to end.
        :raises AccessLost: the connection waits for a person.
        """
        _check(connections.hold(self.database, begun.key), begun.generation)
        if stop():
            raise RunStopped

    def _current(self, key: Connection, generation: int) -> ConnectionRow:
        return _check(connections.get(self.database, key), generation)

    def _token(self, provider: Provider, row: ConnectionRow, stale: str | None) -> str:
        try:
            return self.grants.access_token(row.grant_id, stale)
        except GrantDead:
            # The connection itself knows why: disconnected, connected anew, or lost.
            self._current(row.key, row.generation)
            raise AccessLost(f"{provider.title} no longer accepts this connection.") from None
        except GrantUnreadable:
            raise RunFailed(
                "GRANT_UNREADABLE",
                f"The stored access to {provider.title} cannot be decrypted.",
                action="Ask the operator of this server for its earlier encryption key, or "
                "connect again.",
            ) from None
        except ClientMisconfigured:
            raise RunFailed(
                "PROVIDER_MISCONFIGURED",
                f"{provider.title} refuses this server.",
                action="Ask the operator of this server to check its registration.",
            ) from None
        except EndpointUnavailable as error:
            raise RetryLater(
                f"Access to {provider.title} cannot be renewed now.",
                after=error.retry_after or _RENEWAL_PAUSE,
            ) from None


def _check(row: ConnectionRow, generation: int) -> ConnectionRow:
    if row.generation != generation or row.state is ConnectionState.NOT_CONNECTED:
        raise RunStopped
    if row.state is ConnectionState.RECONNECT_REQUIRED:
        raise AccessLost(row.state_reason)
    return row
