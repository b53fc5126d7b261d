"""Whose call this is: read from its metadata, known to whatever handles it."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

import grpc

from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import Reason, Unauthenticated

Metadata = Sequence[tuple[str, str | bytes]]
"""What a call brings beside its request."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What is known of a call before its request is looked at."""

    metadata: Metadata = field(repr=False)  # has the credentials
    peer: str = ""
    """Where it comes from, as gRPC says it: ``ipv4:127.0.0.1:51230``."""


Authenticate = Callable[[Arrival], Identity]
"""Returns whose call it is, or raises ``Unauthenticated``."""

LOCAL: Final = Identity(subject="local", title="local", role=Role.SERVICE, workspaces=None)
"""Who everybody is while no credentials are configured and only this machine is listened to."""

_KEY: Final = "authorization"
_SCHEME: Final = "bearer"
_caller: ContextVar[Identity] = ContextVar("caller")


def arrival(context: grpc.ServicerContext) -> Arrival:
    """Return what a call brings with it."""
    return Arrival(metadata=context.invocation_metadata(), peer=context.peer())


def as_local(_arrival: Arrival) -> Identity:
    """Take every call for :data:`LOCAL`; only for a server that listens on loopback."""
    return LOCAL


def local_until_configured(
    configured: Callable[[], bool], authenticate: Authenticate
) -> Authenticate:
    """Return what takes calls for :data:`LOCAL` until credentials exist, and asks for them then."""

    def decide(arrived: Arrival) -> Identity:
        return authenticate(arrived) if configured() else as_local(arrived)

    return decide


def by_bearer_token(identify: Callable[[str], Identity]) -> Authenticate:
    """Return what takes a call for the owner of its bearer token (RFC 6750).

    :param identify: returns whose secret it is, or raises ``Unauthenticated``.
    """

    def authenticate(arrived: Arrival) -> Identity:
        return identify(_bearer_token(arrived.metadata))

    return authenticate


def enter(identity: Identity) -> None:
    """Make this the caller for the rest of the current call; gRPC runs each in its own context."""
    _caller.set(identity)


def caller() -> Identity:
    """Return who makes the current call.

    :raises LookupError: outside of a call.
    """
    return _caller.get()


def _bearer_token(metadata: Metadata) -> str:
    values = [value for key, value in metadata if key == _KEY]
    if not values:
        raise Unauthenticated(
            Reason.CREDENTIALS_MISSING, "Send an access token: authorization: Bearer <token>."
        )
    scheme, _, token = str(values[0]).partition(" ")
    if len(values) > 1 or scheme.lower() != _SCHEME or not token.strip():
        raise Unauthenticated(
            Reason.CREDENTIALS_INVALID, "The authorization must be one: Bearer <token>."
        )
    return token.strip()
