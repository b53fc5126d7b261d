"""Processes that were spawned to need one grant's access token, all at once, on many threads."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

from life import at
from shared_clock import SharedClock
from syncline_server import registry
from syncline_server.app.access import build_access
from syncline_server.app.outside import Outside
from syncline_server.config import read_config
from syncline_server.oauth.errors import OAuthError
from syncline_server.storage.database import open_database

_PATIENCE = 300.0

Ask = Callable[[str], list[str]]
"""Has everybody ask for a token at once, as a 401 for the one given (empty for none) makes them.
Returns what each got: a token, or the name of an error."""


@contextmanager
def crowd(environ: Mapping[str, str], processes: int, threads: int) -> Iterator[Ask]:
    """Yield what has so many processes ask, each on so many threads.

    :param environ: of a server whose workspace is connected.
    """
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(processes)
    with context.Pool(processes, _begin, (dict(environ), gate, threads)) as pool:

        def ask(stale: str) -> list[str]:
            # Each holds its process at the gate until all of them have one.
            got = pool.map_async(_ask, [stale] * processes, chunksize=1).get(_PATIENCE)
            return [each for one in got for each in one]

        yield ask


_world: dict[str, Any] = {}


def _begin(environ: Mapping[str, str], gate: Any, threads: int) -> None:
    config = read_config(environ)
    url = config.providers["xero"].base_url
    clock = SharedClock(url)
    database = open_database(config.database_url)
    outside = Outside(clock=clock, wait=time.sleep)
    access = build_access(config, outside, database, at(url, registry.load()), _nobody)
    (row,) = database.rows("SELECT grant_id FROM connections")
    _world.update(gate=gate, threads=threads, clock=clock, grants=access.grants, **row)


def _ask(stale: str) -> list[str]:
    _world["clock"].read()
    _world["gate"].wait(_PATIENCE)
    with ThreadPoolExecutor(_world["threads"]) as pool:
        return list(pool.map(lambda _: _one(stale), range(_world["threads"])))


def _one(stale: str) -> str:
    try:
        return str(_world["grants"].access_token(_world["grant_id"], stale or None))
    except OAuthError as error:
        return type(error).__name__


def _nobody(_notice: object) -> None:
    """Tell nobody."""


def advance(url: str, seconds: float) -> None:
    """Let time pass for the simulator and for who reads its clock."""
    with closing(SharedClock(url)) as clock:
        clock.wait(seconds)
