"""Access tokens that are good for a while, renewed by one worker at a time."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import structlog

from syncline_server.core import connecting
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.tokens import Grant, TokenSet
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.errors import (
    ClientMisconfigured,
    EndpointUnavailable,
    GrantDead,
    GrantUnreadable,
    OAuthError,
)
from syncline_server.outbound.pause import Wait
from syncline_server.storage import connections, grants
from syncline_server.storage.cipher import Cipher, CipherError
from syncline_server.storage.database import Database

RENEW_AHEAD: Final = timedelta(seconds=90)
"""An access token is renewed when it has no longer than this to live."""
LEASE: Final = timedelta(seconds=30)
"""How long one worker may take to renew before another may try."""
_POLL_SECONDS: Final = 0.2
_DEAD: Final = "The provider no longer accepts this connection. Connect it again."

_log = structlog.get_logger()


class _Locks:
    """One lock per grant, so that threads of a process do not queue for the row."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def of(self, grant_id: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(grant_id, threading.Lock())


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Grants:
    """Hands out access tokens and keeps their grants alive.

    Within a process a lock, between processes a lease on the row lets one worker renew at a time.
    Rotated tokens are stored before anybody gets them. A worker that dies between the two loses
    nothing where the provider takes the previous refresh token again for a while, as Xero does for
    30 minutes: the lease runs out and the next worker asks with it once more.
    """

    database: Database
    cipher: Cipher
    endpoints: Mapping[str, TokenEndpoint]
    """By provider."""
    clock: Clock
    wait: Wait
    """How to spend the time while another process renews."""
    make_id: MakeId
    notify: Notify
    _locks: _Locks = field(default_factory=_Locks)

    def access_token(self, grant_id: str, stale: str | None = None) -> str:
        """Return an access token.

        :param stale: one that the provider refused although it should be good.
        :raises GrantDead: a person must connect again; the grant's connections say so already.
        :raises GrantUnreadable: the key it was encrypted with is missing.
        :raises ClientMisconfigured: the provider refuses this server; the grant may be good.
        :raises EndpointUnavailable: there is no good token now, and no knowing.
        """
        grant = self._living(grant_id)
        if not self._good(grant, stale):
            with self._locks.of(grant_id):
                grant = self._renewed(grant_id, stale)
        return grant.tokens.access

    def keep_alive(self, idle: timedelta) -> int:
        """Renew the grants that were not renewed for so long; return how many.

        Refresh tokens die of disuse (Xero's after 60 days), so a clock calls this daily or so.
        """
        renewed = 0
        for grant_id in grants.idle_since(self.database, self.clock() - idle):
            try:
                self.access_token(grant_id, self._living(grant_id).tokens.access)
                renewed += 1
            except OAuthError as error:
                _log.warning(
                    "grant not kept alive",
                    action="grant_not_kept_alive",
                    grant=grant_id,
                    error=type(error).__name__,
                )
        return renewed

    def _living(self, grant_id: str) -> Grant:
        try:
            grant = grants.get(self.database, self.cipher, grant_id)
        except CipherError:
            _log.error("grant unreadable", action="grant_unreadable", grant=grant_id)
            raise GrantUnreadable("no encryption key fits the grant") from None
        if grant is None or grant.dead_reason:
            raise GrantDead("the grant is gone")
        return grant

    def _good(self, grant: Grant, stale: str | None) -> bool:
        lasts = self.clock() + RENEW_AHEAD < grant.tokens.expire_time
        return lasts and grant.tokens.access != stale

    def _renewed(self, grant_id: str, stale: str | None) -> Grant:
        holder = self.make_id()
        give_up = self.clock() + LEASE + RENEW_AHEAD
        while self.clock() < give_up:
            grant = self._living(grant_id)
            if self._good(grant, stale):
                return grant
            if self._lease(grant, holder):
                fresh = self._renew(grant, holder, stale)
                if fresh is not None:
                    return fresh
            else:
                self.wait(_POLL_SECONDS)
        raise EndpointUnavailable("other workers keep renewing the grant")

    def _lease(self, grant: Grant, holder: str) -> bool:
        now = self.clock()
        with self.database.transaction():
            return grants.lease(self.database, grant, holder, now, now + LEASE)

    def _renew(self, grant: Grant, holder: str, stale: str | None) -> Grant | None:
        """Return the renewed grant, or None when its row must be read again."""
        try:
            tokens = self._endpoint(grant.provider).refresh(grant.tokens.refresh)
        except GrantDead:
            # Another worker may have rotated the token away since it was read: only when the row
            # still holds the very token that was refused is the grant dead.
            if self._declare_dead(grant):
                raise
            return None
        except OAuthError as error:
            return self._unrenewed(grant, holder, stale, error)
        return self._stored(grant, holder, tokens)

    def _endpoint(self, provider: str) -> TokenEndpoint:
        if provider not in self.endpoints:
            raise ClientMisconfigured("no_registration")
        return self.endpoints[provider]

    def _stored(self, grant: Grant, holder: str, tokens: TokenSet) -> Grant | None:
        with self.database.transaction():
            stored = grants.renew(
                self.database, self.cipher, grant.id, holder, tokens, self.clock()
            )
        return replace(grant, tokens=tokens) if stored else None

    def _unrenewed(self, grant: Grant, holder: str, stale: str | None, error: OAuthError) -> Grant:
        if isinstance(error, ClientMisconfigured):
            _log.error(
                "provider refuses this server",
                action="provider_refuses_this_server",
                provider=grant.provider,
                code=error.code,
            )
        with self.database.transaction():
            grants.release(self.database, grant.id, holder)
        if grant.tokens.access != stale and self.clock() < grant.tokens.expire_time:
            return grant  # it was renewed ahead of time and still opens doors
        raise error

    def _declare_dead(self, grant: Grant) -> bool:
        now = self.clock()
        with self.database.transaction():
            living = connections.of_grant(self.database, grant.id)
            rows = [connections.lock(self.database, row.key, now) for row in living]
            if not grants.declare_dead(self.database, grant, "invalid_grant"):
                return False
            for row in rows:
                if row.grant_id == grant.id and row.state is ConnectionState.CONNECTED:
                    connections.save(self.database, connecting.lost(row, _DEAD), now)
                    self._tell(row.key)
        _log.warning("grant dead", action="grant_dead", grant=grant.id, provider=grant.provider)
        return True

    def _tell(self, key: Connection) -> None:
        self.database.after_commit(lambda: self.notify(ConnectionChanged(key)))


class HeldTokens:
    """Tokens of a grant that is no longer stored, for the last calls made with it.

    :param endpoint: renews them if they have expired.
    """

    def __init__(self, endpoint: TokenEndpoint, tokens: TokenSet, clock: Clock) -> None:
        self._endpoint = endpoint
        self._tokens = tokens
        self._clock = clock

    def __call__(self, stale: str | None = None) -> str:
        """Return an access token; raises as :meth:`Grants.access_token` does."""
        if self._tokens.access == stale or self._clock() >= self._tokens.expire_time:
            self._tokens = self._endpoint.refresh(self._tokens.refresh)
        return self._tokens.access
