"""A server's watch streams, written by a test."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from typing import Final

import grpc

from syncline.v1.integration_pb2 import Connection, Node, Organisation, WatchConnectionResponse
from syncline_client import SynclineError, Unavailable
from syncline_client.errors import Explanation

NAME: Final = "workspaces/acme/connections/xero"
END: Final = "end"
"""Ends a stream in order."""


class ScriptedWatch:
    """Sends what it is told to; what is to come is kept for the next stream."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        """Each stream there was, by the connection's name."""
        self.ended = 0
        self._told: defaultdict[str, asyncio.Queue[object]] = defaultdict(asyncio.Queue)

    def tell(self, *told: WatchConnectionResponse | Exception | str, name: str = NAME) -> None:
        """Have the streams of a connection send answers, fail, or end."""
        for each in told:
            self._told[name].put_nowait(each)

    async def __call__(self, name: str) -> AsyncGenerator[WatchConnectionResponse, None]:
        """Yield what is told."""
        self.opened.append(name)
        try:
            while True:
                told = await self._told[name].get()
                if isinstance(told, Exception):
                    raise told
                if not isinstance(told, WatchConnectionResponse):
                    return
                yield told
        finally:
            self.ended += 1


def connected(organisation: str, *modules: Node) -> WatchConnectionResponse:
    """Return how a connection stands that is connected to an organisation."""
    return WatchConnectionResponse(
        connection=Connection(
            name=NAME,
            provider="xero",
            state=Connection.STATE_CONNECTED,
            organisation=Organisation(id=organisation, display_name=organisation),
        ),
        modules=modules,
    )


def failing(
    kind: type[SynclineError] = Unavailable, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
) -> SynclineError:
    """Return an error as the client raises it."""
    return kind(Explanation(code=code, message="gone", reason="", metadata={}))


async def until(happened: Callable[[], bool]) -> None:
    """Let everybody go on until something has happened."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - it is not known who makes it happen
            await asyncio.sleep(0)  # lets the others go on
