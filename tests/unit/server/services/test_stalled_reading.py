"""When a run that reads by ids, whose cursor stays the same, gets further."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bookkeeping import held, ready_to_push
from running import CUSTOMER_FIELDS, NOON, connect, master, noon, numbered_ids, running
from syncline_sdk import Contact, InvoiceState, RecordKind
from syncline_server.services.intake_contacts import ContactSink
from syncline_server.services.journal import Journal
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.outbox import Outbox
from syncline_server.storage import runs
from syncline_server.storage.database import Database

OURS = master(RecordKind.CONTACT, CUSTOMER_FIELDS)


def parked(database: Database, journal: Journal) -> Journal:
    """Return the journal of the run's next execution, behind a pause."""
    assert runs.park(database, journal.run, NOON, "Busy.", NOON)
    started = runs.start(database, journal.run, NOON, NOON)
    assert started
    run = replace(started, targets=journal.run.targets)
    return Journal(database, run, noon, lambda _notice: None)


def parks(database: Database, run: str) -> int:
    """Return how often a run was parked without getting further."""
    found = runs.get(database, run)
    assert found
    return found.stall.parks


def contact(database: Database, journal: Journal, *ids: str) -> int:
    """Store a batch of contacts; return how often the run was parked without getting further."""
    records = [Contact(id=id_, name=id_) for id_ in ids]
    ContactSink(journal, OURS, numbered_ids(f"{ids}")).store(records, cursor="by-ids")
    return parks(database, journal.run.id)


def test_a_batch_of_contacts_gets_a_full_read_further_once(database: Database) -> None:
    """The next batch does as well; the same one again, or an empty one, does not."""
    connect(database)
    first = running(database, "contacts", id="pull")
    assert contact(database, first, "a", "b") == 0

    second = parked(database, first)
    assert contact(database, second, "a", "b") == 1
    assert contact(database, second) == 1
    assert contact(database, second, "c") == 0

    assert contact(database, parked(database, second), "a", "b") == 1


@pytest.fixture
def states(database: Database) -> list[InvoiceState]:
    """What the provider holds of two linked invoices."""
    connect(database)
    ready_to_push(database, "inv1", "inv2")
    outbox = Outbox(running(database, "invoice_push", id="push"), numbered_ids())
    batch = outbox.prepare(10)
    outbox.sent(batch)
    for sent in batch:
        outbox.linked(sent.attempt_id, held(sent))
    return [held(sent) for sent in batch]


def refresh(database: Database, journal: Journal, states: Sequence[InvoiceState]) -> int:
    """Store a batch of invoices; return how often the run was parked without getting further."""
    LinkedInvoiceSink(journal).store(states, cursor="by-ids")
    return parks(database, journal.run.id)


@pytest.mark.parametrize("kind", ["all", "named", "told of"])
def test_a_batch_of_invoices_gets_a_pull_further_once(
    database: Database, states: list[InvoiceState], kind: str
) -> None:
    """Whoever asked for them; what was stored is not read again by the next execution."""
    named = ("inv1", "inv2") if kind == "named" else ()
    first = running(database, "invoice_pull", id="pull", options={"invoices": named})
    if kind != "all":
        database.execute("UPDATE runs SET read_since = 0 WHERE id = 'pull'")
        first.run = replace(first.run, read_since=NOON)
    if kind == "told of":
        first.run = replace(first.run, targets=tuple(state.id for state in states))
    second = parked(database, parked(database, first))
    assert refresh(database, second, states[:1]) == 0
    third = parked(database, second)

    assert LinkedInvoiceSink(third).unseen() == [states[1].id]
    assert refresh(database, third, states[:1]) == 1
    assert refresh(database, third, states[1:]) == 0
