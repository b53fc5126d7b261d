import pytest

from bench import Bench
from scripted_modules import installed, module
from syncline_sdk import Issue, RecordKind
from syncline_server.core.errors import FailedPrecondition, NotFound
from syncline_server.core.listing import RunFilter
from syncline_server.core.model import RunState
from syncline_server.core.notices import ConnectionChanged, RunChanged
from syncline_server.services.journal import Journal
from syncline_server.storage import runs
from syncline_server.storage.database import Database


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with two independent modules on."""
    bench = Bench(database, installed(module("rates"), module("contacts")))
    bench.connect()
    bench.switch(rates=True, contacts=True)
    return bench


def begin(bench: Bench, name: str = "rates") -> Journal:
    """Trigger a module and start its run without executing it."""
    started = runs.start(bench.database, bench.trigger(name), bench.clock(), None)
    if started is None:
        raise AssertionError("the run could not be started")
    return Journal(bench.database, started, bench.clock, bench.notices.append)


def test_run_of_another_workspace_is_not_there(bench: Bench) -> None:
    """A run is found in its own workspace only, whatever is asked of it."""
    run = bench.trigger("rates")

    assert bench.runs.get("acme", run.id) == run
    for call in (bench.runs.get, bench.runs.cancel):
        with pytest.raises(NotFound):
            call("other", run.id)
    with pytest.raises(NotFound):
        bench.runs.issues("other", run.id, 0, 10)
    assert bench.run(run.id).state is RunState.QUEUED


def test_waiting_run_is_cancelled_at_once(bench: Bench) -> None:
    """A run that is not executing ends with the call, and asking again changes nothing."""
    run = bench.trigger("rates")
    bench.notices.clear()

    cancelled = bench.runs.cancel("acme", run.id)

    assert cancelled.state is RunState.CANCELLED
    assert cancelled.end_time == bench.clock()
    assert bench.notices == [
        RunChanged(bench.connection, run.id),
        ConnectionChanged(bench.connection),
    ]
    assert bench.runs.cancel("acme", run.id) == cancelled


def test_executing_run_is_asked_to_stop(bench: Bench) -> None:
    """A run that is executing keeps its state until it stops by itself."""
    journal = begin(bench)

    asked = bench.runs.cancel("acme", journal.run.id)

    assert (asked.state, asked.cancel_requested) == (RunState.RUNNING, True)
    assert not journal.may_go_on()


def test_ended_run_cannot_be_cancelled(bench: Bench) -> None:
    """A run that ended otherwise says so."""
    run = bench.execute(bench.trigger("rates"))

    with pytest.raises(FailedPrecondition, match="SUCCEEDED"):
        bench.runs.cancel("acme", run.id)


def test_pages_of_runs_are_newest_first_and_filtered(bench: Bench) -> None:
    """Runs are listed newest first, behind an id, and by provider, module and state."""
    bench.complete("rates", "contacts")
    last = bench.trigger("rates")

    def listed(before: str = "", limit: int = 10, **wanted: object) -> list[tuple[str, str]]:
        page = bench.runs.page("acme", RunFilter(**wanted), before, limit)
        return [(run.scope.module, run.state) for run in page]

    everything = [("rates", "QUEUED"), ("contacts", "SUCCEEDED"), ("rates", "SUCCEEDED")]
    assert listed() == everything
    assert listed(limit=1) == everything[:1]
    assert listed(before=last.id) == everything[1:]
    assert listed(module="rates") == [everything[0], everything[2]]
    assert listed(states=("SUCCEEDED",), provider="books") == everything[1:]
    assert listed(provider="ledger") == []
    assert bench.runs.page("other", RunFilter(), "", 10) == []


def test_issues_are_numbered_in_the_order_they_arose(bench: Bench) -> None:
    """A run's issues can be paged through by number."""
    journal = begin(bench)
    for name in ("a", "b", "c"):
        with journal.page() as tally:
            tally.issue(issue(name), local_id=f"our-{name}")

    rows = bench.runs.issues("acme", journal.run.id, 1, 1)

    assert [(row["number"], row["record_id"], row["local_id"]) for row in rows] == [
        (2, "b", "our-b")
    ]
    assert bench.run(journal.run.id).issue_count == 3


def issue(record_id: str) -> Issue:
    """Return an issue about a contact."""
    return Issue(
        code="NO_NAME",
        message="It has no name.",
        action="Name it.",
        kind=RecordKind.CONTACT,
        record_id=record_id,
        record_name="",
    )


def test_disconnecting_ends_every_active_run(bench: Bench) -> None:
    """Runs that wait and runs that execute are cancelled with the connection."""
    waiting, journal = bench.trigger("contacts"), begin(bench)

    bench.disconnect()

    assert bench.run(waiting.id).state is RunState.CANCELLED
    assert bench.run(journal.run.id).state is RunState.CANCELLED
    assert not journal.may_go_on()
