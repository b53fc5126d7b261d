import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from stream_readers import ACME, LONG, Context, Reader, follow, sight
from syncline.v1 import run_pb2
from syncline_server.core.errors import NotFound
from syncline_server.core.names import Connection
from syncline_server.core.notices import AnythingChanged, ConnectionChanged, Notice
from syncline_server.rpc import identity
from syncline_server.rpc.watchers import Reads, Sight, Watcher, mark_of
from syncline_server.rpc.watching import Hub, Pace, Subject

SOON = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def called() -> None:
    """Every stream is a call of the same caller, unless a test says otherwise."""
    identity.enter(identity.LOCAL)


@pytest.fixture
def hub() -> Any:
    """A hub at work."""
    # Patient: a test that is held up for a moment is nobody who does not read.
    working = Hub(Pace(coalesced=SOON, patience=timedelta(seconds=LONG)))
    working.start()
    yield working
    working.stop()


def test_slow_reader_gets_the_newest_state() -> None:
    """What was not taken is replaced: between two reads only the newest state is kept."""
    reader = Reader()
    watcher = Watcher(reader.send, lambda: None)
    assert watcher.offer(sight(1))
    reader.reads.clear()
    thread = threading.Thread(target=watcher.drain)
    thread.start()
    assert reader.got.acquire(timeout=LONG)

    offered = [watcher.offer(sight(number)) for number in (2, 3, 4)]
    reader.reads.set()
    thread.join(LONG)

    assert offered == [False] * 3
    assert reader.received == [1, 4]


def test_same_state_is_not_offered_twice() -> None:
    """What was offered last is not taken again."""
    watcher = Watcher(Reader().send, lambda: None)
    watcher.offer(sight(1))
    watcher.drain()

    assert not watcher.offer(sight(1))


def test_last_state_ends_the_stream() -> None:
    """A state that will never change again is the last message."""
    reader = Reader()
    watcher = Watcher(reader.send, lambda: None)
    watcher.offer(sight(1, last=True))
    watcher.drain()

    assert (reader.received, reader.ended) == ([1], [None])


def test_publishing_never_waits_for_a_reader(hub: Hub) -> None:
    """A caller who does not read blocks nobody, and others are sent what is new."""
    slow, quick = Reader(), Reader()
    slow.reads.clear()
    number = [1]
    follow(hub, lambda: sight(number[0]), slow)
    follow(hub, lambda: sight(number[0]), quick)
    assert quick.got.acquire(timeout=LONG)

    for number[0] in (2, 3, 4):
        hub.publish(ConnectionChanged(ACME))
        assert quick.got.acquire(timeout=LONG)

    assert quick.received == [1, 2, 3, 4]
    assert slow.received == []
    slow.reads.set()


def test_who_does_not_read_is_cut_off() -> None:
    """After a while, and nothing is kept of them."""
    hub, deaf = Hub(Pace(coalesced=SOON, patience=SOON)), Reader()
    hub.start()
    deaf.reads.clear()
    context = follow(hub, lambda: sight(1), deaf)

    assert context.cancelled.wait(LONG)
    deaf.reads.set()
    hub.stop()

    assert hub.watching == 0


def test_look_that_fails_at_once_is_the_answer(hub: Hub) -> None:
    """What the first look raises comes through, and nobody watches."""

    def look() -> Sight:
        raise NotFound("workspaces/acme/runs/1")

    with pytest.raises(NotFound):
        follow(hub, look, Reader())

    assert hub.watching == 0


def test_look_that_fails_later_ends_the_stream(hub: Hub) -> None:
    """What a later look raises is handed to everybody who watches."""
    looks = [sight(1)]
    reader = Reader()
    follow(hub, looks.pop, reader)
    assert reader.got.acquire(timeout=LONG)

    hub.publish(ConnectionChanged(ACME))
    assert reader.got.acquire(timeout=LONG)

    assert isinstance(reader.ended[0], IndexError)


def test_everything_is_looked_at_when_notices_may_be_lost(hub: Hub) -> None:
    """Whoever watches gets what changed meanwhile, whatever it is they watch."""
    reader, state = Reader(), [1]
    follow(hub, lambda: sight(state[0]), reader)
    assert reader.got.acquire(timeout=LONG)

    state[0] = 2
    hub.hear(AnythingChanged())

    assert reader.got.acquire(timeout=LONG)
    assert reader.received == [1, 2]


def test_what_happens_here_is_told_to_others_and_what_is_heard_is_not() -> None:
    """A notice goes round once."""
    told: list[Notice] = []
    hub = Hub(Pace(), told.append)

    hub.publish(ConnectionChanged(ACME))
    hub.hear(ConnectionChanged(Connection("other", "xero")))

    assert told == [ConnectionChanged(ACME)]


def test_a_change_without_a_notice_is_seen_in_the_next_round() -> None:
    """Where other processes change things, the hub looks by itself as well."""
    hub = Hub(Pace(interval=SOON, coalesced=SOON))
    hub.start()
    reader, state = Reader(), [1]
    follow(hub, lambda: sight(state[0]), reader)
    assert reader.got.acquire(timeout=LONG)

    state[0] = 2

    assert reader.got.acquire(timeout=LONG)
    hub.stop()


def test_notice_for_nobody_does_nothing(hub: Hub) -> None:
    """Publishing what nobody watches is harmless, also after the hub has stopped."""
    hub.publish(ConnectionChanged(ACME))
    hub.stop()
    hub.publish(ConnectionChanged(ACME))

    assert hub.watching == 0


def test_a_mark_is_short_and_tells_messages_apart() -> None:
    """However long a message is, its mark has 16 bytes, the same ones for an equal message."""
    long = run_pb2.WatchRunResponse(run=run_pb2.Run(name="a" * 5000))
    same, other = run_pb2.WatchRunResponse(), run_pb2.WatchRunResponse()
    same.CopyFrom(long)
    other.run.name = "b" * 5000
    assert len(mark_of(long)) == 16
    assert mark_of(same) == mark_of(long)
    assert mark_of(other) != mark_of(long)


class News:
    """Something that grows; a follower reads it number by number."""

    def __init__(self) -> None:
        self.newest = 0
        self.position = 0

    def read(self) -> Message | None:
        """Return the next number, or None behind the newest."""
        if self.position == self.newest:
            return None
        self.position += 1
        return sight(self.position).message

    def look(self) -> Sight:
        """Return a sight that differs when there is news; its message is nobody's."""
        return sight(self.newest)


def feed(hub: Hub, news: News, reader: Reader) -> Context:
    """Open a stream that misses nothing."""
    context = Context()
    subject = Subject(key=ACME, look=news.look)
    hub.feed(subject, context, reader.send, news.read)  # type: ignore[arg-type]  # a stand-in
    return context


def test_follower_gets_everything_however_often_it_is_told(hub: Hub) -> None:
    """One notice about much, or several about nothing: everything arrives once, in order."""
    news, reader = News(), Reader()
    news.newest = 3
    feed(hub, news, reader)
    for _ in range(3):
        assert reader.got.acquire(timeout=LONG)

    news.newest = 6
    for _ in range(5):
        hub.publish(ConnectionChanged(ACME))
    for _ in range(3):
        assert reader.got.acquire(timeout=LONG)
    while reader.received != [1, 2, 3, 4, 5, 6]:
        hub.publish(ConnectionChanged(ACME))

    assert hub.watching == 1


def test_slow_follower_misses_nothing_that_comes_meanwhile(hub: Hub) -> None:
    """What arrives while the caller does not read is sent when it reads again."""
    news, reader = News(), Reader()
    reader.reads.clear()
    news.newest = 1
    feed(hub, news, reader)
    assert reader.got.acquire(timeout=LONG)

    news.newest = 3
    hub.publish(ConnectionChanged(ACME))
    reader.reads.set()
    for _ in range(2):
        assert reader.got.acquire(timeout=LONG)
    while len(reader.received) < 3:
        hub.publish(ConnectionChanged(ACME))

    assert reader.received == [1, 2, 3]


def test_follower_whose_reading_fails_is_told(hub: Hub) -> None:
    """What reading raises ends the stream with it."""
    news, reader = News(), Reader()

    def read() -> Message | None:
        raise NotFound("workspaces/acme")

    news.read = read  # type: ignore[method-assign]  # a stream that breaks
    feed(hub, news, reader)
    assert reader.got.acquire(timeout=LONG)

    assert isinstance(reader.ended[0], NotFound)


def test_nothing_is_read_for_a_follower_who_left(hub: Hub) -> None:
    """A caller who leaves in the middle of a long history costs nothing more."""
    news, reader = News(), Reader()
    reader.reads.clear()
    news.newest = 1000
    context = feed(hub, news, reader)
    assert reader.got.acquire(timeout=LONG)

    context.cancel()
    reader.reads.set()
    hub._feeders._pool.shutdown()  # waits until nobody is fed any more

    assert news.position == 1


def test_stopping_waits_for_reads_and_lets_no_other_begin() -> None:
    """When the hub has stopped, what is read may be closed."""
    reads, inside, go_on = Reads(), threading.Event(), threading.Event()

    def read() -> Message | None:
        inside.set()
        go_on.wait(LONG)
        return sight(1).message

    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(reads.through, read)
        assert inside.wait(LONG)
        closing = pool.submit(reads.close)
        assert not closing.done()
        go_on.set()
        closing.result(LONG)

    assert reading.result() == sight(1).message
    assert reads.through(read) is None


def test_caller_who_reads_nothing_keeps_nobody_else_waiting() -> None:
    """However many streams somebody leaves unread, another caller is sent what is new."""
    hub = Hub(Pace(coalesced=SOON))
    hub.start()
    deaf = Reader()
    deaf.reads.clear()
    for _ in range(20):
        follow(hub, lambda: sight(1), deaf)
    assert deaf.got.acquire(timeout=LONG)

    identity.enter(replace(identity.LOCAL, subject="another"))
    reader = Reader()
    follow(hub, lambda: sight(1), reader)

    assert reader.got.acquire(timeout=LONG)
    assert not deaf.received
    deaf.reads.set()
    hub.stop()
