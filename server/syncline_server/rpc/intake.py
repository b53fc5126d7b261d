"""Threads for calls whose request has arrived.

gRPC for Python hands a call to a thread as soon as its headers are here, and the thread then waits
for the request (``_unary_request`` in grpc/_server.py). Whoever sends headers and no request holds
a thread for nothing, before anybody asked who they are: as many such calls as there are threads
stop a server. Here a call waits without a thread until its request is complete. What waits is
bounded: the oldest goes first, and requests of honest callers arrive within milliseconds.

This leans on gRPC's insides, so the package is held to the versions it was tried with; a contract
test shows that slow requests hold no thread.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from grpc import _server as grpc_server
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # its stubs leave it out

from syncline_server.core.errors import Reason, ResourceExhausted
from syncline_server.rpc import errors

_REQUEST: Final = "unary_request"
"""The name of what waits for a single request in gRPC; streams of requests are not ours."""
_LATER: Final = timedelta(seconds=1)

Tag = Callable[[Any], Any]
"""Takes an event of gRPC's completion queue."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """What may wait. A message in memory takes several times its size on the wire."""

    waiting: int = 256
    """How many calls may wait for their requests; each may hold one that is almost complete."""
    patience: timedelta = timedelta(seconds=30)
    """How long a request may take to arrive while others come."""
    calls: int = 4000
    """How many calls may wait for a thread."""
    request_bytes: int = 64 * 1024 * 1024
    """How much their requests may have together."""


class _Arrived:
    """Counts the calls that wait for a thread, and their requests."""

    def __init__(self) -> None:
        self._calls = 0
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, size: int, room: Room) -> bool:
        """Count a call; False when there is no room for it."""
        with self._lock:
            full = self._calls >= room.calls or self._bytes + size > room.request_bytes
            if not full:
                self._calls += 1
                self._bytes += size
        return not full

    def remove(self, size: int) -> None:
        """Count a call no more."""
        with self._lock:
            self._calls -= 1
            self._bytes -= size


class Intake(ThreadPoolExecutor):
    """The threads that handle calls. Everything but the handling happens on gRPC's serving thread.

    :param threads: how many calls are handled at once.
    """

    def __init__(self, threads: int, room: Room) -> None:
        super().__init__(threads, thread_name_prefix="rpc")
        self._room = room
        self._waiting: OrderedDict[Any, tuple[Any, float]] = OrderedDict()
        self._arrived = _Arrived()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Take a call; gRPC holds the lock of its state."""
        _, event, state, _, await_request, deserialize, _ = args
        if await_request.__name__ != _REQUEST:
            return super().submit(fn, *args, **kwargs)
        self._make_room()
        self._waiting[state] = (event, time.monotonic())
        complete = grpc_server._receive_message(state, event.call, deserialize)
        operation = cygrpc.ReceiveMessageOperation(0)
        event.call.start_server_batch((operation,), self._arrival(complete, fn, args))
        state.due.add(grpc_server._RECEIVE_MESSAGE_TOKEN)
        return Future()  # nobody counts calls by it

    def _arrival(self, complete: Tag, run: Callable[..., Any], args: tuple[Any, ...]) -> Tag:
        """Return what takes note that a request is here, or will never be."""
        work, event, state, behaviour, _, *coders = args

        def arrived(message: Any) -> Any:
            self._waiting.pop(state, None)
            outcome = complete(message)
            size = len(message.batch_operations[0].message() or b"")
            with state.condition:
                if not grpc_server._is_rpc_state_active(state):
                    return outcome
                if not self._arrived.add(size, self._room):
                    _refuse(event, state, "calls")
                    return outcome
            request = _Request(event, state, partial(self._arrived.remove, size))
            ThreadPoolExecutor.submit(self, run, work, event, state, behaviour, request, *coders)
            return outcome

        return arrived

    def _make_room(self) -> None:
        """End calls whose requests take too long, and the oldest where too many wait."""
        late = time.monotonic() - self._room.patience.total_seconds()
        while self._waiting:
            state, (event, since) = next(iter(self._waiting.items()))
            if len(self._waiting) < self._room.waiting and since > late:
                break
            del self._waiting[state]
            with state.condition:
                if grpc_server._is_rpc_state_active(state):
                    _refuse(event, state, "requests")


class _Request:
    """Gives out a request that has arrived."""

    __slots__ = ("_event", "_state", "_taken")

    def __init__(self, event: Any, state: Any, taken: Callable[[], None]) -> None:
        self._event = event
        self._state = state
        self._taken = taken

    def __call__(self) -> Any:
        self._taken()
        state = self._state
        with state.condition:
            if not grpc_server._is_rpc_state_active(state):
                return None  # the caller has left meanwhile
            if state.request is None:
                code = cygrpc.StatusCode.unimplemented
                grpc_server._abort(state, self._event.call, code, b"There is no request.")
                return None
            request, state.request = state.request, None
            return request


def _refuse(event: Any, state: Any, limit: str) -> None:
    """End a call that no handler has seen; its state's lock is held."""
    refusal = ResourceExhausted(
        Reason.CONCURRENCY_LIMITED,
        "The server has too much to do at once; call again in a moment.",
        _LATER,
        {"limit": limit},
    )
    found = errors.failure(refusal, "")
    state.trailing_metadata = (found.trailer,)
    code = cygrpc.StatusCode.resource_exhausted
    grpc_server._abort(state, event.call, code, found.message.encode())
