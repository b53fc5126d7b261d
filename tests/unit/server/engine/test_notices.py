import queue
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from databases import PostgresqlServer, opened
from syncline_server.core.names import Connection
from syncline_server.core.notices import (
    AnythingChanged,
    ConnectionChanged,
    Notice,
    RunChanged,
    WorkspaceChanged,
)
from syncline_server.engine.notices import Listener, Teller

LONG = 30.0
ACME = Connection("acme", "xero")
ALL = (ConnectionChanged(ACME), RunChanged(ACME, "run1"), WorkspaceChanged("acme"))


class Process:
    """One process: what it tells, and what it has heard."""

    def __init__(self, teller: Teller, heard: "queue.Queue[Notice]") -> None:
        self.tell = teller.tell
        self._heard = heard

    def next(self) -> Notice:
        """Wait for the next notice."""
        return self._heard.get(timeout=LONG)


@contextmanager
def process(url: str, name: str) -> Iterator[Process]:
    """Run a process that listens already."""
    heard: queue.Queue[Notice] = queue.Queue()
    with closing(opened(url)) as database:
        teller, listener = Teller(database, name), Listener(url, name, heard.put)
        teller.start()
        listener.start()
        running = Process(teller, heard)
        assert running.next() == AnythingChanged()
        yield running
        listener.stop()
        teller.stop()


def test_others_hear_every_notice(postgresql: PostgresqlServer) -> None:
    """What one process tells every other hears, as it was told and in its order."""
    url = postgresql.empty()
    with process(url, "one") as one, process(url, "two") as two, process(url, "three") as three:
        for notice in ALL:
            one.tell(notice)

        assert [two.next() for _ in ALL] == [three.next() for _ in ALL] == list(ALL)


def test_nobody_hears_itself(postgresql: PostgresqlServer) -> None:
    """A process is not told what it has told; it knows."""
    url = postgresql.empty()
    with process(url, "one") as one, process(url, "two") as two:
        one.tell(ALL[0])
        assert two.next() == ALL[0]
        two.tell(ALL[1])

        assert one.next() == ALL[1]


def test_a_lost_connection_is_made_anew(postgresql: PostgresqlServer) -> None:
    """Whoever was deaf for a while looks at everything, and hears again."""
    url = postgresql.empty()
    with process(url, "one") as one, process(url, "two") as two:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN syncline%'"
            )

        assert (one.next(), two.next()) == (AnythingChanged(), AnythingChanged())
        one.tell(ALL[0])
        assert two.next() == ALL[0]


def test_what_is_not_understood_may_be_anything(postgresql: PostgresqlServer) -> None:
    """A notice of a later version has everybody look at everything."""
    url = postgresql.empty()
    with process(url, "one") as one, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("NOTIFY syncline_notices, 'what?'")

        assert one.next() == AnythingChanged()


def test_what_cannot_be_told_is_dropped() -> None:
    """A teller without its database neither raises nor holds up the stop."""
    with closing(opened("postgresql://nobody@127.0.0.1:1/none")) as database:
        teller = Teller(database, "one")
        teller.start()

        teller.tell(ALL[0])

        teller.stop()


@pytest.mark.parametrize("starts", [True, False])
def test_a_listener_without_its_database_stops(*, starts: bool) -> None:
    """It ends when it is told to, started or not, and has heard nothing."""
    heard: queue.Queue[Notice] = queue.Queue()
    listener = Listener("postgresql://nobody@127.0.0.1:1/none", "one", heard.put)
    if starts:
        listener.start()

    listener.stop()

    assert heard.empty()
