"""Clients for what is not the work of a run: the token endpoint and a provider's hooks."""

from typing import Final

import httpx

from syncline_server.outbound.bounded import Bounded
from syncline_server.outbound.network import Within

CONNECT_SECONDS: Final = 5.0
RUN_TIMEOUT: Final = httpx.Timeout(60.0, connect=CONNECT_SECONDS)
"""For the calls of a run: a provider may take long over a page of a thousand records."""
SHORT_TIMEOUT: Final = httpx.Timeout(10.0, connect=CONNECT_SECONDS)
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
