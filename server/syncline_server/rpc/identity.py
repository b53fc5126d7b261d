"""Whose call this is: read from its metadata, known to whatever handles it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, cast

import grpc

from syncline_server.core.access import Credentials, Identity, Role
from syncline_server.core.errors import Reason, Unauthenticated

Metadata = Sequence[tuple[str, str | bytes]]
"""What a call brings beside its request."""
Transport = Mapping[str, Sequence[bytes]]
"""What gRPC knows of a connection, by property."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What is known of a call before its request is looked at."""

    metadata: Metadata = field(repr=False)  # has the credentials
    peer: str = ""
    """Where it comes from, as gRPC says it: ``ipv4:127.0.0.1:51230``."""
    transport: Callable[[], Transport] = dict
    """Returns what the connection is secured by, as ``grpc.ServicerContext.auth_context`` does."""

    @cached_property
    def certificate_names(self) -> tuple[str, ...]:
        """Names in the client certificate that was verified: its URIs, then its DNS names."""
        # Asked for once, while the call is surely there: a stream looks again and again.
        return tuple(_certificate_names(self.transport()))


Authenticate = Callable[[Arrival], Identity]
"""Returns whose call it is, or raises ``Unauthenticated``."""

LOCAL: Final = Identity(
    subject="local", title="local", everywhere=Role.SERVICE, credentials=Credentials.LOCAL
)
"""Who everybody is while no credentials are configured and only this machine is listened to."""

_KEY: Final = "authorization"
_SCHEME: Final = "bearer"
_caller: ContextVar[Identity] = ContextVar("caller")


def arrival(context: grpc.ServicerContext) -> Arrival:
    """Return what a call brings with it."""
    return Arrival(
        metadata=context.invocation_metadata(),
        peer=context.peer(),
        transport=cast(Callable[[], Transport], context.auth_context),  # the stubs lack the lists
    )


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


def by_credentials(
    by_bearer: Callable[[str], Identity], by_certificate: Callable[[Sequence[str]], Identity]
) -> Authenticate:
    """Return what takes a call for the owner of its bearer token (RFC 6750), or its certificate.

    A call that brings a token is judged by the token alone: a bad one is refused, whatever
    certificate it came with.

    :param by_bearer: returns whose token it is, or raises ``Unauthenticated``.
    :param by_certificate: returns whose a certificate with these names is, likewise.
    """

    def authenticate(arrived: Arrival) -> Identity:
        token = _bearer_token(arrived.metadata)
        if token is not None:
            return by_bearer(token)
        if arrived.certificate_names:
            return by_certificate(arrived.certificate_names)
        raise Unauthenticated(
            Reason.CREDENTIALS_MISSING, "Send an access token: authorization: Bearer <token>."
        )

    return authenticate


def enter(identity: Identity) -> None:
    """Make this the caller for the rest of the current call; gRPC runs each in its own context."""
    _caller.set(identity)


def caller() -> Identity:
    """Return who makes the current call.

    :raises LookupError: outside of a call.
    """
    return _caller.get()


def _bearer_token(metadata: Metadata) -> str | None:
    values = [value for key, value in metadata if key == _KEY]
    if not values:
        return None
    scheme, _, token = str(values[0]).partition(" ")
    if len(values) > 1 or scheme.lower() != _SCHEME or not token.strip():
        raise Unauthenticated(
            Reason.CREDENTIALS_INVALID, "The authorization must be one: Bearer <token>."
        )
    return token.strip()


def _certificate_names(transport: Transport) -> Iterator[str]:
    """Yield the names; a server asks for no certificate that it does not verify.

    gRPC sorts alternative names by their kind, so that an e-mail address that looks like a URI is
    none here. The common name is no name (RFC 9525, 2).
    """
    for uri in _texts(transport, "peer_uri"):
        if ":" in uri:
            yield uri
    for name in _texts(transport, "peer_dns"):
        if ":" not in name:
            yield name.lower()


def _texts(transport: Transport, key: str) -> Iterator[str]:
    for value in transport.get(key, ()):
        text = value.decode("ascii", "replace")
        if text.isprintable():
            yield text
