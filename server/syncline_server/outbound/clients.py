"""Clients for what is not the work of a run: the token endpoint and a provider's hooks."""

from typing import Final

import httpx

from syncline_server.outbound.bounded import Bounded

CONNECT_SECONDS: Final = 5.0
RUN_TIMEOUT: Final = httpx.Timeout(60.0, connect=CONNECT_SECONDS)
"""For the calls of a run: a provider may take long over a page of a thousand records."""
SHORT_TIMEOUT: Final = httpx.Timeout(10.0, connect=CONNECT_SECONDS)
"""For calls that somebody waits for. Well below a grant's lease."""
_SHORT_ANSWER: Final = 1024 * 1024


def token_client(transport: httpx.BaseTransport) -> httpx.Client:
    """Return a client for token endpoints; closing it leaves the transport open."""
    return httpx.Client(transport=Bounded(transport, _SHORT_ANSWER), timeout=SHORT_TIMEOUT)
