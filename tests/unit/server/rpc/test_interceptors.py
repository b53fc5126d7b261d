from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import grpc
import pytest
import structlog

from syncline.v1 import run_pb2
from syncline_server.core.access import Identity
from syncline_server.core.errors import NotFound, Reason, Unauthenticated, Unavailable
from syncline_server.rpc.identity import Arrival, as_local, caller
from syncline_server.rpc.interceptors import (
    CallInterceptor,
    Surroundings,
    is_non_blocking,
    non_blocking,
)
from syncline_server.rpc.open_streams import OpenStreams

GET, WATCH = "/syncline.v1.RunService/GetRun", "/syncline.v1.RunService/WatchRun"
REQUEST = run_pb2.GetRunRequest(name="workspaces/acme/runs/1")


class AbortedError(Exception):
    """What a context raises when a call is aborted."""


class Context:
    """A call's context, as far as the interceptor uses it."""

    def __init__(self) -> None:
        self.trailers: dict[str, Any] = {}
        self.code: grpc.StatusCode | None = None

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what the caller sent."""
        return (("x-request-id", "ticket"),)

    def peer(self) -> str:
        """Return where the call comes from."""
        return "ipv4:127.0.0.1:51230"

    def auth_context(self) -> dict[str, list[bytes]]:
        """Return what the connection is secured by: nothing."""
        return {}

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Keep what is to be called at the end."""
        self.at_the_end = callback
        return True

    def set_code(self, code: grpc.StatusCode) -> None:
        """End the call without an exception."""
        self.code = code

    def set_details(self, _message: str) -> None:
        """Forget the message."""

    def set_trailing_metadata(self, trailers: Any) -> None:
        """Keep the trailers."""
        self.trailers = dict(trailers)

    def time_remaining(self) -> float | None:
        """Return how long the caller waits: for ever."""
        return None

    def is_active(self) -> bool:
        """Return whether the caller is still there: it is."""
        return True

    def abort(self, code: grpc.StatusCode, _message: str) -> None:
        """End the call."""
        self.code = code
        raise AbortedError


class Details:
    """Names the method that is called."""

    invocation_metadata = ()

    def __init__(self, method: str) -> None:
        self.method = method


def wrapped(method: str, handler: Any, **more: Any) -> Any:
    """Return a handler with everything around it."""
    given = {"authenticate": as_local, "make_request_id": lambda: "made", **more}
    surroundings = Surroundings(**given)
    interceptor = CallInterceptor(surroundings)
    return interceptor.intercept_service(lambda _details: handler, Details(method))  # type: ignore[arg-type]  # a stand-in


def unary(behaviour: Callable[[Any, Any], Any], *, log_requests: bool = False) -> Any:
    """Return a unary behaviour with everything around it."""
    handler = grpc.unary_unary_rpc_method_handler(behaviour)
    return wrapped(GET, handler, log_requests=log_requests).unary_unary


def test_call_is_logged_in_one_line() -> None:
    """The line has method, code, time, workspace, caller and request id, and no request."""
    with structlog.testing.capture_logs() as lines:
        unary(lambda _request, _context: caller().subject)(REQUEST, Context())

    (line,) = lines
    assert line.pop("milliseconds") >= 0
    assert line == {
        "log_level": "info",
        "event": "call",
        "action": "rpc",
        "method": GET,
        "code": "OK",
        "reason": "",
        "workspace": "acme",
        "caller": "local",
        "request_id": "ticket",
    }


def test_refusal_is_logged_with_its_reason() -> None:
    """A refused call's line has code and reason, and no stack."""

    def refuse(_request: Any, _context: Any) -> None:
        raise NotFound("workspaces/acme/runs/1")

    context = Context()
    with structlog.testing.capture_logs() as lines, pytest.raises(AbortedError):
        unary(refuse)(REQUEST, context)

    assert [(line["code"], line["reason"]) for line in lines] == [
        ("NOT_FOUND", "RESOURCE_NOT_FOUND")
    ]
    assert context.code is grpc.StatusCode.NOT_FOUND
    assert context.trailers["x-request-id"] == "ticket"


def test_bug_is_logged_with_its_stack() -> None:
    """What the caller is not told is in the log, under the request id."""

    def fail(_request: Any, _context: Any) -> None:
        raise KeyError("planted")

    with structlog.testing.capture_logs() as lines, pytest.raises(AbortedError):
        unary(fail)(REQUEST, Context())

    crash, call = lines
    assert isinstance(crash["exc_info"], KeyError)
    assert crash["request_id"] == call["request_id"] == "ticket"
    assert call["code"] == "INTERNAL"


def test_requests_are_logged_only_when_asked_for() -> None:
    """With ``log_requests`` a line has the request, too."""
    with structlog.testing.capture_logs() as lines:
        unary(lambda _request, _context: None, log_requests=True)(REQUEST, Context())

    assert "workspaces/acme/runs/1" in lines[0]["request"]


def test_blocking_streams_are_surrounded_as_well() -> None:
    """A generator's messages pass, and what it raises ends the call as a refusal."""

    def stream(_request: Any, _context: Any) -> Iterator[int]:
        yield 1
        raise NotFound("workspaces/acme/runs/1")

    behaviour = wrapped(WATCH, grpc.unary_stream_rpc_method_handler(stream)).unary_stream
    received = []
    with structlog.testing.capture_logs() as lines, pytest.raises(AbortedError):
        received.extend(behaviour(REQUEST, Context()))
        received.extend(iter(behaviour(REQUEST, Context())))

    assert lines[0]["code"] == "NOT_FOUND"


def test_non_blocking_mark_survives() -> None:
    """GRPC sees the mark on what it is handed."""

    @non_blocking
    def watch(_request: Any, _context: Any, _send: Any) -> None:
        """Send nothing."""

    behaviour = wrapped(WATCH, grpc.unary_stream_rpc_method_handler(watch)).unary_stream

    assert is_non_blocking(behaviour)
    assert not is_non_blocking(unary(lambda _request, _context: None))


def test_health_and_reflection_are_let_through() -> None:
    """Other services' handlers come back as they are, and unknown methods as nothing."""
    handler = grpc.unary_unary_rpc_method_handler(lambda request, _context: request)

    assert wrapped("/grpc.health.v1.Health/Check", handler) is handler
    assert wrapped("/syncline.v1.RunService/Guess", None) is None


def test_method_without_a_rule_is_never_served() -> None:
    """A handler that nobody wrote a rule for is refused before it is called."""
    handler = grpc.unary_unary_rpc_method_handler(lambda request, _context: request)

    with pytest.raises(KeyError):
        wrapped("/syncline.v1.RunService/Forgotten", handler)


class Door:
    """Lets calls in until it is closed."""

    def __init__(self) -> None:
        self.closed_by: Exception | None = None

    def __call__(self, arrived: Arrival) -> Identity:
        """Return the local caller."""
        if self.closed_by is not None:
            raise self.closed_by
        return as_local(arrived)


def invalid() -> Unauthenticated:
    """Return the refusal of credentials that are no more."""
    return Unauthenticated(Reason.CREDENTIALS_INVALID, "No.")


class Watch:
    """An open stream, with what was sent on it."""

    def __init__(self, method: str = WATCH, **more: Any) -> None:
        self.door = Door()
        self.streams = OpenStreams()
        self.context = Context()
        self.sent: list[Any] = []
        given = {"authenticate": self.door, "streams": self.streams, **more}
        handler = grpc.unary_stream_rpc_method_handler(self.behave)
        behaviour = wrapped(method, handler, **given).unary_stream
        with structlog.testing.capture_logs():
            behaviour(REQUEST, self.context, self.sent.append)

    @property
    def behave(self) -> Any:
        """A behaviour that sends nothing of itself."""

        def watch(_request: Any, _context: Any, _send: Any) -> None:
            """Send nothing."""

        return non_blocking(watch)


def test_idle_stream_ends_with_its_credentials() -> None:
    """Looking at all streams ends those whose credentials are no more, and forgets them."""
    watch = Watch()
    watch.streams.look()
    assert (watch.sent, len(watch.streams)) == ([], 1)

    watch.door.closed_by = invalid()
    watch.streams.look()

    assert watch.sent == [None]
    assert watch.context.code is grpc.StatusCode.UNAUTHENTICATED
    assert len(watch.streams) == 0


@pytest.mark.parametrize("reason", [Reason.DATABASE_UNAVAILABLE, Reason.ISSUER_UNAVAILABLE])
def test_stream_outlives_what_cannot_be_asked(reason: Reason) -> None:
    """While the database or the issuer is away a stream goes on; nothing is known against it."""
    watch = Watch()

    watch.door.closed_by = Unavailable(reason, "Later.")
    with suppress(Unavailable):
        watch.streams.look()

    assert (watch.sent, len(watch.streams)) == ([], 1)


def test_database_that_is_away_is_asked_once() -> None:
    """Looking at many streams waits for the database once, and for an issuer not at all."""
    asked: list[Reason] = []

    class Stream:
        def __init__(self, reason: Reason) -> None:
            self.reason = reason

        def look(self) -> None:
            """Find nobody to ask."""
            asked.append(self.reason)
            raise Unavailable(self.reason, "Later.")

    def look(reason: Reason) -> None:
        streams = OpenStreams()
        for _ in range(3):
            streams.add(Stream(reason))
        streams.look()

    look(Reason.ISSUER_UNAVAILABLE)
    with pytest.raises(Unavailable):
        look(Reason.DATABASE_UNAVAILABLE)

    assert asked == [*[Reason.ISSUER_UNAVAILABLE] * 3, Reason.DATABASE_UNAVAILABLE]


def test_stream_that_is_over_is_forgotten() -> None:
    """Nothing is kept of a caller that has left."""
    watch = Watch()

    watch.context.at_the_end()

    assert len(watch.streams) == 0


@pytest.mark.parametrize("api", ["health.v1.Health/Check", "health.v1.Health/List"])
def test_guarded_health_is_for_callers(api: str) -> None:
    """Where health is for callers, a call without credentials is refused, others are let in."""
    door = Door()
    handler = grpc.unary_unary_rpc_method_handler(lambda _request, _context: "well")
    method = f"/grpc.{api}"
    check = wrapped(method, handler, authenticate=door, unguarded=()).unary_unary

    assert check(REQUEST, Context()) == "well"
    door.closed_by, context = invalid(), Context()
    with pytest.raises(AbortedError):
        check(REQUEST, context)
    assert context.code is grpc.StatusCode.UNAUTHENTICATED


def test_guarded_health_is_watched_by_callers() -> None:
    """A watch of health ends with its credentials, as every stream does."""
    watch = Watch("/grpc.health.v1.Health/Watch", unguarded=())

    watch.door.closed_by = invalid()
    watch.streams.look()

    assert watch.sent == [None]


def test_health_is_told_though_nobody_can_be_asked() -> None:
    """That the database is away is told to those who watch health, whoever they are by it."""
    told: list[Any] = []

    @non_blocking
    def behave(_request: Any, _context: Any, send: Any) -> None:
        """Keep what sends."""
        told.append(send)

    door, sent = Door(), []
    handler = grpc.unary_stream_rpc_method_handler(behave)
    method = "/grpc.health.v1.Health/Watch"
    watch = wrapped(method, handler, authenticate=door, unguarded=()).unary_stream
    watch(REQUEST, Context(), sent.append)
    door.closed_by = Unavailable(Reason.DATABASE_UNAVAILABLE, "Later.")

    told[0](REQUEST)

    assert sent == [REQUEST]


def test_guarded_reflection_asks_with_every_question() -> None:
    """Credentials that end in the middle of a conversation end it."""
    door = Door()

    def answer(questions: Iterator[Any], _context: Any) -> Iterator[Any]:
        yield from questions

    method = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    handler = grpc.stream_stream_rpc_method_handler(answer)
    converse = wrapped(method, handler, authenticate=door, unguarded=()).stream_stream

    context = Context()
    answers = converse(iter([REQUEST, REQUEST]), context)
    assert next(answers) is REQUEST
    door.closed_by = invalid()
    with pytest.raises(AbortedError):
        next(answers)
    assert context.code is grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(AbortedError):
        next(converse(iter([]), Context()))
