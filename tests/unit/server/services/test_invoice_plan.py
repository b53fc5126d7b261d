from datetime import timedelta
from decimal import Decimal

from bookkeeping import ready_to_push
from dumps import dump
from rehearsing import as_counted, rehearsing, told, unfetched
from running import NOON, connect, numbered_ids, running
from syncline_sdk import InvoiceState, OutgoingInvoice
from syncline_server.core.plan import PlanOutcome
from syncline_server.services.invoice_plan import InvoicePlan
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.outbox import Outbox
from syncline_server.storage import runs
from syncline_server.storage.database import Database


def held(sent: OutgoingInvoice) -> InvoiceState:
    """Return what a provider holds of an invoice it took."""
    return InvoiceState(
        id=f"x-{sent.number}",
        number=sent.number,
        status="DRAFT",
        contact_id=sent.contact_id,
        currency=sent.currency,
        subtotal=Decimal(10),
        total_tax=Decimal("1.50"),
        total=sent.total,
        amount_due=sent.total,
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
    )


def linked(database: Database, *ids: str) -> list[InvoiceState]:
    """Link invoices, and return what the provider holds of them."""
    connect(database)
    ready_to_push(database, *ids)
    outbox = Outbox(running(database, "invoice_push", id="push"), numbered_ids())
    batch = outbox.prepare(10)
    outbox.sent(batch)
    for sent in batch:
        outbox.linked(sent.attempt_id, held(sent))
    return [held(sent) for sent in batch]


def test_a_plan_has_no_second_chances(database: Database) -> None:
    """What holds numbers of ours is no part of it."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push", id="push"), numbered_ids())
    (sent,) = outbox.prepare(10)
    outbox.sent([sent])
    outbox.rejected(sent.attempt_id, "TAKEN", "Taken.", holder="x-other")
    other = held(sent)._replace(id="x-other", modified_time=NOON - timedelta(days=1))
    plan = InvoicePlan(rehearsing(database, "invoice_pull"))
    sink = LinkedInvoiceSink(running(database, "invoice_pull", id="run"))

    assert list(sink.holders()) == ["x-other"]
    assert list(plan.holders()) == []

    sink.store([other], cursor="")

    assert list(sink.holders()) == []


def test_plan_is_what_the_run_does(database: Database) -> None:
    """Changed, unchanged, repeated, missing and foreign invoices count as the run counts them."""
    first, second, third = linked(database, "inv1", "inv2", "inv3")
    paid = first._replace(status="PAID", amount_due=Decimal(0))
    foreign = first._replace(id="x-other")
    before = dump(database)
    rehearsal = rehearsing(database, "invoice_pull")
    plan = InvoicePlan(rehearsal)
    sink = LinkedInvoiceSink(running(database, "invoice_pull", id="run"))
    standing = dump(database)

    plan.store([paid, second, foreign], cursor="1")
    plan.store([paid], cursor="2")
    plan.missing([third.id])

    assert dump(database) == standing
    assert before["invoice_links"] == standing["invoice_links"]
    sink.store([paid, second, foreign], cursor="1")
    sink.store([paid], cursor="2")
    sink.missing([third.id])
    run = runs.get(database, "run")
    assert run is not None
    assert as_counted(rehearsal.sketch) == unfetched(run.counts)
    assert told(rehearsal.sketch) == {"UPDATE": 1, "UNCHANGED": 2, "FAIL": 1}
    assert rehearsal.sketch.read == 5


def test_change_names_the_invoice_and_its_links_fields(database: Database) -> None:
    """A payment is told by the fields of the invoice link."""
    (state,) = linked(database, "inv1")
    rehearsal = rehearsing(database, "invoice_pull")

    InvoicePlan(rehearsal).store(
        [state._replace(status="PAID", amount_due=Decimal(0), amount_paid=state.total)],
        cursor="1",
    )

    (found,) = rehearsal.sketch.samples
    assert (found.outcome, found.local_id) == (PlanOutcome.UPDATE, "inv1")
    assert found.changed_fields == ("amount_due", "amount_paid", "provider_status")


def test_ids_are_those_the_run_would_refresh(database: Database) -> None:
    """All linked ones, or those the trigger names."""
    states = linked(database, "inv1", "inv2")
    every = InvoicePlan(rehearsing(database, "invoice_pull"))
    named = InvoicePlan(rehearsing(database, "invoice_pull", options={"invoices": ("inv2",)}))

    assert list(every.ids()) == sorted(state.id for state in states)
    assert list(named.ids()) == ["x-N-inv2"]
