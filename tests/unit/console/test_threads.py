"""Threads for calls that block."""

import asyncio
import threading

import pytest
from starlette.exceptions import HTTPException

from syncline_console.threads import Threads


def test_who_finds_no_thread_is_told_so_soon() -> None:
    """While calls hang, the next is not kept waiting; once they are over, it is served."""

    async def story() -> None:
        threads, begun, over = Threads(1), asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def hang() -> int:
            loop.call_soon_threadsafe(begun.set)
            over.wait(20)
            return 1

        hanging = asyncio.create_task(threads.run(hang))
        await begun.wait()
        with pytest.raises(HTTPException) as refused:
            await threads.run(lambda: 2, patience=0)
        assert refused.value.status_code == 503
        assert refused.value.headers == {"Retry-After": "5"}
        over.set()
        assert await hanging == 1
        assert await threads.run(lambda: 2) == 2

    asyncio.run(story())


def test_a_call_that_fails_gives_its_thread_back() -> None:
    """What it raises arrives, and the thread is free again."""

    async def story() -> None:
        threads = Threads(1)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await threads.run(lambda: 1 // 0, patience=0.5)

    asyncio.run(story())
