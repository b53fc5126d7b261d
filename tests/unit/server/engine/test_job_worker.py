import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from databases import PostgresqlServer, opened
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.engine.job_worker import JobWorker, Pace, _Life
from syncline_server.storage import jobs
from syncline_server.storage.database import Database

LONG = 30.0
"""Seconds until a test gives up waiting for another thread."""


PACE = Pace(workers=1, takeover=timedelta(seconds=20))


class Crew:
    """A worker at work, and what it was asked to perform."""

    def __init__(self, url: str, database: Database) -> None:
        self.url = url
        self.database = database
        self.performed: queue.Queue[str] = queue.Queue()
        self.acts: dict[str, Callable[[], None]] = {}
        """What happens while a run is performed; nothing otherwise."""
        self.worker = JobWorker(url, self.perform, PACE)

    def perform(self, run: str) -> None:
        """Do what is to happen, and note the run."""
        try:
            self.acts.get(run, lambda: None)()
        finally:
            self.performed.put(run)

    def next(self) -> str:
        """Wait for the next run that is performed."""
        return self.performed.get(timeout=LONG)


@pytest.fixture
def crew(postgresql: PostgresqlServer) -> Iterator[Crew]:
    """A worker at work on an empty database."""
    with closing(opened(postgresql.empty())) as database:
        crew = Crew(postgresql.url, database)
        crew.worker.start()
        yield crew
        crew.worker.stop()
        crew.worker.join()


def ids(database: Database) -> list[int]:
    """Return the workers that are registered."""
    return [row["id"] for row in database.rows("SELECT id FROM procrastinate_workers")]


def test_jobs_are_performed_and_gone(crew: Crew) -> None:
    """Each run that is asked for is performed once, and its job deleted."""
    jobs.insert(crew.database, ["a", "b", "c"])

    assert sorted(crew.next() for _ in range(3)) == ["a", "b", "c"]
    crew.worker.stop()
    crew.worker.join()

    assert crew.performed.empty()
    assert crew.database.rows("SELECT * FROM procrastinate_jobs") == []
    assert ids(crew.database) == []


@pytest.mark.parametrize(
    "trouble", [Unavailable(Reason.DATABASE_UNAVAILABLE, "Away."), LookupError("a bug")]
)
def test_a_job_that_fails_does_not_end_the_worker(crew: Crew, trouble: Exception) -> None:
    """Whatever one job raises, the next is performed."""

    def fail() -> None:
        raise trouble

    crew.acts["a"] = fail
    jobs.insert(crew.database, ["a"])
    assert crew.next() == "a"
    jobs.insert(crew.database, ["b"])

    assert crew.next() == "b"


def test_lost_connections_are_made_anew(crew: Crew) -> None:
    """A worker whose connections are all cut performs what is asked for afterwards."""
    jobs.insert(crew.database, ["a"])
    assert crew.next() == "a"

    crew.database.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    jobs.insert(crew.database, ["b"])

    assert crew.next() == "b"


def test_a_worker_that_was_taken_for_dead_begins_anew(crew: Crew) -> None:
    """It takes another name, and performs what is asked for afterwards."""
    jobs.insert(crew.database, ["a"])
    assert crew.next() == "a"
    (before,) = ids(crew.database)

    crew.database.execute("DELETE FROM procrastinate_workers")
    jobs.insert(crew.database, ["b"])

    assert crew.next() == "b"
    assert before not in ids(crew.database)


def test_a_job_that_cannot_be_finished_ends_a_life(crew: Crew) -> None:
    """A worker that others took a job from begins anew: nothing stays counted as its own."""
    crew.worker.stop()
    crew.worker.join()
    life = _Life(crew.url, crew.perform, PACE)

    def lose() -> None:
        crew.database.execute("DELETE FROM procrastinate_jobs")

    crew.acts["a"] = lose
    jobs.insert(crew.database, ["a"])
    given_up = threading.Event()
    patience = threading.Timer(LONG, lambda: (given_up.set(), life.end()))
    patience.start()

    life.live()

    patience.cancel()
    assert not given_up.is_set()
    assert crew.next() == "a"
    assert ids(crew.database) == []


def test_stop_waits_for_the_job_under_way(crew: Crew) -> None:
    """What is performed when the stop is asked for comes to its end, and nothing else begins."""
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(LONG)

    crew.acts["a"] = work
    jobs.insert(crew.database, ["a", "b"])
    assert begun.wait(LONG)

    crew.worker.stop()
    go_on.set()
    crew.worker.join()

    assert crew.next() == "a"
    assert crew.performed.empty()
    left = crew.database.rows("SELECT status FROM procrastinate_jobs")
    assert left == [{"status": "todo"}]


def test_a_worker_may_be_stopped_before_it_lives(postgresql: PostgresqlServer) -> None:
    """A stop right behind the start, or without one, ends everything."""
    for starts in (True, False):
        worker = JobWorker(postgresql.url, lambda _run: None, PACE)
        if starts:
            worker.start()
        worker.stop()
        worker.join()


def test_a_database_out_of_reach_is_tried_again_until_the_stop() -> None:
    """A worker without its database ends when it is told to."""
    worker = JobWorker("postgresql://nobody@127.0.0.1:1/none", lambda _run: None, PACE)
    worker.start()

    worker.stop()
    worker.join()
