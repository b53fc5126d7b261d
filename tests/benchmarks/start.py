"""How soon a server answers after its process was started, its database being in place."""

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

import grpc
from figures import Figure
from grpc_health.v1 import health_pb2, health_pb2_grpc
from lab import Lab
from sizes import Sizes

from local_stack import PATIENCE, LocalStack

_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 20),
)


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the seconds until health says SERVING."""
    stack = lab.stack()
    try:
        _seconds_to_start(stack)  # makes the database
        took = [_seconds_to_start(stack) for _ in range(sizes.starts)]
    finally:
        stack.close()
    yield Figure(
        name="server ready after its start",
        measured=median(took),
        goal=1.5,
        unit="s",
        told=f"{min(took):.2f} to {max(took):.2f} s",
    )


def _seconds_to_start(stack: LocalStack) -> float:
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "syncline_server", "serve"],
        env=dict(stack.environment_of("server")),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_serving(str(stack.settings.server))
        return time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_until_serving(address: str) -> None:
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest()
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            answer = health.Check(request, timeout=PATIENCE, wait_for_ready=True)
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return
            time.sleep(0.01)
    raise AssertionError("the server was never ready")
