"""What somebody without credentials can do to a server by bending HTTP/2, and what it comes to."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import cast

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from h2.events import ConnectionTerminated, ResponseReceived, StreamReset, TrailersReceived

from databases import SqliteTemplate
from raw_http2 import (
    GET_CONNECTION,
    HEALTH_WATCH,
    REFLECTION,
    WATCH_CONNECTION,
    RawConnection,
    framed,
)
from syncline.v1 import integration_pb2 as pb
from syncline_server.rpc.intake import Room
from syncline_server.rpc.server import Limits
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

NAME = "workspaces/acme/connections/ledger"
GET = pb.GetConnectionRequest(name=NAME).SerializeToString()
Start = Callable[..., Served]


@pytest.fixture
def database_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """One kind of database is enough: none of it gets that far."""
    return sqlite_template.url(tmp_path)


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Start a server of two threads with these limits."""
    with ExitStack() as running:

        def begin(room: Room | None = None, **limits: object) -> Served:
            given = Limits(**limits)  # type: ignore[arg-type]  # by name
            wishes = Wishes(threads=2, room=room or Room(), limits=given)
            return running.enter_context(served(Wired(database, wishes)))

        yield begin


def assert_answers(server: Served) -> None:
    """Check that an honest caller gets an answer, and not after a long time."""
    with server.client() as client:
        found = client.integrations.GetConnection(pb.GetConnectionRequest(name=NAME), timeout=60)
    assert found.connection.name == NAME


def ending(raw: RawConnection) -> dict[str, str]:
    """Return how the next call ends."""
    while events := raw.read():
        for event in events:
            if isinstance(event, ResponseReceived | TrailersReceived):
                fields = cast("dict[str, str]", dict(event.headers or ()))
                if "grpc-status" in fields:
                    return fields
    raise AssertionError("closed without an end")


def refused_limit(failed: grpc.RpcError) -> str:
    """Return which limit of the server a call met."""
    assert failed.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    (found,) = (
        entry.value for entry in failed.trailing_metadata() if entry.key[-11:] == "details-bin"
    )
    status = status_pb2.Status.FromString(found)
    info, later = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(later)
    assert (info.reason, later.retry_delay.seconds) == ("CONCURRENCY_LIMITED", 1)
    return info.metadata["limit"]


def slowly(raw: RawConnection) -> int:
    """Begin a call whose request never comes to an end."""
    stream = raw.begin(GET_CONNECTION)
    raw.send(stream, framed(GET[:5], length=len(GET)))
    raw.flush()
    return stream


def test_slow_requests_hold_no_thread(start: Start) -> None:
    """Many more requests than threads may never end, and everybody else is answered."""
    server = start()
    with RawConnection(server.port) as raw:
        for _ in range(50):
            slowly(raw)

        assert_answers(server)


def test_slow_request_is_answered_once_it_is_complete(start: Start) -> None:
    """Slowness alone is no offence."""
    server = start()
    with RawConnection(server.port) as raw:
        stream = slowly(raw)
        assert_answers(server)
        raw.send(stream, GET[5:], end=True)
        raw.flush()

        assert ending(raw)["grpc-status"] == "0"


def test_oldest_request_makes_room(start: Start) -> None:
    """What waits to be complete is bounded: the oldest is given up for the newest."""
    server = start(room=Room(waiting=3))
    with RawConnection(server.port) as raw:
        streams = [slowly(raw) for _ in range(4)]
        event = cast("ResponseReceived", raw.read_until(ResponseReceived))

        assert event.stream_id == streams[0]
        assert dict(event.headers or ())["grpc-status"] == "8"  # RESOURCE_EXHAUSTED
        assert_answers(server)


def test_request_that_takes_too_long_is_given_up(start: Start) -> None:
    """Nobody keeps memory for ever by sending a request that never ends."""
    server = start(room=Room(patience=timedelta()))
    with RawConnection(server.port) as raw:
        slowly(raw)
        assert_answers(server)

        assert ending(raw)["grpc-status"] == "8"


@pytest.mark.parametrize("room", [Room(calls=0), Room(request_bytes=len(GET) - 1)])
def test_calls_beyond_the_backlog_are_refused_at_once(start: Start, room: Room) -> None:
    """Who comes while too much waits is told so with a reason and a time, and takes no memory."""
    server = start(room=room)
    with server.channel() as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary(GET_CONNECTION)(GET, timeout=60)

    assert refused_limit(failed.value) == "calls"


def test_backlog_is_worked_off(start: Start) -> None:
    """Calls that were handled count no more."""
    server = start(room=Room(calls=1, request_bytes=len(GET)))
    for _ in range(5):
        assert_answers(server)


def test_call_without_a_request_is_refused(start: Start) -> None:
    """Headers alone are no call."""
    server = start()
    with RawConnection(server.port) as raw:
        raw.send(raw.begin(GET_CONNECTION), b"", end=True)
        raw.flush()

        assert ending(raw)["grpc-status"] == "12"  # UNIMPLEMENTED, as gRPC has it
    assert_answers(server)


def test_request_that_cannot_be_read_is_refused(start: Start) -> None:
    """Bytes that are no message are told to be none."""
    server = start()
    with RawConnection(server.port) as raw:
        raw.call(GET_CONNECTION, b"\xff" * 100)
        raw.flush()

        assert ending(raw)["grpc-status"] == "3"  # INVALID_ARGUMENT
    assert_answers(server)


def test_open_reflection_holds_no_thread_of_the_calls(start: Start) -> None:
    """Streams of reflection that are kept open keep others from reflection, not from the API."""
    server = start()
    with RawConnection(server.port) as raw:
        for _ in range(50):
            raw.begin(REFLECTION)
        raw.flush()

        assert_answers(server)


def test_health_is_asked_and_not_watched(start: Start) -> None:
    """Nobody without credentials holds a stream, and nobody who does not read stops the checks."""
    server = start()
    server.wired.health.set("database", well=True)
    server.wired.health.set("engine", well=True)
    with RawConnection(server.port, window=0) as raw, server.channel() as channel:
        raw.call(HEALTH_WATCH, b"")
        raw.flush()
        assert ending(raw)["grpc-status"] == "12"  # UNIMPLEMENTED: clients take us for healthy

        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=60)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_announced_size_reserves_nothing(start: Start) -> None:
    """A prefix that promises four gigabytes is refused before anything of them is sent."""
    server = start()
    with RawConnection(server.port) as raw:
        raw.send(raw.begin(GET_CONNECTION), framed(b"x", length=2**32 - 1))
        raw.flush()

        assert ending(raw)["grpc-status"] == "8"
    assert_answers(server)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_size_counts_after_decompression(start: Start, compression: grpc.Compression) -> None:
    """Five megabytes are refused, however small they were on the way."""
    server = start()
    with server.channel() as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary(GET_CONNECTION)(bytes(5_000_000), timeout=60, compression=compression)

    assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert_answers(server)


def test_metadata_has_a_limit(start: Start) -> None:
    """More than 16 KiB beside a request is refused."""
    server = start()
    with server.channel() as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary(GET_CONNECTION)(GET, metadata=(("x-big", "v" * 17_000),), timeout=60)

    assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_pings_that_come_too_often_end_the_connection(start: Start) -> None:
    """A flood of pings is answered with goodbye."""
    server = start()
    with RawConnection(server.port) as raw:
        for _ in range(10):
            raw.ping()
        raw.flush()
        goodbye = cast("ConnectionTerminated", raw.read_until(ConnectionTerminated))

        assert goodbye.additional_data == b"too_many_pings"


def test_connection_whose_caller_is_frozen_is_closed(start: Start) -> None:
    """Who answers no ping is taken for gone, and long before gRPC would by itself."""
    server = start(keepalive=timedelta(milliseconds=300))
    with RawConnection(server.port) as raw:
        raw.socket.settimeout(30)  # gRPC would close after sixty seconds by itself
        while raw.socket.recv(65536):  # and nothing is answered
            pass


def test_streams_of_a_connection_are_bounded(start: Start) -> None:
    """A stream beyond those that were agreed on is reset."""
    server = start(streams_per_connection=5)
    with RawConnection(server.port) as raw:
        for _ in range(6):
            slowly(raw)

        assert raw.read_until(StreamReset)
    assert_answers(server)


def test_calls_given_up_at_once_hold_nobody_up(start: Start) -> None:
    """A thousand calls that are begun and reset leave threads and room to others."""
    server = start(room=Room(calls=100))
    with RawConnection(server.port) as raw:
        for _ in range(1000):
            raw.reset(raw.call(GET_CONNECTION, GET))
            raw.flush()

        assert_answers(server)


@pytest.mark.parametrize("sent", [b"", b"PRI * HTTP/2.0\r\n\r\nSM", b"\x16\x03\x01"])
def test_connection_that_says_nothing_is_closed(start: Start, sent: bytes) -> None:
    """Who connects has to say what they are, within seconds."""
    server = start(handshake=timedelta(milliseconds=200))
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sent)
        while connection.recv(1024):
            pass


def test_connection_ends_with_its_age(start: Start) -> None:
    """A stream cannot be held for ever; whoever comes back is answered by a new connection."""
    soon = timedelta(milliseconds=200)
    server = start(age=soon, age_grace=soon)
    with server.channel() as channel, pytest.raises(grpc.RpcError) as failed:
        for _ in channel.unary_stream(WATCH_CONNECTION)(GET, timeout=60):
            pass

    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert_answers(server)


def test_connection_without_calls_is_closed(start: Start) -> None:
    """Idle connections do not pile up."""
    server = start(idle=timedelta(milliseconds=200))
    with RawConnection(server.port) as raw:
        raw.read_until(ConnectionTerminated)
