"""What idle watch streams cost a server."""

import time
from collections.abc import Iterator

import grpc
from figures import Figure
from lab import Lab
from processes import cpu_seconds, resident_bytes
from sizes import Sizes

from local_stack import LocalStack
from syncline.v1.integration_pb2 import WatchConnectionRequest
from syncline.v1.integration_pb2_grpc import IntegrationServiceStub

_KILOBYTE = 1000


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the memory of each stream and the share of a core all of them take."""
    with (
        lab.server() as stack,
        grpc.insecure_channel(
            str(stack.settings.server), options=(("grpc.enable_http_proxy", 0),)
        ) as channel,
    ):
        stub = IntegrationServiceStub(channel)
        server = stack.process_id("server")
        streams = [_opened(stub, "first")]  # what the first one makes, the others share
        before = resident_bytes(server)
        streams += [_opened(stub, f"shop{number}") for number in range(sizes.streams)]
        each = (resident_bytes(server) - before) / sizes.streams
        share = _share_of_a_core(stack, sizes.idle_seconds)
        for stream in streams:
            stream.cancel()
    yield Figure(
        name=f"memory of each of {sizes.streams} idle watch streams",
        measured=each / _KILOBYTE,
        goal=20,
        unit="kB",
    )
    yield Figure(
        name=f"share of a core {sizes.streams} idle watch streams take",
        measured=share * 100,
        goal=2,
        unit="%",
        told=f"over {sizes.idle_seconds:g} s",
    )


def _opened(stub: IntegrationServiceStub, workspace: str) -> grpc.Call:
    """Return a stream whose first message has arrived, so that it is idle now."""
    request = WatchConnectionRequest(name=f"workspaces/{workspace}/connections/xero")
    stream = stub.WatchConnection(request)
    next(stream)
    return stream


def _share_of_a_core(stack: LocalStack, seconds: float) -> float:
    server = stack.process_id("server")
    used, begin = cpu_seconds(server), time.perf_counter()
    time.sleep(seconds)
    return (cpu_seconds(server) - used) / (time.perf_counter() - begin)
