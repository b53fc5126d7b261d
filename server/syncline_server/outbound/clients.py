"""Clients for what is not the work of a run: the token endpoint and a provider's hooks."""

from datetime import timedelta
from typing import Final

import httpx

from syncline_server.outbound.bounded import Bounded
from syncline_server.outbound.fence import around_named
from syncline_server.outbound.network import Within

_CONNECT_SECONDS: Final = 5.0
# More are open at most than calls can be under way, so one is free at once.
_POOL_SECONDS: Final = 2.0
LEAVING: Final = timedelta(seconds=_POOL_SECONDS + 2 * _CONNECT_SECONDS)
"""How long a call may take to leave: to get a connection, have it opened, and secured."""


def timeout(seconds: float) -> httpx.Timeout:
    """Return the timeouts of a call whose answer may take so long."""
    connect = min(seconds, _CONNECT_SECONDS)
    return httpx.Timeout(seconds, connect=connect, pool=min(seconds, _POOL_SECONDS))


def longest(timeout: httpx.Timeout) -> timedelta:
    """Return how long a call may take, unless its answer comes in drops."""
    parts = (timeout.pool, timeout.connect, timeout.connect, timeout.read)
    return timedelta(seconds=sum(part or 0.0 for part in parts))


def whole(timeout: httpx.Timeout) -> float:
    """Return the seconds after which a call ends even if its answer still comes, in drops.

    The body gets as long again as everything before it, at most.
    """
    return 2 * longest(timeout).total_seconds()


RUN_TIMEOUT: Final = timeout(60.0)
"""For the calls of a run: a provider may take long over a page of a thousand records."""
SHORT_TIMEOUT: Final = timeout(10.0)
"""For calls that somebody waits for."""
TOKEN_SECONDS: Final = 15.0
"""For a whole call to a token endpoint, answer and all.

Half a grant's lease: two processes renew one grant at once only if their clocks differ by more than
what is left of it.
"""
_SHORT_ANSWER: Final = 1024 * 1024


def token_client(transport: httpx.BaseTransport) -> httpx.Client:
    """Return a client for token endpoints; closing it leaves the transport open."""
    whole = Within(Bounded(transport, _SHORT_ANSWER), TOKEN_SECONDS)
    return httpx.Client(transport=whole, timeout=SHORT_TIMEOUT)


_KEYS_SECONDS: Final = 5.0
_KEY_SET: Final = 256 * 1024


def issuer_client(transport: httpx.BaseTransport, *addresses: str) -> httpx.Client:
    """Return a client for an issuer's keys, for which one call of ours may wait.

    It follows no redirect: keys come from where they were said to be. Closing it leaves the
    transport open.

    :param addresses: the issuer's, and that of its keys where an operator gave it.
    """
    fenced = around_named(transport, *(each for each in addresses if each))
    whole = Within(Bounded(fenced, _KEY_SET, longest=_KEYS_SECONDS), _KEYS_SECONDS)
    return httpx.Client(
        transport=whole, timeout=timeout(_KEYS_SECONDS), follow_redirects=False, trust_env=False
    )
