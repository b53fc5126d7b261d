"""Threads for calls that block."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException

from syncline_client import connect
from syncline_console.app import build_app
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


def test_returns_that_hang_leave_the_console_to_others(server: Any) -> None:
    """However many strangers come back from a consent while the server hangs."""
    over = threading.Event()

    async def story() -> None:
        begun, loop = asyncio.Event(), asyncio.get_running_loop()

        def complete(request: Any, **_how: object) -> Any:
            loop.call_soon_threadsafe(begun.set)
            over.wait(20)
            return server.complete(request)

        with connect("127.0.0.1:1") as nobody:
            transport = httpx.ASGITransport(app=build_app(nobody, complete, server.deliver))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                back = "/oauth/callback?state=s&code=c"
                hanging = [asyncio.create_task(http.get(back)) for _ in range(60)]
                await begun.wait()
                async with asyncio.timeout(15):
                    assert (await http.get("/healthz")).status_code == 200
                over.set()
                answers = await asyncio.gather(*hanging)
        assert {each.status_code for each in answers} <= {200, 503}
        assert len(server.asked) == sum(each.status_code == 200 for each in answers)

    try:
        asyncio.run(story())
    finally:
        over.set()
