"""A crowd that triggers one scope at once: threads here, and processes of their own."""

import multiprocessing
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from secrets import token_hex

from bench import Bench
from clockwork import Clockwork
from databases import opened
from scripted_modules import installed, module
from syncline_server.core.errors import Refusal
from syncline_server.core.names import Connection, Scope
from syncline_server.services.chain import Chain
from syncline_server.services.syncs import Syncs, TriggerRequest
from syncline_server.storage.database import Database

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
SCOPE = Scope(Connection("acme", "books"), "contacts")
_PATIENCE = 60


def prepared(url: str) -> None:
    """Connect a workspace and turn contacts on."""
    database = opened(url)
    bench = Bench(database, installed(module("contacts")), Clockwork(NOON))
    bench.connect()
    bench.switch(contacts=True)
    database.close()


def outcomes_of_threads(
    url: str, threads: int, request_id: str = "", wait: threading.Barrier | None = None
) -> "Counter[str]":
    """Trigger once per thread, all at once; count accepted run ids and reasons of refusals."""
    database = opened(url)
    gate = threading.Barrier(threads)
    if wait:
        wait.wait(_PATIENCE)

    def one(_number: int) -> str:
        gate.wait(_PATIENCE)
        return _outcome(database, request_id)

    with ThreadPoolExecutor(threads) as pool:
        found = Counter(pool.map(one, range(threads)))
    database.close()
    return found


def outcomes_of_processes(
    url: str, processes: int, threads: int, request_id: str = ""
) -> "Counter[str]":
    """Do the same in several processes that were spawned for it, all at once."""
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(processes), context.Queue()
    crowd = [
        context.Process(target=_process, args=(url, threads, request_id, gate, answers))
        for _ in range(processes)
    ]
    for each in crowd:
        each.start()
    found: Counter[str] = sum((answers.get(timeout=_PATIENCE) for _ in crowd), Counter())
    for each in crowd:
        each.join(_PATIENCE)
    answers.close()
    answers.join_thread()
    return found


def _process(url: str, threads: int, request_id: str, gate: object, answers: object) -> None:
    found = outcomes_of_threads(url, threads, request_id, gate)  # type: ignore[arg-type]
    answers.put(found)  # type: ignore[attr-defined]  # a queue of the spawned kind


def _outcome(database: Database, request_id: str) -> str:
    chain = Chain(database, installed(module("contacts")), lambda: NOON, {})
    syncs = Syncs(
        database=database,
        chain=chain,
        clock=lambda: NOON,
        make_id=lambda: token_hex(13),
        accepted=lambda _run, _end: None,
        notify=lambda _notice: None,
    )
    request = TriggerRequest(scope=SCOPE, options={}, caller="crowd", request_id=request_id)
    try:
        return syncs.trigger(request).id
    except Refusal as refusal:
        return refusal.reason.value
