"""What the server does not make itself: time, network, waiting, randomness."""

import os
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import make_id
from syncline_server.oauth.flow import Randomness
from syncline_server.outbound.network import Network
from syncline_server.outbound.pause import Wait


def now() -> datetime:
    """Return the real time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the server does not make itself."""

    clock: Clock = now
    transport: httpx.BaseTransport = field(default_factory=Network)
    """Carries every call to a provider."""
    wait: Wait = time.sleep
    randomness: Randomness = os.urandom

    def make_id(self) -> str:
        """Return a new identifier."""
        return make_id(self.clock(), self.randomness(10))


def make_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)
