"""A console that answers over HTTP, and pages that stay open."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from browsing import Surfer
from syncline_client import Client
from syncline_console.http_server import HttpServer

PATIENCE = 60.0
"""Seconds after which something that should happen has not."""
Told = tuple[str, Any]
"""The kind of an event, and what it says."""


class Serving:
    """A console on a port of its own, on a thread."""

    def __init__(self, app: Starlette, client: Client) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{listener.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, log_level="error", lifespan="off", ws="none")
        self._server = HttpServer(config, app.state.hub, client.watches)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve(sockets=[listener]))
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop as a signal would; return when nothing runs any more."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise AssertionError("the console did not stop")


class OpenPage:
    """Events as a browser takes them (HTML standard, 9.2.6).

    :param answer: an answer whose body has not been read.
    """

    def __init__(self, answer: httpx.Response) -> None:
        self.headers = answer.headers
        self._lines = answer.iter_lines()

    def __iter__(self) -> Iterator[Told]:
        return self

    def __next__(self) -> Told:
        kind, data = "", []
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                kind = value
            elif field == "data":
                data.append(value)
            elif not line:
                return kind, json.loads("\n".join(data))
        raise StopIteration

    def until(self, enough: Callable[[Told], bool]) -> list[Told]:
        """Return what is told, up to the first event that is enough."""
        found = []
        for each in self:
            found.append(each)
            if enough(each):
                return found
        raise AssertionError(f"ended before: {found}")


@contextmanager
def open_page(surfer: Surfer, address: str, path: str, shows: str) -> Iterator[OpenPage]:
    """Yield what the event stream of a connection's page tells.

    :param surfer: whose page it is.
    :param path: of the connection's pages.
    :param shows: ids of live parts, with commas between.
    """
    with httpx.stream(
        "GET",
        f"{address}{path}/live",
        params={"shows": shows},
        cookies=surfer.cookies,
        timeout=PATIENCE,
        trust_env=False,
    ) as answer:
        yield OpenPage(answer)
