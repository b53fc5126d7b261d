"""GetConnection, with credentials and access log, against a bare echo of the same process layout.

Run by hand: ``python tests/benchmarks/rpc_overhead.py``. Server and client are processes of their
own, each kept to one core where the machine has two; the two servers are measured in turn, several
rounds, and the medians are compared. Calls a second are told, and the server's processor time per
call, which a busy machine disturbs less.
"""

import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import grpc

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))

ROUNDS = 5
SECONDS = 3.0
CALLERS = 8
THREADS = 16
NAME = b"workspaces/acme/connections/ledger"
REQUEST = bytes([0x0A, len(NAME)]) + NAME
GET_CONNECTION = "/syncline.v1.IntegrationService/GetConnection"
ECHO = "/bench.Echo/Echo"
CPU = "cpu"


def serve_echo(pipe: Pipe) -> None:
    """Serve a method that returns what it gets."""
    pin(0)
    handler = grpc.unary_unary_rpc_method_handler(lambda request, _context: request)
    server = grpc.server(ThreadPoolExecutor(THREADS))
    generic = grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler})
    server.add_generic_rpc_handlers((generic,))
    server.add_registered_method_handlers("bench.Echo", {"Echo": handler})
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    pipe.send((port, ""))
    answer(pipe)
    server.stop(None).wait()


def serve_connections(pipe: Pipe) -> None:
    """Serve the real thing over SQLite; its log lines are rendered and written to nowhere."""
    pin(0)
    from databases import SqliteTemplate, opened  # noqa: PLC0415 - the echo needs none of it
    from syncline_server.config import LogFormat  # noqa: PLC0415
    from syncline_server.core.access import Role  # noqa: PLC0415
    from syncline_server.logs import configure_logs  # noqa: PLC0415
    from wiring import Wired, Wishes, served  # noqa: PLC0415

    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process
    configure_logs(LogFormat.JSON, "info")
    logging.captureWarnings(capture=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        database = opened(SqliteTemplate(path).url(path))
        wired = Wired(database, Wishes(with_tokens=True, threads=THREADS))
        wired.connect()
        with served(wired) as running:
            pipe.send((running.port, wired.token(Role.VIEWER, "acme")))
            answer(pipe)
        database.close()


def answer(pipe: Pipe) -> None:
    """Tell how much processor time was used, as often as asked, until told to stop."""
    while pipe.recv() == CPU:
        pipe.send(time.process_time())


def pin(core: int) -> None:
    """Keep this process to one core, where there are two."""
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def load(port: int, method: str, token: str) -> int:
    """Call as fast as several callers can; return how many calls were answered."""
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    counts = [0] * CALLERS
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = channel.unary_unary(method)
        call(REQUEST, metadata=metadata, wait_for_ready=True)
        end = time.perf_counter() + SECONDS

        def run(index: int) -> None:
            while time.perf_counter() < end:
                call(REQUEST, metadata=metadata)
                counts[index] += 1

        threads = [threading.Thread(target=run, args=(index,)) for index in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(counts)


def measured(serve: Callable[[Pipe], None], method: str) -> tuple[float, float]:
    """Start a server, load it once and stop it; return calls a second and µs of CPU per call."""
    context = multiprocessing.get_context("spawn")  # no fork after grpc has started
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    port, token = ours.recv()
    try:
        before = asked(ours)
        calls = load(port, method, token)
        return calls / SECONDS, (asked(ours) - before) / calls * 1e6
    finally:
        ours.send("stop")
        process.join()


def asked(pipe: Pipe) -> float:
    """Ask a server how much processor time it has used."""
    pipe.send(CPU)
    used: float = pipe.recv()
    return used


def main() -> None:
    """Measure and print."""
    pin(1)
    rounds = [
        (measured(serve_echo, ECHO), measured(serve_connections, GET_CONNECTION))
        for _ in range(ROUNDS)
    ]
    for name, index in (("bare echo", 0), ("GetConnection", 1)):
        calls = statistics.median(each[index][0] for each in rounds)
        used = statistics.median(each[index][1] for each in rounds)
        print(f"{name:14}{calls:8.0f} calls/s{used:8.0f} µs CPU a call")  # noqa: T201 - its answer
    throughput = statistics.median(real[0] / echo[0] for echo, real in rounds)
    cpu = statistics.median(echo[1] / real[1] for echo, real in rounds)
    print(f"ratio {throughput:.2f} of calls, {cpu:.2f} of CPU (goal: at least 0.5)")  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
