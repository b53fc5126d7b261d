from collections.abc import Callable
from datetime import timedelta

import pytest

from bench import Bench
from scripted_modules import installed, module
from syncline_sdk import Issue, RecordKind, RunStopped
from syncline_server.core.model import Counts, Run, RunState
from syncline_server.core.notices import RunChanged
from syncline_server.services.journal import Journal
from syncline_server.storage import runs
from syncline_server.storage.database import Database

Happening = Callable[[Bench, Journal], None]
BAD = Issue(
    code="NO_NAME",
    message="It has no name.",
    action="Name it.",
    kind=RecordKind.CONTACT,
    record_id="c1",
    record_name="",
)


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with one module on."""
    bench = Bench(database, installed(module("contacts")))
    bench.connect()
    bench.switch(contacts=True)
    return bench


def started(bench: Bench, run: Run) -> Journal:
    """Start the next attempt of a run."""
    attempt = runs.start(bench.database, run, bench.clock(), None)
    if attempt is None:
        raise AssertionError("the run could not be started")
    return Journal(bench.database, attempt, bench.clock, bench.notices.append)


@pytest.fixture
def journal(bench: Bench) -> Journal:
    """The journal of a run that was just started."""
    return started(bench, bench.trigger("contacts"))


def test_pages_add_up(bench: Bench, journal: Journal) -> None:
    """Counts of pages are added, the cursor is that of the last page that named one."""
    journal.total(9)
    with journal.page("one") as tally:
        tally.fetched, tally.created, tally.updated = 3, 1, 1
        tally.unchanged = 1
    with journal.page() as tally:
        tally.fetched, tally.skipped = 2, 1
        tally.issue(BAD)

    run = bench.run(journal.run.id)
    assert run.counts == Counts(
        total=9, fetched=5, created=1, updated=1, unchanged=1, skipped=1, failed=1
    )
    assert (run.cursor, run.issue_count) == ("one", 1)


def test_page_that_fails_leaves_nothing(bench: Bench, journal: Journal) -> None:
    """A page is stored whole or not at all, and watchers hear of stored pages only."""
    bench.notices.clear()
    with pytest.raises(KeyError), journal.page("one") as tally:
        tally.fetched = 3
        tally.issue(BAD)
        raise KeyError

    assert bench.run(journal.run.id) == journal.run
    assert bench.notices == []
    journal.issue(BAD)
    assert bench.notices == [RunChanged(bench.connection, journal.run.id)]


def cancelled(bench: Bench, journal: Journal) -> None:
    """A person cancels the run."""
    bench.runs.cancel("acme", journal.run.id)


def disconnected(bench: Bench, _journal: Journal) -> None:
    """A person disconnects."""
    bench.disconnect()


def connected_anew(bench: Bench, _journal: Journal) -> None:
    """A person connects another organisation."""
    bench.connect("rata")


def access_lost(bench: Bench, _journal: Journal) -> None:
    """Another run finds out that access is gone."""
    bench.lose_access(bench.connection, bench.row.generation, "gone")


def ended(bench: Bench, journal: Journal) -> None:
    """The run has ended."""
    runs.end(bench.database, journal.run, RunState.FAILED, bench.clock())


def taken_over(bench: Bench, journal: Journal) -> None:
    """Another process took the run over."""
    runs.requeue(bench.database, journal.run)
    started(bench, journal.run)


def queued_again(bench: Bench, journal: Journal) -> None:
    """Another process is about to take the run over."""
    runs.requeue(bench.database, journal.run)


@pytest.mark.parametrize(
    "happened",
    [cancelled, disconnected, connected_anew, access_lost, ended, taken_over, queued_again],
)
def test_attempt_that_is_not_current_writes_nothing(
    bench: Bench, journal: Journal, happened: Happening
) -> None:
    """Whatever took its right away, an attempt stores no page, total, issue or watermark."""
    happened(bench, journal)
    before = bench.everything()

    assert not journal.may_go_on()
    with pytest.raises(RunStopped), journal.page("two") as tally:
        tally.fetched = 1
    with pytest.raises(RunStopped):
        journal.total(5)
    with pytest.raises(RunStopped):
        journal.watermark(bench.clock())
    with pytest.raises(RunStopped):
        journal.issue(BAD)

    assert bench.everything() == before


@pytest.mark.parametrize("happened", [taken_over, queued_again, ended, disconnected])
def test_zombie_neither_ends_nor_parks_nor_requeues(
    bench: Bench, journal: Journal, happened: Happening
) -> None:
    """An attempt that was taken over cannot move the run's state in any way."""
    happened(bench, journal)
    before = bench.everything()
    wake = bench.clock() + timedelta(minutes=1)

    assert not runs.end(bench.database, journal.run, RunState.SUCCEEDED, bench.clock())
    assert not runs.park(bench.database, journal.run, wake, "waits", wake)
    assert not runs.requeue(bench.database, journal.run)

    assert bench.everything() == before
