"""Callers who call too often, hold too much open, or guess."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from syncline.v1 import integration_pb2 as pb
from syncline_client import Client, ResourceExhausted, Unauthenticated
from syncline_server.core.access import Role
from syncline_server.core.allowance import Allowance
from syncline_server.rpc.seats import Seats
from syncline_server.rpc.throttling import MISTAKES, Buckets, CallRate
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

NAME = "workspaces/acme/connections/ledger"
Start = Callable[[Wishes], Served]


@pytest.fixture
def running(database: Database) -> Iterator[Callable[[Wishes], Served]]:
    """Start a server that asks for tokens, with these wishes."""
    with ExitStack() as servers:
        yield lambda wishes: servers.enter_context(served(Wired(database, wishes)))


def get(client: Client) -> None:
    """Read a connection."""
    client.integrations.GetConnection(pb.GetConnectionRequest(name=NAME))


def test_caller_who_calls_too_often_is_told_to_wait(running: Start) -> None:
    """The third call within the second is refused with the time left; another caller's is not."""
    two = Buckets(Allowance(per_minute=60, burst=2), lambda: 1000.0)
    server = running(Wishes(with_tokens=True, throttle=CallRate(two)))
    token, other = (server.wired.token(Role.VIEWER, "acme") for _ in range(2))
    with server.client(token) as client, server.client(other) as another:
        get(client)
        get(client)

        with pytest.raises(ResourceExhausted) as refusal:
            get(client)
        get(another)

    assert refusal.value.reason == "RATE_LIMITED"
    assert refusal.value.retry_after == timedelta(seconds=1)


def test_caller_who_is_refused_pays_before_permission_is_looked_at(running: Start) -> None:
    """Calls that are refused for other reasons count, too: asking is what costs."""
    one = Buckets(Allowance(per_minute=60, burst=1), lambda: 1000.0)
    server = running(Wishes(with_tokens=True, throttle=CallRate(one)))
    with server.client(server.wired.token(Role.VIEWER, "globex")) as client:
        with pytest.raises(Exception, match="not for this workspace"):
            get(client)
        with pytest.raises(ResourceExhausted):
            get(client)


def test_streams_of_a_caller_are_bounded(running: Start) -> None:
    """One stream too many is refused, until another ends."""
    server = running(Wishes(with_tokens=True, seats=Seats(most=10, most_of_one=2)))
    request = pb.WatchConnectionRequest(name=NAME)
    with server.client(server.wired.token(Role.VIEWER, "acme")) as client:
        streams = [client.integrations.WatchConnection(request) for _ in range(2)]
        for stream in streams:
            next(stream)

        with pytest.raises(ResourceExhausted) as refusal:
            next(client.integrations.WatchConnection(request))
        assert refusal.value.reason == "CONCURRENCY_LIMITED"
        assert refusal.value.metadata == {"limit": "streams_per_caller"}

        streams[0].cancel()
        assert next(admitted(client)).connection.name == NAME


def admitted(client: Client) -> Iterator[pb.WatchConnectionResponse]:
    """Return a stream that found a seat; the server hears of the cancelled one in its own time."""
    while True:
        stream = client.integrations.WatchConnection(pb.WatchConnectionRequest(name=NAME))
        try:
            first = next(stream)
        except ResourceExhausted:
            continue
        return iter([first])


def test_guessing_is_slowed_by_address(running: Start) -> None:
    """After a number of bad tokens no more are looked up; who was let in before still is."""
    server = running(Wishes(with_tokens=True))
    good = server.wired.token(Role.VIEWER, "acme")
    with (
        server.client(good) as client,
        server.client("guess") as stranger,
        server.client(server.wired.token(Role.VIEWER, "acme")) as newcomer,
    ):
        get(client)
        for _ in range(MISTAKES.burst):
            with pytest.raises(Unauthenticated):
                get(stranger)

        for refused in (stranger, newcomer):
            with pytest.raises(ResourceExhausted) as refusal:
                get(refused)
            assert refusal.value.reason == "RATE_LIMITED"
        get(client)
        server.wired.clock.advance(seconds=1)
        get(newcomer)


def test_streams_that_end_are_no_guesses(running: Start) -> None:
    """More streams than an address may guess end with their token, and lock nobody out."""
    server = running(Wishes(with_tokens=True))
    wired, request = server.wired, pb.WatchConnectionRequest(name=NAME)
    with server.client(wired.token(Role.VIEWER, "acme")) as client:
        streams = [client.integrations.WatchConnection(request) for _ in range(MISTAKES.burst + 10)]
        for stream in streams:
            next(stream)
        (token,) = wired.tokens.list()
        wired.tokens.revoke(token.id)

        wired.callers.look()

        assert len(wired.callers.streams) == 0
        for stream in streams:
            with pytest.raises(Unauthenticated):
                next(stream)
    with server.client(wired.token(Role.VIEWER, "acme")) as newcomer:
        get(newcomer)
