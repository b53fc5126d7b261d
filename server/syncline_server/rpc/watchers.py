"""Those who watch: each an open stream, and what it was sent last."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from google.protobuf.message import Message

from syncline_server.rpc.interceptors import Send


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a look at something came to."""

    message: Message
    mark: bytes
    """Equal for two looks that found the same; nobody is sent the same twice in a row. Short: every
    open stream keeps one; see :func:`mark_of`."""
    last: bool = False
    """Whether it will never change again."""


def mark_of(message: Message) -> bytes:
    """Return a few bytes that differ where messages differ."""
    return blake2b(message.SerializeToString(deterministic=True), digest_size=16).digest()


class Sending:
    """The sending side of one open stream; tells whether its caller reads.

    :param send: sends a message or ends the stream; blocks while the caller does not read.
    :param cut: ends the stream without asking, from any thread.
    """

    def __init__(self, send: Send, cut: Callable[[], object]) -> None:
        self.cut = cut
        self.sending_since: float | None = None
        self._send = send

    def take(self, message: Message) -> None:
        """Send a message, for as long as it takes."""
        self.sending_since = time.monotonic()
        self._send(message)
        self.sending_since = None

    def end(self, error: Exception | None) -> None:
        """End the stream with what this error comes to; well without one."""
        self._send(error)

    def is_stuck(self, patience: timedelta) -> bool:
        """Return whether the caller has not read a message for this long."""
        since = self.sending_since
        return since is not None and time.monotonic() - since > patience.total_seconds()


class Watcher(Sending):
    """One open stream that watches. Keeps nothing but the newest state."""

    def __init__(self, send: Send, cut: Callable[[], object]) -> None:
        super().__init__(send, cut)
        self.caller = ""
        self._newest: Sight | None = None
        self._offered: bytes | None = None
        self._busy = False
        self._lock = threading.Lock()

    def offer(self, sight: Sight) -> bool:
        """Take a state; True when somebody has to call :meth:`drain` for it.

        What is the same as the one before is not taken.
        """
        with self._lock:
            if sight.mark == self._offered:
                return False
            self._offered, self._newest = sight.mark, sight
            first, self._busy = not self._busy, True
        return first

    def drain(self) -> None:
        """Send until nothing newer is left."""
        for sight in self._waiting():
            self._show(sight)

    def leave(self) -> None:
        """Take note that the call is over."""

    def _show(self, sight: Sight, /) -> None:
        self.take(sight.message)
        if sight.last:
            self.end(None)

    def _waiting(self) -> Iterator[Sight]:
        while True:
            with self._lock:
                sight, self._newest = self._newest, None
                self._busy = sight is not None
            if sight is None:
                return
            yield sight


class Reads:
    """Lets reads through until it is closed: whoever closes it may then close what is read."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._closed = False

    def through(self, read: Callable[[], Message | None]) -> Message | None:
        """Return what is read; None when nothing may be read any more."""
        with self._changed:
            if self._closed:
                return None
            self._under_way += 1
        try:
            return read()
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let nothing through any more, and wait for what is under way."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._under_way)


class Follower(Watcher):
    """One open stream that misses nothing: every state it is offered only says that there is news.

    :param read: returns what comes next, or None when there is no more for now; called by one
        thread at a time, as fast as the caller reads.
    """

    def __init__(
        self, send: Send, cut: Callable[[], object], read: Callable[[], Message | None]
    ) -> None:
        super().__init__(send, cut)
        self._read = read
        self._left = False

    def leave(self) -> None:
        """Read no further: nobody is there any more."""
        self._left = True

    def _show(self, _sight: Sight, /) -> None:
        try:
            while not self._left and (message := self._read()) is not None:
                self.take(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
            self.end(error)
