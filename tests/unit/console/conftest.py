"""A console whose server is a function."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from syncline.v1 import integration_pb2
from syncline_client import SynclineError
from syncline_console.app import build_app


@dataclass
class Server:
    """Stands in for the gRPC server: answers or raises what a test says, and remembers calls."""

    connection: integration_pb2.Connection = field(default_factory=integration_pb2.Connection)
    failure: SynclineError | None = None
    asked: list[integration_pb2.CompleteConnectionRequest] = field(default_factory=list)

    def complete(
        self, request: integration_pb2.CompleteConnectionRequest
    ) -> integration_pb2.CompleteConnectionResponse:
        """Answer as told."""
        self.asked.append(request)
        if self.failure:
            raise self.failure
        return integration_pb2.CompleteConnectionResponse(connection=self.connection)


@pytest.fixture
def server() -> Server:
    """A server that connects nothing yet."""
    return Server()


Visit = Callable[..., httpx.Response]


@pytest.fixture
def visit(server: Server) -> Visit:
    """Open an address of the console, as a browser would."""

    async def send(path: str, method: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=build_app(server.complete))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path)

    def visit(path: str, method: str = "GET") -> httpx.Response:
        return asyncio.run(send(path, method))

    return visit
