"""Following things that change: one hub for all watch streams, holding no thread for an idle one.

A notice only says "look again". The hub reads what is watched, once for all its watchers, and hands
each the newest state; what a slow reader has not taken is replaced by what is newer. A follower is
told the same way that there is news, and then reads it itself, all of it, as fast as it is taken.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import grpc
import structlog
from google.protobuf.message import Message

from syncline_server.core.errors import Reason, Unavailable
from syncline_server.core.notices import (
    AnythingChanged,
    ConnectionChanged,
    Notice,
    Notify,
    WorkspaceChanged,
)
from syncline_server.rpc import identity
from syncline_server.rpc.interceptors import Send
from syncline_server.rpc.lanes import Lanes
from syncline_server.rpc.seats import Seats
from syncline_server.rpc.watchers import Follower, Reads, Sending, Sight, Watcher

_READERS: Final = 2
_SENDERS: Final = 8
_FEEDERS: Final = 8
_SHARE: Final = 2
"""How many of either one caller may hold."""
_COALESCED: Final = timedelta(milliseconds=100)
_PATIENCE: Final = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is watched."""

    key: Hashable
    """The connection, or the workspace and id of a run: never shared between workspaces."""
    look: Callable[[], Sight]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the hub works."""

    interval: timedelta | None = None
    """How often to look without a notice, where other processes change things; None is never."""
    coalesced: timedelta = _COALESCED
    """How long changes are gathered before one look is taken at all of them."""
    patience: timedelta = _PATIENCE
    """How long a caller may take to read one message before its stream is cut off."""


@dataclass(eq=False)
class _Topic:
    """One subject with everybody who watches it."""

    subject: Subject
    watchers: set[Watcher] = field(default_factory=set)
    looking: threading.Lock = field(default_factory=threading.Lock)
    """Held from a look until it is handed out, so that nobody gets an older state after a newer."""


class Hub:
    """Takes notices, looks, and tells whoever watches.

    Use ``publish`` as ``notify``; :meth:`start` it before the server, :meth:`stop` it when the
    server begins to stop, which ends every stream, and :meth:`join` it when it has.

    :param tell_others: tells a notice to the other processes.
    :param seats: how many streams may be open; as many as there come when None.
    """

    def __init__(
        self, pace: Pace, tell_others: Notify = lambda _notice: None, seats: Seats | None = None
    ) -> None:
        self._pace = pace
        self._seats = seats
        self._tell_others = tell_others
        self._topics: dict[Hashable, _Topic] = {}
        self._overseen: set[Sending] = set()
        self._lock = threading.Lock()
        self._notices: queue.SimpleQueue[Notice | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="watch-look")
        self._senders = Lanes(_SENDERS, _SHARE, "watch-send")
        # Apart: those who catch up with a long history keep nobody from the newest state.
        self._feeders = Lanes(_FEEDERS, _SHARE, "watch-feed")
        self._reads = Reads()
        self._thread = threading.Thread(target=self._work, name="watch-hub", daemon=True)

    @property
    def watching(self) -> int:
        """How many streams are open."""
        return len(self._all())

    def publish(self, notice: Notice) -> None:
        """Have everybody who watches this look again, here and in other processes, soon.

        Never blocks and never raises.
        """
        self.hear(notice)
        self._tell_others(notice)

    def hear(self, notice: Notice) -> None:
        """Have everybody who watches this here look again, likewise."""
        self._notices.put(notice)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End every stream with UNAVAILABLE, so that callers turn to another replica."""
        self._stopping.set()
        self._notices.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self._readers.shutdown(cancel_futures=True)
        self._reads.close()
        for watcher in self._all():
            watcher.end(stopped())
        for pool in (self._senders, self._feeders):
            pool.shut_down()

    def join(self) -> None:
        """Wait for those who send still; call it once the server has ended their calls.

        Each looks at its caller's credentials, so that none may outlive the database.
        """
        for pool in (self._senders, self._feeders):
            pool.join()

    def follow(self, subject: Subject, context: grpc.ServicerContext, send: Send) -> None:
        """Send the subject now, and again after each change, until the call is over.

        Returns at once. Whatever the first look raises comes through, and nobody watches then.

        :raises Unavailable: the hub has stopped.
        :raises ResourceExhausted: too many streams are open.
        """
        self._enter(subject, context, Watcher(send, context.cancel))

    def feed(
        self,
        subject: Subject,
        context: grpc.ServicerContext,
        send: Send,
        read: Callable[[], Message | None],
    ) -> None:
        """Send everything ``read`` returns, now and after each change of the subject, likewise."""
        through = partial(self._reads.through, read)
        self._enter(subject, context, Follower(send, context.cancel, through))

    @contextlib.contextmanager
    def overseeing(self, sending: Sending) -> Iterator[None]:
        """Cut off a stream that watches nothing, too, when its caller does not read."""
        with self._lock:
            self._overseen.add(sending)
        try:
            yield
        finally:
            with self._lock:
                self._overseen.discard(sending)

    def _enter(self, subject: Subject, context: grpc.ServicerContext, watcher: Watcher) -> None:
        caller = identity.caller()
        if self._seats is not None:
            self._seats.take(caller, context.add_callback)
        watcher.caller = caller.subject
        context.add_callback(lambda: self._leave(subject.key, watcher))
        try:
            self._join(subject, watcher)
        except Exception:
            self._leave(subject.key, watcher)
            raise
        if not context.is_active():  # it left before it was known
            self._leave(subject.key, watcher)

    def _join(self, subject: Subject, watcher: Watcher) -> None:
        with self._lock:
            topic = self._topics.setdefault(subject.key, _Topic(subject))
            topic.watchers.add(watcher)
        # Not before: whoever stops the hub in between would end every stream but this one.
        if self._stopping.is_set():
            raise stopped()
        with topic.looking:
            self._hand_out(topic, topic.subject.look())

    def _leave(self, key: Hashable, watcher: Watcher) -> None:
        watcher.leave()
        with self._lock:
            topic = self._topics.get(key)
            if topic is not None:
                topic.watchers.discard(watcher)
                if not topic.watchers:
                    del self._topics[key]

    def _work(self) -> None:
        next_round = self._next_round()
        while not self._stopping.is_set():
            keys = self._gather(next_round)
            if time.monotonic() >= next_round:
                keys.update(self._keys())
                next_round = self._next_round()
            for key in keys:
                self._look_soon(key)
            self._cut_stuck()
            self._stopping.wait(self._pace.coalesced.total_seconds())

    def _next_round(self) -> float:
        interval = self._pace.interval
        return float("inf") if interval is None else time.monotonic() + interval.total_seconds()

    def _gather(self, next_round: float) -> set[Hashable]:
        """Wait for a notice or the time of the next round; return what to look at."""
        found: set[Hashable] = set()
        patience = self._pace.patience.total_seconds()
        wait = max(min(next_round - time.monotonic(), patience), 0)
        with contextlib.suppress(queue.Empty):
            found.update(self._keys_of(self._notices.get(timeout=wait)))
        # Those that are there now: somebody may publish as fast as we take.
        for _ in range(self._notices.qsize()):
            found.update(self._keys_of(self._notices.get_nowait()))
        return found

    def _keys_of(self, notice: Notice | None) -> Iterable[Hashable]:
        match notice:
            case None:
                return ()
            case AnythingChanged():
                return self._keys()
            case WorkspaceChanged():
                return (notice,)
            case ConnectionChanged(connection):
                return (connection,)
        # A connection shows its runs, too.
        return (notice.connection, (notice.connection.workspace, notice.run_id))

    def _look_soon(self, key: Hashable) -> None:
        with self._lock:
            topic = self._topics.get(key)
        if topic is not None:
            self._readers.submit(self._look, topic)

    def _look(self, topic: _Topic) -> None:
        try:
            with topic.looking:
                self._hand_out(topic, topic.subject.look())
        except Exception as error:  # noqa: BLE001 - whatever it is, those who watch are told
            for watcher in self._watchers(topic):
                watcher.end(error)

    def _hand_out(self, topic: _Topic, sight: Sight) -> None:
        for watcher in self._watchers(topic):
            if watcher.offer(sight):
                pool = self._feeders if isinstance(watcher, Follower) else self._senders
                with contextlib.suppress(RuntimeError):  # shut down meanwhile: streams end anyway
                    pool.submit(watcher.caller, watcher.drain)

    def _cut_stuck(self) -> None:
        with self._lock:
            overseen = list(self._overseen)
        for sending in (*self._all(), *overseen):
            if sending.is_stuck(self._pace.patience):
                _log.warning("caller does not read", action="watch_cut")
                sending.cut()

    def _keys(self) -> list[Hashable]:
        with self._lock:
            return list(self._topics)

    def _watchers(self, topic: _Topic) -> list[Watcher]:
        with self._lock:
            return list(topic.watchers)

    def _all(self) -> list[Watcher]:
        with self._lock:
            return [each for topic in self._topics.values() for each in topic.watchers]


def stopped() -> Unavailable:
    """Return how streams end when the server does."""
    return Unavailable(Reason.SHUTTING_DOWN, "The server is stopping; call again.")
