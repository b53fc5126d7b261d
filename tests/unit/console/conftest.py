"""A console whose server is a function."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from syncline.v1 import integration_pb2, webhook_pb2
from syncline_client import connect
from syncline_console.app import build_app


@dataclass
class Server:
    """Stands in for the gRPC server: answers or raises what a test says, and remembers calls."""

    connection: integration_pb2.Connection = field(default_factory=integration_pb2.Connection)
    failure: Exception | None = None
    asked: list[integration_pb2.CompleteConnectionRequest] = field(default_factory=list)
    spoken_for: list[tuple[tuple[str, str | bytes], ...]] = field(default_factory=list)
    told: list[webhook_pb2.DeliverWebhookRequest] = field(default_factory=list)

    def complete(
        self,
        request: integration_pb2.CompleteConnectionRequest,
        /,
        *,
        metadata: tuple[tuple[str, str | bytes], ...] = (),
        **_how: object,
    ) -> integration_pb2.CompleteConnectionResponse:
        """Answer as told."""
        self.spoken_for.append(metadata)
        self.asked.append(request)
        if self.failure:
            raise self.failure
        return integration_pb2.CompleteConnectionResponse(connection=self.connection)

    def deliver(
        self, request: webhook_pb2.DeliverWebhookRequest
    ) -> webhook_pb2.DeliverWebhookResponse:
        """Take what is told, or fail."""
        self.told.append(request)
        if self.failure:
            raise self.failure
        return webhook_pb2.DeliverWebhookResponse(stored_count=1)


@pytest.fixture
def server() -> Server:
    """A server that connects nothing yet."""
    return Server()


Visit = Callable[..., httpx.Response]


@pytest.fixture
def visit(server: Server) -> Visit:
    """Open an address of the console, as a browser would."""

    async def send(
        path: str,
        method: str,
        *,
        raises: bool = True,
        public_url: str = "http://localhost:8080",
        **sent: Any,
    ) -> httpx.Response:
        with connect("127.0.0.1:1") as nobody:
            app = build_app(nobody, server.complete, server.deliver, public_url=public_url)
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=raises)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                return await client.request(method, path, **sent)

    def visit(path: str, method: str = "GET", **sent: Any) -> httpx.Response:
        return asyncio.run(send(path, method, **sent))

    return visit
