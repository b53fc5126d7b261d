"""An answer that goes on: events as they come, until somebody leaves or does not read."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from syncline_console.headers import PAGE_HEADERS

PATIENCE: Final = 20.0
"""Seconds a page may take to read what waits for it (64 KiB beside what the system holds)."""
_HEADERS: Final = {
    **PAGE_HEADERS,
    "X-Accel-Buffering": "no",  # nginx would gather events until its buffer is full
}


class EventStream(Response):
    """Server-sent events. What is not read is not gathered: such a page is cut off, and comes back.

    :param patience: seconds.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None], *, patience: float = PATIENCE) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._events = events
        self._patience = patience

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until they end, the page leaves, or it does not read."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _send(self, send: Send) -> None:
        async with aclosing(self._events) as events:
            async for each in events:
                try:
                    async with asyncio.timeout(self._patience):
                        await send({"type": "http.response.body", "body": each, "more_body": True})
                except TimeoutError:
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
