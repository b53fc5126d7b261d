"""Access tokens that are good for a while, renewed by one worker at a time."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from syncline_server.core import connecting
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.tokens import RENEW_AHEAD, Grant, TokenSet
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.errors import (
    ClientMisconfigured,
    EndpointUnavailable,
    GrantDead,
    GrantUnreadable,
    OAuthError,
)
from syncline_server.outbound.pause import Stop, Wait, go_on
from syncline_server.services import audit
from syncline_server.storage import connections, grants
from syncline_server.storage.cipher import Cipher, CipherError
from syncline_server.storage.database import Database

LEASE: Final = timedelta(seconds=30)
"""How long one worker may take to renew before another may try."""
_POLL_SECONDS: Final = 0.2
_FINISHED_BY: Final = 30
"""After so many failures in a row, half an hour, a renewal is left to whoever needs it."""
_LONG_IDLE: Final = timedelta(days=50)
_ENDED: Final = (
    "The provider has ended this access: the person who gave it took it back, or the provider did."
    " Connect it again."
)
_LOST: Final = (
    "The provider's answer to a renewal of this access was lost, and it was not to be had again in"
    " time. Connect it again."
)
_IDLE: Final = (
    "This access was not used for so long that the provider has ended it. Connect it again."
)

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
    30 minutes: the lease runs out and :meth:`finish_renewals`, or whoever needs a token, asks with
    it once more. After a failure nobody in any process asks before a pause is over.
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

        def is_good(grant: Grant) -> bool:
            return grant.lasts(self.clock()) and grant.tokens.access != stale

        grant = self._living(grant_id)
        if not is_good(grant):
            grant = self._renewed(grant_id, is_good, stale)
        return grant.tokens.access

    def keep_alive(self, idle: timedelta, stop: Stop = go_on) -> int:
        """Renew the grants that were not renewed for so long; return how many.

        Refresh tokens die of disuse (Xero's after 60 days), so a clock calls this every hour or so.

        :param stop: tells that the process wants to end; the next one goes on.
        """
        moment = self.clock() - idle
        idle_ones = grants.idle_since(self.database, moment)
        return self._renew_all(idle_ones, lambda grant: grant.refresh_time >= moment, stop)

    def finish_renewals(self, stop: Stop = go_on) -> int:
        """Repeat the renewals whose outcome is not known; return how many are known now.

        Xero takes the previous refresh token for half an hour only, so this is not left to whoever
        needs a token next.

        :param stop: as for :meth:`keep_alive`.
        """
        left_open = grants.left_open(self.database, self.clock(), _FINISHED_BY)
        return self._renew_all(left_open, lambda grant: not grant.is_left_open(self.clock()), stop)

    def _renew_all(self, ids: Iterable[str], is_good: Callable[[Grant], bool], stop: Stop) -> int:
        renewed = 0
        for grant_id in ids:
            if stop():  # a call under way was let end, so that what it rotates is stored
                break
            try:
                renewed += is_good(self._renewed(grant_id, is_good, None, stop))
            except OAuthError as error:
                if stop():  # it ended the waiting; had the renewal failed, that is logged there
                    break
                _log.warning(
                    "grant not renewed",
                    action="grant_not_renewed",
                    grant=grant_id,
                    error=type(error).__name__,
                )
        return renewed

    def _living(self, grant_id: str) -> Grant:
        try:
            grant = grants.get(self.database, self.cipher, grant_id)
        except CipherError as error:
            _log.error(
                "grant unreadable", action="grant_unreadable", grant=grant_id, why=str(error)
            )
            raise GrantUnreadable("no encryption key fits the grant") from None
        if grant is None or grant.dead_reason:
            raise GrantDead("the grant is gone")
        return grant

    def _renewed(
        self,
        grant_id: str,
        is_good: Callable[[Grant], bool],
        stale: str | None,
        stop: Stop = go_on,
    ) -> Grant:
        """Return the grant once it is good, renewing it unless somebody else does.

        :param stale: a token that is good for nothing any more, also where renewing fails.
        :param stop: ends waiting for somebody else.
        """
        with self._locks.of(grant_id):
            holder = self.make_id()
            give_up = self.clock() + LEASE + RENEW_AHEAD
            while self.clock() < give_up and not stop():
                grant = self._living(grant_id)
                if is_good(grant):
                    return grant
                if grant.rests(self.clock()):
                    return self._as_it_is(grant, stale)
                if not self._lease(grant, holder):
                    self.wait(_POLL_SECONDS)
                elif (fresh := self._renew(grant, holder, stale)) is not None:
                    return fresh
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
        now = self.clock()
        with self.database.transaction():
            stored = grants.renew(self.database, self.cipher, grant, holder, tokens, now)
        return grant.renewed(tokens, now) if stored else None

    def _unrenewed(self, grant: Grant, holder: str, stale: str | None, error: OAuthError) -> Grant:
        code = error.code if isinstance(error, ClientMisconfigured) else ""
        if code:
            _log.error(
                "provider refuses this server",
                action="provider_refuses_this_server",
                provider=grant.provider,
                code=code,
            )
        else:
            _log.warning("renewal failed", action="renewal_failed", grant=grant.id, why=str(error))
        # Two renewals of one grant at work at once could part its tokens.
        is_at_work = isinstance(error, EndpointUnavailable) and error.at_work
        failed = grant.failed(code, self.clock(), LEASE if is_at_work else timedelta())
        with self.database.transaction():
            grants.fail(self.database, failed, holder)
        return self._as_it_is(failed, stale)

    def _as_it_is(self, grant: Grant, stale: str | None) -> Grant:
        """Return a grant that could not be renewed while its token opens doors, else say why."""
        now = self.clock()
        if grant.tokens.access != stale and now < grant.tokens.expire_time:
            return grant
        if grant.failure:
            raise ClientMisconfigured(grant.failure)
        left = (grant.retry_time or now) - now
        raise EndpointUnavailable("the token endpoint failed just now", max(left, timedelta()))

    def _declare_dead(self, grant: Grant) -> bool:
        now, why = self.clock(), self._why_dead(grant)
        with self.database.transaction():
            living = connections.of_grant(self.database, grant.id)
            rows = [connections.lock(self.database, row.key, now) for row in living]
            if not grants.declare_dead(self.database, grant, "invalid_grant"):
                return False
            for row in rows:
                if row.grant_id == grant.id and row.state is ConnectionState.CONNECTED:
                    connections.save(self.database, connecting.lost(row, why), now)
                    audit.access_lost(self.database, row.key, why, now)
                    self._tell(row.key)
        _log.warning("grant dead", action="grant_dead", grant=grant.id, provider=grant.provider)
        return True

    def _why_dead(self, grant: Grant) -> str:
        """Return what a person is told, as far as it can be known."""
        now = self.clock()
        if grant.is_left_open(now) and not grant.failure:
            return _LOST
        return _IDLE if now - grant.refresh_time > _LONG_IDLE else _ENDED

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
