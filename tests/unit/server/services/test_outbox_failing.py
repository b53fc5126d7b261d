"""Invoices the provider fails on, with an error of its own, and what is remembered of that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookkeeping import ready_to_push
from running import KAURI, NOON, connect, numbered_ids, running
from syncline_sdk import OutgoingInvoice
from syncline_server.services.journal import Journal
from syncline_server.services.outbox import Outbox
from syncline_server.storage import invoice_links, invoices, runs
from syncline_server.storage.database import Database


@pytest.fixture(autouse=True)
def ready(database: Database) -> None:
    """Every test has one invoice that is ready to push."""
    connect(database)
    ready_to_push(database, "inv1")


def push(database: Database, run: str) -> Outbox:
    """Return the outbox of a run that was just started."""
    return Outbox(running(database, "invoice_push", id=run), numbered_ids(run))


def fail(outbox: Outbox, *, others_went: bool = False) -> OutgoingInvoice:
    """Send what is due, let the provider fail on it, and return it as it was prepared."""
    (prepared,) = outbox.prepare(10)
    outbox.sent([prepared])
    outbox.uncertain([prepared.attempt_id])
    outbox.absent(prepared.attempt_id)
    outbox.failing(prepared.attempt_id, others_went=others_went)
    return prepared


def test_failures_are_counted_from_the_first_on(database: Database) -> None:
    """Each attempt tells how often it was before, and since when."""
    outbox = push(database, "run1")

    told = [fail(outbox, others_went=went) for went in (True, False, False)]

    assert [each.failures for each in told] == [0, 1, 2]
    assert [each.failing_since for each in told] == [None, NOON, NOON]
    assert [each.others_went for each in told] == [False, True, True]
    assert len({each.idempotency_key for each in told}) == 3


def test_failures_outlast_executions_and_runs(database: Database) -> None:
    """Whoever goes on knows of them, and when they began."""
    journal = running(database, "invoice_push", id="run1")
    fail(Outbox(journal, numbered_ids("a")), others_went=True)
    runs.requeue(database, journal.run)
    later = runs.start(database, journal.run, NOON + timedelta(hours=1), None)
    assert later
    heir = Journal(database, later, lambda: NOON + timedelta(hours=1), lambda _: None)
    fail(Outbox(heir, numbered_ids("b")))

    (prepared,) = push(database, "run2").prepare(10)

    assert (prepared.failures, prepared.failing_since) == (2, NOON)
    assert prepared.others_went


def test_an_invoice_that_changes_begins_anew(database: Database) -> None:
    """What the provider failed on may be what was changed."""
    fail(push(database, "run1"))
    (known,) = invoices.by_ids(database, "acme", ["inv1"]).values()
    invoices.update(database, replace(known, reference="Another one"), NOON)

    (prepared,) = push(database, "run2").prepare(10)

    assert prepared.reference == "Another one"
    assert (prepared.failures, prepared.failing_since) == (0, None)


def test_one_that_is_rejected_rests_and_begins_anew(database: Database) -> None:
    """Its failures do not make it another invoice than the one that was refused."""
    outbox = push(database, "run1")
    fail(outbox)
    (prepared,) = outbox.prepare(10)
    outbox.rejected(prepared.attempt_id, "FAILS", "It fails.")

    assert push(database, "run2").prepare(10) == []

    invoice_links.reconsider(database, KAURI, ["inv1"], NOON)
    (again,) = push(database, "run3").prepare(10)
    assert (again.failures, again.failing_since) == (0, None)


def test_only_what_was_proved_absent_fails(database: Database) -> None:
    """Of one whose outcome is not known nothing may be said."""
    outbox = push(database, "run1")
    (prepared,) = outbox.prepare(10)
    outbox.sent([prepared])

    with pytest.raises(ValueError, match="may not get this verdict"):
        outbox.failing(prepared.attempt_id, others_went=False)


def test_attempts_alone_get_no_run_further(database: Database) -> None:
    """Neither preparing an invoice nor its failing ends a stall; a verdict does."""
    journal = running(database, "invoice_push", id="run1")
    assert runs.park(database, journal.run, NOON, "Busy.", NOON)
    started = runs.start(database, replace(journal.run), NOON, None)
    assert started
    outbox = Outbox(Journal(database, started, lambda: NOON, lambda _: None), numbered_ids("a"))

    fail(outbox)
    (prepared,) = outbox.prepare(10)
    assert parks(database) == 1
    outbox.rejected(prepared.attempt_id, "FAILS", "It fails.")
    assert parks(database) == 0


def parks(database: Database) -> int:
    """Return how often the run was parked without getting further."""
    run = runs.get(database, "run1")
    assert run
    return run.stall.parks
