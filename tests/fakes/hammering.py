"""Processes that call one organisation as hard as they can, each like a server of its own."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import httpx

from syncline_sdk import Limits, RunStopped
from syncline_server.app import Outside, load_catalogue
from syncline_server.app.access import Access, build_access
from syncline_server.config import read_config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.storage import connections
from syncline_server.storage.database import open_database


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one process is to do."""

    environ: Mapping[str, str]
    """Of the server it stands for; names the database."""
    workspace: str
    seconds: float
    """How long to go on, at most: it ends early when the connection does."""
    pulls: int = 2
    """How many threads call one time after the other, as a run that pulls does."""
    urgent: int = 1
    """How many threads make calls that somebody waits for."""
    urgent_pause: float = 0.0
    """Seconds between two of these."""
    limits: Limits | None = None
    """What to believe that Xero allows; None is what its plugin says."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long each call waited until it left, in seconds."""

    pulls: Sequence[float]
    urgent: Sequence[float]


class Departing(httpx.BaseTransport):
    """Notes when each thread's call leaves."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.noted = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note the time and make the call."""
        self.noted.left = time.perf_counter()
        return self._inner.handle_request(request)


@dataclass(kw_only=True)
class Hammer:
    """One process at its work."""

    access: Access
    row: ConnectionRow
    way: Departing
    end: float
    waits: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def is_over(self) -> bool:
        """Return whether the time is up."""
        return time.monotonic() >= self.end

    def go_on(self, pause: float, *, urgent: bool) -> None:
        """Call again and again."""
        try:
            with self.access.open_client(self.row, self.is_over, urgent=urgent) as http:
                while not self.is_over():
                    begun = time.perf_counter()
                    http.get("Organisation")
                    self.waits[urgent].append(self.way.noted.left - begun)
                    time.sleep(pause)
        except RunStopped:
            return


def hammer(order: Order) -> Waits:
    """Do what is ordered, in this process."""
    config = read_config(order.environ)
    database = open_database(config.database_url)
    way = Departing(Outside().transport)
    outside = Outside(transport=way)
    access = build_access(config, outside, database, _catalogue(order), lambda _notice: None)
    row = connections.get(database, Connection(order.workspace, "xero"))
    work = Hammer(access=access, row=row, way=way, end=time.monotonic() + order.seconds)
    _in_threads(
        *[lambda: work.go_on(0.0, urgent=False)] * order.pulls,
        *[lambda: work.go_on(order.urgent_pause, urgent=True)] * order.urgent,
    )
    database.close()
    return Waits(pulls=work.waits[False], urgent=work.waits[True])


def _catalogue(order: Order) -> Catalogue:
    found = load_catalogue(read_config(order.environ))
    if order.limits is None:
        return found
    xero = found.providers["xero"]
    limited = replace(xero, provider=replace(xero.provider, limits=order.limits))
    return Catalogue(providers={"xero": limited})


def _in_threads(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Hammers:
    """Processes at work at the same time, spawned: nothing is forked after gRPC has started.

    :param order: for each of them.
    """

    def __init__(self, order: Order, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._stack = ExitStack()
        pool = self._stack.enter_context(ProcessPoolExecutor(processes, mp_context=context))
        self._futures: list[Future[Waits]] = [pool.submit(hammer, order) for _ in range(processes)]

    def __enter__(self) -> Self:
        """Return them while they work."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait until they have ended."""
        self._stack.__exit__(kind, error, trace)

    def waits(self) -> Waits:
        """Return how long all their calls waited, when they have ended."""
        ended = [future.result() for future in self._futures]
        return Waits(
            pulls=[each for waits in ended for each in waits.pulls],
            urgent=[each for waits in ended for each in waits.urgent],
        )
