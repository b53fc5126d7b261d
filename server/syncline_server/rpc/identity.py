"""Whose call this is: read from its metadata, known to whatever handles it."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Final

from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import Reason, Unauthenticated

Metadata = Sequence[tuple[str, str | bytes]]
"""What a call brings beside its request."""

Authenticate = Callable[[Metadata], Identity]
"""Returns whose call it is, or raises ``Unauthenticated``."""

LOCAL: Final = Identity(subject="local", title="local", role=Role.SERVICE, workspaces=None)
"""Who everybody is while no credentials are configured and only this machine is listened to."""

_KEY: Final = "authorization"
_SCHEME: Final = "bearer"
_caller: ContextVar[Identity] = ContextVar("caller")


def as_local(_metadata: Metadata) -> Identity:
    """Take every call for :data:`LOCAL`; only for a server that listens on loopback."""
    return LOCAL


def local_until_configured(
    configured: Callable[[], bool], authenticate: Authenticate
) -> Authenticate:
    """Return what takes calls for :data:`LOCAL` until credentials exist, and asks for them then."""

    def decide(metadata: Metadata) -> Identity:
        return authenticate(metadata) if configured() else as_local(metadata)

    return decide


def by_bearer_token(identify: Callable[[str], Identity]) -> Authenticate:
    """Return what takes a call for the owner of its bearer token (RFC 6750).

    :param identify: returns whose secret it is, or raises ``Unauthenticated``.
    """

    def authenticate(metadata: Metadata) -> Identity:
        return identify(_bearer_token(metadata))

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
