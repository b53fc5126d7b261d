from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import grpc
import pytest
import structlog

from surrounded import REQUEST, WATCH, AbortedError, Context, Door, invalid, wrapped
from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import (
    NotFound,
    Reason,
    Refusal,
    ResourceExhausted,
    Unavailable,
)
from syncline_server.rpc.interceptors import non_blocking
from syncline_server.rpc.open_streams import OpenStreams


class Watch:
    """An open stream, with what was sent on it."""

    def __init__(self, **more: Any) -> None:
        self.door = Door()
        self.streams = OpenStreams()
        self.context = Context()
        self.sent: list[Any] = []
        given = {"authenticate": self.door, "streams": self.streams, **more}
        handler = grpc.unary_stream_rpc_method_handler(self.behave)
        behaviour = wrapped(WATCH, handler, **given).unary_stream
        with structlog.testing.capture_logs():
            behaviour(REQUEST, self.context, self.sent.append)

    @property
    def behave(self) -> Any:
        """A behaviour that sends nothing of itself."""

        def watch(_request: Any, _context: Any, send: Any) -> None:
            """Keep what sends."""
            self.send = send

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


ELSEWHERE = Identity(subject="one", title="One", roles={"globex": Role.ADMIN})
LOWER = Identity(subject="one", title="One")


@pytest.mark.parametrize("left", [ELSEWHERE, LOWER], ids=["elsewhere", "nowhere"])
@pytest.mark.parametrize(
    "look",
    [lambda watch: watch.streams.look(), lambda watch: watch.send(REQUEST)],
    ids=["idle", "sending"],
)
def test_stream_ends_with_the_role(left: Identity, look: Callable[[Watch], None]) -> None:
    """Good credentials that have lost the workspace see nothing more of it."""
    watch = Watch()
    watch.send(REQUEST)
    watch.streams.look()
    assert watch.sent == [REQUEST]

    watch.door.caller = left
    look(watch)

    assert watch.sent == [REQUEST, None]
    assert watch.context.code is grpc.StatusCode.PERMISSION_DENIED


def test_open_stream_is_no_guess() -> None:
    """Those who are in are asked for at another door than those who arrive."""
    inside = Door()
    watch = Watch(authenticate_again=inside)
    watch.door.closed_by = ResourceExhausted(Reason.RATE_LIMITED, "No.", timedelta(seconds=1))

    watch.send(REQUEST)
    watch.streams.look()
    assert watch.sent == [REQUEST]

    inside.closed_by = invalid()
    watch.streams.look()
    assert watch.context.code is grpc.StatusCode.UNAUTHENTICATED


def ended_lines(behave: Any, **more: Any) -> tuple[list[str], Context]:
    """Return the codes of the lines that one stream leaves in the log, and its context."""
    context, sent = Context(), list[Any]()
    handler = grpc.unary_stream_rpc_method_handler(non_blocking(behave))
    stream = wrapped(WATCH, handler, **more).unary_stream
    with structlog.testing.capture_logs() as lines, suppress(AbortedError):
        stream(REQUEST, context, sent.append)
        context.at_the_end()
    return [line["code"] for line in lines if line["action"] == "rpc"], context


def test_stream_that_ended_is_not_ended_again() -> None:
    """What a handler raises after its stream has ended changes neither answer nor log."""

    def behave(_request: Any, _context: Any, send: Any) -> None:
        send(None)
        raise NotFound("workspaces/acme/runs/1")

    codes, context = ended_lines(behave)

    assert (codes, context.code) == (["OK"], None)


@pytest.mark.parametrize(
    ("raised", "code"), [(None, "OK"), (NotFound("workspaces/acme/runs/1"), "NOT_FOUND")]
)
def test_act_of_a_stream_ends_with_its_handler(raised: Exception | None, code: str) -> None:
    """An act is over before gRPC can tell, on its only serving thread, that the call is."""
    acts: list[str] = []

    def behave(_request: Any, context: Any, _send: Any) -> None:
        context.at_the_end()
        assert not acts
        if raised:
            raise raised

    codes, _ = ended_lines(behave, acts=lambda _call: lambda code, _reason: acts.append(code))

    assert acts == [code]
    assert codes == ["CANCELLED"]


@pytest.mark.parametrize("reason", [Reason.DATABASE_UNAVAILABLE, Reason.ISSUER_UNAVAILABLE])
def test_stream_outlives_what_cannot_be_asked(reason: Reason) -> None:
    """While the database or the issuer is away a stream goes on; nothing is known against it."""
    watch = Watch()

    watch.door.closed_by = Unavailable(reason, "Later.")
    with suppress(Unavailable):
        watch.streams.look()

    assert (watch.sent, len(watch.streams)) == ([], 1)


def test_database_that_is_away_is_asked_once() -> None:
    """Looking at many streams waits for the database once; what else one meets stops nobody."""
    asked: list[Reason] = []

    class Stream:
        def __init__(self, refusal: Refusal) -> None:
            self.refusal = refusal

        def look(self) -> None:
            """Find nobody to ask."""
            asked.append(self.refusal.reason)
            raise self.refusal

    def look(refusal: Refusal) -> None:
        streams = OpenStreams()
        for _ in range(3):
            streams.add(Stream(refusal))
        streams.look()

    look(Unavailable(Reason.ISSUER_UNAVAILABLE, "Later."))
    look(ResourceExhausted(Reason.RATE_LIMITED, "Later.", timedelta(seconds=1)))
    with pytest.raises(Unavailable):
        look(Unavailable(Reason.DATABASE_UNAVAILABLE, "Later."))

    others = [*[Reason.ISSUER_UNAVAILABLE] * 3, *[Reason.RATE_LIMITED] * 3]
    assert asked == [*others, Reason.DATABASE_UNAVAILABLE]


def test_stream_that_is_over_is_forgotten() -> None:
    """Nothing is kept of a caller that has left."""
    watch = Watch()

    watch.context.at_the_end()

    assert len(watch.streams) == 0
