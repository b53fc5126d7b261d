from collections.abc import Sequence

import pytest

from bench import Bench
from scene import DEPTH, store
from scripted_modules import Scripted, installed, module
from syncline_sdk import Contact, Option, RunContext, RunStopped, Trigger
from syncline_server.core.model import Run, RunState
from syncline_server.core.webhooks import MOST_TARGETS
from syncline_server.storage import module_states
from syncline_server.storage.database import Database
from told import Told

FIRST = Told("kauri", "CONTACT", "c1")


@pytest.fixture
def work() -> Scripted:
    """What the contacts module does; its first run has succeeded."""
    return Scripted(lambda ctx: ctx.advance_watermark(ctx.now()))


def benched(
    database: Database, work: Scripted, *, takes_targets: bool, options: Sequence[Option] = ()
) -> Bench:
    """Return a connected workspace whose contacts have been read once."""
    contacts = module("contacts", run=work, takes_targets=takes_targets, options=options)
    bench = Bench(database, installed(contacts))
    bench.connect()
    bench.switch(contacts=True)
    bench.complete("contacts")
    return bench


@pytest.fixture
def bench(database: Database, work: Scripted) -> Bench:
    """A workspace whose contacts module takes targets."""
    return benched(database, work, takes_targets=True)


def told(bench: Bench, *events: Told) -> Run:
    """Have something told, and return the run that reads it."""
    bench.tell(*events)
    (run,) = bench.look()
    return run


def settled(database: Database) -> int:
    """Return how many events have been read."""
    query = "SELECT COUNT(*) FROM webhook_events WHERE done_time IS NOT NULL"
    return int(database.tuples(query)[0][0])


def test_a_run_reads_each_record_that_was_told_once(bench: Bench, work: Scripted) -> None:
    """In order, whatever the order in which they came, and what came while it was queued."""
    run = told(bench, Told("kauri", "CONTACT", "c2", at=9), Told("kauri", "CONTACT", "c1", at=7))
    bench.tell(Told("kauri", "CONTACT", "c1", at=3), Told("kauri", "CONTACT", "c3"))

    bench.execute(run)

    seen = work.seen[-1]
    assert seen.targets == ("c1", "c2", "c3")
    assert seen.run.trigger is Trigger.WEBHOOK
    assert settled(bench.database) == 4


def test_a_module_that_takes_no_targets_runs_as_ever(database: Database, work: Scripted) -> None:
    """An ordinary run from the watermark reads what was told as well."""
    bench = benched(database, work, takes_targets=False)
    before = bench.state("contacts")
    work.then(lambda ctx: ctx.advance_watermark(ctx.now()))

    bench.execute(told(bench, FIRST))

    seen = work.seen[-1]
    assert (seen.targets, seen.watermark) == ((), before.watermark)
    assert bench.state("contacts").watermark == bench.clock()
    assert settled(database) == 1


@pytest.mark.parametrize(("count", "targeted"), [(MOST_TARGETS, True), (MOST_TARGETS + 1, False)])
def test_very_many_records_are_read_by_an_ordinary_run(
    bench: Bench, work: Scripted, *, count: int, targeted: bool
) -> None:
    """Beyond a number, pages cost fewer calls than names do; either way all are settled."""
    bench.execute(
        told(bench, *(Told("kauri", "CONTACT", f"c{number:04d}") for number in range(count)))
    )

    assert bool(work.seen[-1].targets) is targeted
    assert settled(bench.database) == count


def test_a_targeted_run_leaves_what_the_module_has_achieved(bench: Bench, work: Scripted) -> None:
    """The watermark stays, also if the module moves it, and so does a full read asked for."""
    with bench.database.transaction():
        module_states.ask_full_read(bench.database, bench.row, ["contacts"], bench.clock())
    before = bench.state("contacts")
    bench.clock.advance(seconds=60)
    work.then(lambda ctx: ctx.advance_watermark(ctx.now()))

    run = bench.execute(told(bench, FIRST))

    assert run.state is RunState.SUCCEEDED
    assert run.read_since == before.watermark
    assert bench.state("contacts") == before


def test_an_issue_outside_the_targets_stays_open(database: Database) -> None:
    """Only a full read finds that what an issue is about is gone; without a watermark, too."""
    bench = benched(database, Scripted(), takes_targets=True)
    issue = "INSERT INTO run_issues (run_id, number, code, message, action, kind, record_id,"
    rest = " record_name, create_time, workspace, provider, organisation_id, module)"
    values = " VALUES ('run000001', 9, 'X', '', '', 'CONTACT', '', '', 0, 'acme', 'books',"
    bench.database.execute(f"{issue}{rest}{values} 'kauri', 'contacts')")

    bench.execute(told(bench, FIRST))

    (row,) = bench.database.rows("SELECT resolve_time FROM run_issues")
    assert row["resolve_time"] is None


def test_what_was_settled_still_wakes_the_module(bench: Bench) -> None:
    """A targeted run does not read what had been left out."""
    bench.database.execute("UPDATE module_states SET wake_time = 1")

    bench.execute(told(bench, FIRST))

    assert bench.state("contacts").wake_time is not None


def test_a_run_that_is_taken_up_again_has_the_same_targets(bench: Bench, work: Scripted) -> None:
    """What came meanwhile is for the next one: a cursor counts on the list."""

    def interrupted(ctx: RunContext) -> None:
        store(ctx, "c1")
        bench.tell(Told("kauri", "CONTACT", "c0"))
        raise RunStopped

    work.then(interrupted)
    run = bench.execute(told(bench, FIRST), stopping=lambda: True)
    assert run.state is RunState.QUEUED

    run = bench.execute(run)

    assert run.state is RunState.SUCCEEDED
    assert [ctx.targets for ctx in work.seen[-2:]] == [("c1",), ("c1",)]
    assert work.seen[-1].cursor == "c1"
    assert [each.scope.module for each in bench.look()] == ["contacts"]


def test_a_run_with_options_settles_nothing(database: Database, work: Scripted) -> None:
    """It may leave out what was told."""
    bench = benched(database, work, takes_targets=True, options=[DEPTH])
    bench.tell(FIRST)

    bench.execute(bench.trigger("contacts", options={"depth": 1}))

    assert settled(database) == 0
    assert len(bench.look()) == 1


def test_a_cancelled_run_settles_nothing(bench: Bench, work: Scripted) -> None:
    """Whoever cancels stops this run; what was told is tried again later."""
    run = told(bench, FIRST)

    def cancelled(ctx: RunContext) -> None:
        bench.runs.cancel("acme", ctx.run.id)
        ctx.contacts.store([Contact(id="c1", name="c1")], cursor="c1")

    work.then(cancelled)

    assert bench.execute(run).state is RunState.CANCELLED
    assert settled(bench.database) == 0


def test_order_and_repeats_make_no_difference(bench: Bench, work: Scripted) -> None:
    """What is read is the records themselves, each once, whatever was told when."""
    events = [Told("kauri", "CONTACT", name, at=at) for at, name in enumerate(("c1", "c2", "c1"))]
    for order in (events, events[::-1], [*events, *events]):
        bench.database.execute("DELETE FROM webhook_events")
        bench.execute(told(bench, *order))

    assert [ctx.targets for ctx in work.seen[1:]] == [("c1", "c2")] * 3
