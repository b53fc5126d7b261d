import contextlib
from collections import Counter

import pytest

from crowd import SCOPE, outcomes_of_processes, outcomes_of_threads, prepared
from databases import opened
from syncline_server.core.model import RunState
from syncline_server.storage import runs

THREADS = 12
PROCESSES = 3
REFUSED = {"RUN_ACTIVE", "COOLDOWN"}


@pytest.fixture
def url(database_url: str) -> str:
    """The URL of a database with a connected workspace, contacts on."""
    prepared(database_url)
    return database_url


def crowd(url: str, kind: str, request_id: str = "") -> tuple["Counter[str]", int]:
    """Let a crowd trigger; return what came of it and how many triggered."""
    if kind == "threads":
        return outcomes_of_threads(url, THREADS, request_id), THREADS
    return outcomes_of_processes(url, PROCESSES, 4, request_id), PROCESSES * 4


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_of_a_crowd_exactly_one_is_accepted(url: str, kind: str) -> None:
    """However many trigger one scope at once, one run is made and all others are told why not."""
    found, asked = crowd(url, kind)

    accepted = found.keys() - REFUSED
    assert len(accepted) == 1
    assert found.total() == asked
    assert found[accepted.pop()] == 1


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_of_a_crowd_with_one_request_id_all_get_the_same_run(url: str, kind: str) -> None:
    """Calls that repeat one request id at once all return the one run it made."""
    found, asked = crowd(url, kind, "once")

    assert len(found) == 1
    assert found.total() == asked
    assert not found.keys() & REFUSED


def test_of_a_crowd_on_a_cooling_scope_nobody_is_accepted(url: str) -> None:
    """Behind an accepted run that has ended, the cooldown holds for every thread."""
    outcomes_of_threads(url, 1)
    with contextlib.closing(opened(url)) as database:
        run = runs.active(database, SCOPE)
        assert run is not None
        runs.end(database, run, RunState.SUCCEEDED, run.create_time)

    assert outcomes_of_threads(url, THREADS) == {"COOLDOWN": THREADS}
