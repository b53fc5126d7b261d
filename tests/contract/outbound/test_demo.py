"""What the demo sends to the server it asks how it is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from syncline_demo.config import Address
from syncline_demo.stack.programs import serves


class Well(health_pb2_grpc.HealthServicer):
    """Is well, and keeps what it was sent."""

    def __init__(self) -> None:
        self.heard: list[str | bytes | None] = []

    def Check(  # noqa: N802 - the generated name
        self, _request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """Answer."""
        self.heard.append(dict(context.invocation_metadata()).get("authorization"))
        serving = health_pb2.HealthCheckResponse.SERVING
        return health_pb2.HealthCheckResponse(status=serving)


@pytest.fixture
def well() -> Well:
    """Who is asked."""
    return Well()


@pytest.fixture
def port(well: Well) -> Iterator[int]:
    """Where it listens, in plaintext."""
    server = grpc.server(ThreadPoolExecutor(1))
    health_pb2_grpc.add_HealthServicer_to_server(well, server)
    chosen = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield chosen
    server.stop(None).wait()


@pytest.mark.parametrize(
    ("host", "sent"),
    [("127.0.0.1", "Bearer planted"), ("0.0.0.0", None)],  # noqa: S104 - a parameter of the test
)
def test_token_is_sent_where_nobody_reads_it(
    well: Well, port: int, host: str, sent: str | None
) -> None:
    """To an address that might be another machine's goes the question without the token."""
    assert serves(Address(variable="", host=host, port=port), token="planted")
    assert well.heard == [sent]


def test_who_does_not_answer_does_not_serve() -> None:
    """Nothing listens there."""
    assert not serves(Address(variable="", host="127.0.0.1", port=1))
