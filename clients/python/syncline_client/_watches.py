"""Watch streams on an event loop: any number of them, and no thread for one that is idle."""

from collections.abc import AsyncGenerator
from typing import cast
from uuid import uuid4

import grpc

from syncline.v1.integration_pb2 import WatchConnectionRequest, WatchConnectionResponse
from syncline.v1.integration_pb2_grpc import IntegrationServiceStub
from syncline_client._channel import Tls, open_async_channel
from syncline_client._explaining import explain
from syncline_client._intercepting import AUTHORIZATION_KEY, REQUEST_ID_KEY

_Stream = grpc.aio.UnaryStreamCall[WatchConnectionRequest, WatchConnectionResponse]


class Watches:
    """What is watched over one connection to the server, made with the first watch.

    Use it on one event loop. A thread of a :class:`Client` blocks for each stream it reads; this
    holds hundreds for the price of their messages.

    :param token: sent as bearer token; None sends none.
    """

    def __init__(self, address: str, *, token: str | None, tls: Tls | None) -> None:
        self._address = address
        self._token = token
        self._tls = tls
        self._channel: grpc.aio.Channel | None = None

    async def connection(self, name: str) -> AsyncGenerator[WatchConnectionResponse, None]:
        """Yield how a connection stands, now and after each change, until the server ends it.

        Nothing is repeated here: come back after a pause when it ends or fails.

        :param name: ``workspaces/{workspace}/connections/{provider}``.
        :raises SynclineError: as any call does.
        """
        request_id = str(uuid4())
        metadata = [(REQUEST_ID_KEY, request_id)]
        if self._token is not None:
            metadata.append((AUTHORIZATION_KEY, f"Bearer {self._token}"))
        # The generated types know nothing of event loops; the code behind them serves both.
        stub = IntegrationServiceStub(cast("grpc.Channel", self._opened()))
        request = WatchConnectionRequest(name=name)
        stream = cast("_Stream", stub.WatchConnection(request, metadata=tuple(metadata)))
        try:
            async for answer in stream:
                yield answer
        except grpc.RpcError as failed:
            raise explain(failed, request_id) from failed
        finally:
            stream.cancel()

    async def close(self) -> None:
        """End all watches and the connection; harmless when repeated."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.close()

    def _opened(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = open_async_channel(self._address, self._tls)
        return self._channel
