from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
import structlog

from surrounded import GET, REQUEST, WATCH, AbortedError, Context, Door, invalid, wrapped
from syncline_server.core.errors import NotFound
from syncline_server.rpc.identity import caller
from syncline_server.rpc.interceptors import is_non_blocking, non_blocking


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


def test_guarded_health_is_for_callers() -> None:
    """Where health is for callers, a call without credentials is refused, others are let in."""
    door = Door()
    handler = grpc.unary_unary_rpc_method_handler(lambda _request, _context: "well")
    method = "/grpc.health.v1.Health/Check"
    check = wrapped(method, handler, authenticate=door, unguarded=()).unary_unary

    assert check(REQUEST, Context()) == "well"
    door.closed_by, context = invalid(), Context()
    with pytest.raises(AbortedError):
        check(REQUEST, context)
    assert context.code is grpc.StatusCode.UNAUTHENTICATED


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


def test_conversation_is_no_guess_once_it_has_begun() -> None:
    """Questions are asked at the door for those who are in."""
    outside, inside = Door(), Door()
    method = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    handler = grpc.stream_stream_rpc_method_handler(lambda questions, _context: questions)
    converse = wrapped(
        method, handler, authenticate=outside, authenticate_again=inside, unguarded=()
    ).stream_stream

    answers = converse(iter([REQUEST, REQUEST]), Context())
    assert next(answers) is REQUEST
    outside.closed_by = invalid()
    assert next(answers) is REQUEST
    inside.closed_by = invalid()
    with pytest.raises(AbortedError):
        next(converse(iter([REQUEST]), Context()))
