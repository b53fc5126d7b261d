"""Threads for calls that block: so many at once, and nobody waits for one for long."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

T = TypeVar("T")
FOR_PAGES: Final = 24
"""Of Starlette's forty, what people look at and do; the rest is for files and signing in."""
FOR_STRANGERS: Final = 8
"""Webhooks and returns from a consent: a server that hangs under them leaves pages theirs."""
_PATIENCE: Final = 5.0
_BUSY: Final = 503


class Threads:
    """Some threads; where all are held by a server that hangs, the next is told so soon.

    :param most: at once.
    """

    def __init__(self, most: int) -> None:
        self._places = asyncio.Semaphore(most)

    async def run(self, work: Callable[[], T], *, patience: float = _PATIENCE) -> T:
        """Return what a function comes to on a thread.

        :param patience: seconds to wait for a thread.
        :raises HTTPException: 503, there is none.
        """
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
        except TimeoutError:
            raise HTTPException(_BUSY, headers={"Retry-After": "5"}) from None
        try:
            return await run_in_threadpool(work)
        finally:
            self._places.release()
