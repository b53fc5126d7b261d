"""What a process that died had announced: when it was last possible that it left is a row."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bookkeeping import ready_to_push
from mortal import Killed, MortalDatabase
from running import KAURI, NOON, connect, numbered_ids, running
from syncline_sdk import LEAVES_WITHIN, OutgoingInvoice
from syncline_server.core.link import Link
from syncline_server.core.model import PushState, Run
from syncline_server.outbound.clients import LEAVING
from syncline_server.services.budgets import PROMPT
from syncline_server.services.journal import Journal
from syncline_server.services.outbox import Outbox
from syncline_server.storage import invoice_links, runs
from syncline_server.storage.database import Database

MANY = 100
"""More statements than it takes; the loop below ends by itself."""


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation that two invoices can go to."""
    connect(database)
    ready_to_push(database, "inv1", "inv2")


def life(database: Database, run: Run, seconds: float) -> Outbox:
    """Return the outbox of an execution at so many seconds past noon."""
    now = at(seconds)
    journal = Journal(database, run, lambda: now, lambda _notice: None)
    return Outbox(journal, numbered_ids(f"{run.id}-{run.attempt}-"))


def at(seconds: float) -> datetime:
    """Return the time so many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def again(database: Database, run: Run) -> Run:
    """Return the next attempt of a run whose process died."""
    assert runs.requeue(database, run)
    queued = runs.get(database, run.id)
    started = queued and runs.start(database, queued, NOON, None)
    assert started
    return started


def announced(database: Database, id_: str = "run1") -> tuple[Run, OutgoingInvoice]:
    """Announce inv1 at noon and die; return the run's next attempt and what was announced."""
    run = running(database, "invoice_push", id=id_).run
    outbox = life(database, run, 0)
    (invoice,) = outbox.prepare(1)
    outbox.sent([invoice])
    return again(database, run), invoice


def link(database: Database) -> Link:
    """Return how inv1 stands."""
    return invoice_links.of_invoices(database, KAURI, ["inv1"])["inv1"]


def times(outbox: Outbox) -> list[datetime | None]:
    """Return since when nothing sends what is unresolved."""
    return [invoice.sent_time for invoice in outbox.unresolved()]


def test_what_was_announced_may_have_left_until_it_is_found(database: Database) -> None:
    """Its call waited for a budget, nobody knows how long; that it was found is written down."""
    run, invoice = announced(database)

    found = life(database, run, 80).unresolved()

    assert found == [replace(invoice, sent_time=at(80))]
    assert (link(database).push_state, link(database).update_time) == (PushState.UNCERTAIN, at(80))


def test_whoever_takes_the_run_up_goes_on_with_the_same_wait(database: Database) -> None:
    """The time is that of the first who found it, though it died before it settled anything."""
    run, _ = announced(database)
    life(database, run, 80).unresolved()

    assert times(life(database, again(database, run), 100)) == [at(80)]
    later = running(database, "invoice_push", id="run2").run
    assert times(life(database, later, 170)) == [at(80)]


def test_a_second_kill_begins_a_wait_of_its_own(database: Database) -> None:
    """What was proven absent and announced anew may have left until that is found."""
    run, _ = announced(database)
    outbox = life(database, run, 80)
    (left,) = outbox.unresolved()
    outbox.absent(left.attempt_id)
    outbox.sent(outbox.prepare(1))

    assert times(life(database, again(database, run), 300)) == [at(300)]


def test_a_call_that_ended_without_an_answer_left_before_that(database: Database) -> None:
    """Who saw its end wrote the time down; a later one does not begin the wait anew."""
    run = running(database, "invoice_push").run
    outbox = life(database, run, 0)
    (invoice,) = outbox.prepare(1)
    outbox.sent([invoice])
    life(database, run, 90).uncertain([invoice.attempt_id])

    assert times(life(database, again(database, run), 120)) == [at(90)]


def test_a_clock_that_was_put_back_costs_one_wait(database: Database) -> None:
    """A time that is yet to come says nothing: it is now instead, and stays so."""
    run, _ = announced(database)
    life(database, run, 86_400).unresolved()

    for seconds in (10, 60):
        run = again(database, run)
        assert times(life(database, run, seconds)) == [at(10)]


def test_who_dies_over_finding_it_leaves_it_as_it_was_or_found(database: Database) -> None:
    """Killed before any statement: the next one finds it anew, or as the first one found it."""
    kills = 0
    for step in range(1, MANY):
        run, _ = announced(database, f"run{step}")
        try:
            life(MortalDatabase(database, step), run, 80).unresolved()
        except Killed:
            kills += 1
        state, time = link(database).push_state, link(database).update_time
        assert (state, time) in {(PushState.SENT, NOON), (PushState.UNCERTAIN, at(80))}
        survivor = life(database, again(database, run), 100)
        (left,) = survivor.unresolved()
        assert left.sent_time == (at(100) if state is PushState.SENT else at(80))
        survivor.absent(left.attempt_id)
        if kills < step:
            break
    assert kills > 2


def test_what_is_found_is_counted_once(database: Database) -> None:
    """With its verdict, by the run that gives it, however often that found it."""
    announced(database)
    run = running(database, "invoice_push", id="run2").run
    life(database, run, 80).unresolved()
    outbox = life(database, again(database, run), 160)
    (left,) = outbox.unresolved()
    outbox.rejected(left.attempt_id, "NO", "It says no.")

    found = runs.get(database, "run2")
    assert found
    assert (found.counts.fetched, found.counts.failed) == (1, 1)


def test_nothing_leaves_later_than_plugins_are_told() -> None:
    """A call gets from its ticket to its connection within the time that is added to sent_time."""
    assert PROMPT + LEAVING <= LEAVES_WITHIN
