import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from databases import PostgresqlServer, opened
from syncline_server.core.errors import Reason, Unavailable
from syncline_server.engine.job_worker import JobWorker, Pace
from syncline_server.storage import jobs
from syncline_server.storage.database import Database

LONG = 30.0
"""Seconds until a test gives up waiting for another thread."""


class Crew:
    """A worker at work, and what it was asked to perform."""

    def __init__(self, postgresql: PostgresqlServer, database: Database) -> None:
        self.database = database
        self.performed: queue.Queue[str] = queue.Queue()
        self.troubles: list[Exception] = []
        pace = Pace(workers=2, takeover=timedelta(seconds=20))
        self.worker = JobWorker(postgresql.url, self.perform, pace)

    def perform(self, run: str) -> None:
        """Note the run, and fail if trouble waits."""
        self.performed.put(run)
        if self.troubles:
            raise self.troubles.pop()

    def next(self) -> str:
        """Wait for the next run that is performed."""
        return self.performed.get(timeout=LONG)


@pytest.fixture
def crew(postgresql: PostgresqlServer) -> Iterator[Crew]:
    """A worker at work on an empty database."""
    with closing(opened(postgresql.empty())) as database:
        crew = Crew(postgresql, database)
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
    crew.troubles.append(trouble)

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


def test_stop_waits_for_the_job_under_way(crew: Crew) -> None:
    """What is performed when the stop is asked for comes to its end, and nothing else begins."""
    begun, go_on = threading.Event(), threading.Event()

    def perform(run: str) -> None:
        begun.set()
        assert go_on.wait(LONG)
        crew.performed.put(run)

    crew.perform = perform  # type: ignore[method-assign]  # its own stand-in
    worker = JobWorker(crew.worker._url, perform, Pace(workers=1, takeover=timedelta(seconds=20)))
    crew.worker.stop()
    crew.worker.join()
    worker.start()
    jobs.insert(crew.database, ["a", "b"])
    assert begun.wait(LONG)

    worker.stop()
    go_on.set()
    worker.join()

    assert crew.next() == "a"
    assert crew.performed.empty()
    assert [row["status"] for row in crew.database.rows("SELECT * FROM procrastinate_jobs")] == [
        "todo"
    ]


def test_a_worker_may_be_stopped_before_it_lives(postgresql: PostgresqlServer) -> None:
    """A stop right behind the start, or without one, ends everything."""
    pace = Pace(workers=1, takeover=timedelta(seconds=20))
    for starts in (True, False):
        worker = JobWorker(postgresql.url, lambda _run: None, pace)
        if starts:
            worker.start()
        worker.stop()
        worker.join()


def test_a_database_out_of_reach_is_tried_again_until_the_stop() -> None:
    """A worker without its database ends when it is told to."""
    pace = Pace(workers=1, takeover=timedelta(seconds=20))
    worker = JobWorker("postgresql://nobody@127.0.0.1:1/none", lambda _run: None, pace)
    worker.start()

    worker.stop()
    worker.join()
