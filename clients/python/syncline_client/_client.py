"""The channel, with one stub per service."""

from types import TracebackType
from typing import Self

import grpc

from syncline.v1 import (
    audit_pb2,
    audit_pb2_grpc,
    integration_pb2,
    integration_pb2_grpc,
    mapping_pb2,
    mapping_pb2_grpc,
    record_pb2,
    record_pb2_grpc,
    run_pb2,
    run_pb2_grpc,
    webhook_pb2,
    webhook_pb2_grpc,
    workspace_pb2,
    workspace_pb2_grpc,
)
from syncline_client._channel import InsecureToken, Tls, is_private, open_channel
from syncline_client._intercepting import CallInterceptor
from syncline_client._retrying import service_config
from syncline_client._watches import Watches

FILES = (
    audit_pb2,
    integration_pb2,
    mapping_pb2,
    record_pb2,
    run_pb2,
    webhook_pb2,
    workspace_pb2,
)
DEFAULT_TIMEOUT = 10.0
"""Seconds; every unary method answers from the server's own rows or one provider call."""


class Client:
    """The API, one generated stub per service; safe to share between threads.

    Every call raises :class:`syncline_client.SynclineError` when it fails. Use it as a context
    manager, or call :meth:`close`.

    :param channel: what calls go through; closed with the client.
    :param watches: what watches on an event loop; whoever uses it closes it there.
    """

    def __init__(self, channel: grpc.Channel, watches: Watches) -> None:
        self.channel = channel
        self.watches = watches
        self.integrations = integration_pb2_grpc.IntegrationServiceStub(channel)
        self.runs = run_pb2_grpc.RunServiceStub(channel)
        self.mappings = mapping_pb2_grpc.MappingServiceStub(channel)
        self.records = record_pb2_grpc.RecordServiceStub(channel)
        self.webhooks = webhook_pb2_grpc.WebhookServiceStub(channel)
        self.audit = audit_pb2_grpc.AuditServiceStub(channel)
        self.workspaces = workspace_pb2_grpc.WorkspaceServiceStub(channel)

    def close(self) -> None:
        """End all calls and the connection; harmless when repeated."""
        self.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    address: str,
    *,
    token: str | None = None,
    tls: Tls | bool = False,
    timeout: float = DEFAULT_TIMEOUT,
) -> Client:
    """Return a client for the server at this address; the connection is made with the first call.

    :param address: ``host:port``, or any other target gRPC knows.
    :param token: sent as bearer token with every call that brings none of its own.
    :param tls: whether to speak TLS, trusting the authorities this machine trusts; a :class:`Tls`
        says which others, and what to show a server that asks for a certificate.
    :param timeout: seconds a unary call may take, where a call does not say so itself.
    :raises InsecureToken: the token would leave this machine in plaintext; so does a call that
        brings a token of its own.
    """
    chosen = tls if isinstance(tls, Tls) else Tls() if tls else None
    private = is_private(address, chosen)
    if token is not None and not private:
        raise InsecureToken
    channel = open_channel(address, chosen, service_config(file.DESCRIPTOR for file in FILES))
    interceptor = CallInterceptor(token=token, timeout=timeout, private=private)
    watches = Watches(address, token=token, tls=chosen)
    return Client(grpc.intercept_channel(channel, interceptor), watches)
