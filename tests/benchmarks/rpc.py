"""GetConnection, with credentials and access log, beside a bare echo of the same process layout.

Server and client are processes of their own, each kept to one core where the machine has two; the
two servers are measured in turn. Calls a second are told, and the server's processor time per call,
which a busy machine disturbs less.
"""

import logging
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from typing import Any

import grpc
from figures import Figure, middle_ratio
from lab import Lab
from processes import apart, cpu_seconds, keep_to_core
from sizes import Sizes

_CALLERS = 8
_THREADS = 16
_NEVER_REACHED = 10_000_000
"""Calls a minute: they are counted, and none is refused."""
_NAME = b"workspaces/acme/connections/ledger"
_REQUEST = bytes([0x0A, len(_NAME)]) + _NAME
_GET_CONNECTION = "/syncline.v1.IntegrationService/GetConnection"
_ECHO = "/bench.Echo/Echo"

Measured = tuple[float, float]
"""Calls a second, and microseconds of the server's processor time per call."""


def measure(_lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield throughput, and processor time, of the echo and the real thing."""
    pairs = apart(_rounds, sizes)  # this process stays free to run on any core
    (calls, used), (echo_calls, echo_used) = (
        [median(values) for values in zip(*side, strict=True)] for side in zip(*pairs, strict=True)
    )
    yield Figure(
        name="GetConnection ÷ bare Python echo, calls a second",
        measured=middle_ratio((real[0], echo[0]) for real, echo in pairs),
        goal=0.5,
        at_least=True,
        told=f"{calls:.0f} ÷ {echo_calls:.0f} a second",
    )
    yield Figure(
        name="bare Python echo ÷ GetConnection, CPU per call",
        measured=middle_ratio((echo[1], real[1]) for real, echo in pairs),
        goal=0.5,
        at_least=True,
        told=f"{echo_used:.0f} ÷ {used:.0f} µs",
    )


def serve_echo(pipe: Pipe) -> None:
    """Serve a method that returns what it gets, until told to stop."""
    keep_to_core(0)
    handler: Any = grpc.unary_unary_rpc_method_handler(lambda request, _context: request)
    server = grpc.server(ThreadPoolExecutor(_THREADS))
    server.add_registered_method_handlers("bench.Echo", {"Echo": handler})
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    pipe.send((port, ""))
    pipe.recv()
    server.stop(None).wait()


def serve_connections(pipe: Pipe) -> None:
    """Serve the real thing over SQLite; its log lines are rendered and written to nowhere."""
    keep_to_core(0)
    from databases import SqliteTemplate, opened  # noqa: PLC0415 - the echo needs none of it
    from syncline_server.config import LogFormat  # noqa: PLC0415 - likewise
    from syncline_server.core.access import Role  # noqa: PLC0415 - likewise
    from syncline_server.logs import configure_logs  # noqa: PLC0415 - likewise
    from syncline_server.rpc.throttling import Buckets, CallRate, allowance  # noqa: PLC0415 - likewise
    from wiring import Wired, Wishes, served  # noqa: PLC0415 - likewise

    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process
    configure_logs(LogFormat.JSON, "info")
    logging.captureWarnings(capture=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        database = opened(SqliteTemplate(path).url(path))
        throttle = CallRate(Buckets(allowance(_NEVER_REACHED), time.monotonic))
        wired = Wired(database, Wishes(with_tokens=True, threads=_THREADS, throttle=throttle))
        wired.connect()
        with served(wired) as running:
            pipe.send((running.port, wired.token(Role.VIEWER, "acme")))
            pipe.recv()
        database.close()


def _rounds(sizes: Sizes) -> list[tuple[Measured, Measured]]:
    keep_to_core(1)
    return [
        (
            _measured(serve_connections, _GET_CONNECTION, sizes.call_seconds),
            _measured(serve_echo, _ECHO, sizes.call_seconds),
        )
        for _ in range(sizes.rounds)
    ]


def _measured(serve: Callable[[Pipe], None], method: str, seconds: float) -> Measured:
    context = multiprocessing.get_context("spawn")  # no fork after gRPC has started
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    theirs.close()  # so that its end is noticed, should it not come up
    port, token = ours.recv()
    try:
        before = cpu_seconds(process.pid or 0)
        calls = _load(port, method, token, seconds)
        return calls / seconds, (cpu_seconds(process.pid or 0) - before) / calls * 1e6
    finally:
        ours.send("stop")
        process.join()


def _load(port: int, method: str, token: str, seconds: float) -> int:
    """Call as fast as several callers can; return how many calls were answered."""
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with (
        grpc.insecure_channel(
            f"127.0.0.1:{port}", options=(("grpc.enable_http_proxy", 0),)
        ) as channel,
        ThreadPoolExecutor(_CALLERS) as callers,
    ):
        call: Any = channel.unary_unary(method)
        call(_REQUEST, metadata=metadata, wait_for_ready=True)
        together = threading.Barrier(_CALLERS)

        def count(_caller: int) -> int:
            together.wait()
            end, calls = time.perf_counter() + seconds, 0
            while time.perf_counter() < end:
                call(_REQUEST, metadata=metadata)
                calls += 1
            return calls

        return sum(callers.map(count, range(_CALLERS)))
