"""Handlers with everything around them, called without a network."""

from collections.abc import Callable
from typing import Any

import grpc

from syncline.v1 import run_pb2
from syncline_server.core.access import Identity
from syncline_server.core.errors import Reason, Unauthenticated
from syncline_server.rpc.identity import LOCAL, Arrival, as_local
from syncline_server.rpc.interceptors import CallInterceptor, Surroundings

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
    surroundings = Surroundings(**{"authenticate_again": given["authenticate"], **given})
    interceptor = CallInterceptor(surroundings)
    return interceptor.intercept_service(lambda _details: handler, Details(method))  # type: ignore[arg-type]  # a stand-in


class Door:
    """Lets calls in until it is closed."""

    def __init__(self) -> None:
        self.closed_by: Exception | None = None
        self.caller = LOCAL

    def __call__(self, _arrived: Arrival) -> Identity:
        """Return the caller."""
        if self.closed_by is not None:
            raise self.closed_by
        return self.caller


def invalid() -> Unauthenticated:
    """Return the refusal of credentials that are no more."""
    return Unauthenticated(Reason.CREDENTIALS_INVALID, "No.")
