"""Streams of a hub, and whoever reads them."""

import threading
from collections.abc import Callable

from google.protobuf.message import Message

from syncline.v1 import run_pb2
from syncline_server.core.names import Connection
from syncline_server.rpc.watchers import Sight
from syncline_server.rpc.watching import Hub, Subject

ACME = Connection("acme", "xero")
LONG = 30.0


class Context:
    """A call's context, as far as the hub uses it."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self.cancelled = threading.Event()

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Keep what is called at the end."""
        self.callbacks.append(callback)
        return True

    def is_active(self) -> bool:
        """Return whether the call still goes on."""
        return not self.cancelled.is_set()

    def cancel(self) -> bool:
        """End the call."""
        self.cancelled.set()
        for callback in self.callbacks:
            callback()
        return True


def sight(number: int, *, last: bool = False) -> Sight:
    """Return what a look found: a number."""
    message = run_pb2.WatchRunResponse(run=run_pb2.Run(attempt=number))
    return Sight(message=message, mark=str(number).encode(), last=last)


class Reader:
    """Somebody who reads a stream, until told to stop."""

    def __init__(self) -> None:
        self.received: list[int] = []
        self.ended: list[Exception | None] = []
        self.reads = threading.Event()
        self.reads.set()
        self.got = threading.Semaphore(0)

    def send(self, message: Message | Exception | None) -> None:
        """Take a message; blocks while this reader does not read."""
        if not isinstance(message, run_pb2.WatchRunResponse):
            self.ended.append(message if isinstance(message, Exception) else None)
            self.got.release()
        elif self.reads.is_set():
            self.received.append(message.run.attempt)
            self.got.release()
        else:
            self.got.release()  # it has come, and is not read
            self.reads.wait(LONG)
            self.received.append(message.run.attempt)


def follow(hub: Hub, look: Callable[[], Sight], reader: Reader) -> Context:
    """Open a stream."""
    context = Context()
    hub.follow(Subject(key=ACME, look=look), context, reader.send)  # type: ignore[arg-type]  # a stand-in
    return context
