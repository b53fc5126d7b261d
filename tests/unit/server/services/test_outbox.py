from dataclasses import replace
from decimal import Decimal

import pytest

from bookkeeping import an_invoice, ready_to_push, rows
from running import KAURI, NOON, connect, noon, numbered_ids, running
from syncline_sdk import InvoiceLine, InvoiceState, OutgoingInvoice, RunStopped, Value
from syncline_server.core.invoice import Freight, FreightState, InvoiceStage
from syncline_server.core.link import Link
from syncline_server.core.model import Counts, PushState
from syncline_server.services.journal import Journal
from syncline_server.services.outbox import Outbox
from syncline_server.storage import invoice_links, invoices, run_issues, runs
from syncline_server.storage.database import Database


@pytest.fixture(autouse=True)
def connected(database: Database) -> None:
    """Every test works on a connected organisation."""
    connect(database)


def push(
    database: Database, run: str = "run1", *, named: tuple[str, ...] = ()
) -> tuple[Outbox, Journal]:
    """Return the outbox of a run that was just started."""
    options: dict[str, Value] = {"invoices": named}
    journal = running(database, "invoice_push", id=run, options=options)
    return Outbox(journal, numbered_ids(run)), journal


def held(sent: OutgoingInvoice, id_: str = "x1") -> InvoiceState:
    """Return what a provider holds that took an invoice exactly as it was sent."""
    tax = sent.total - Decimal(10)
    line = sent.lines[0]
    return InvoiceState(
        id=id_,
        number=sent.number,
        status="DRAFT",
        contact_id=sent.contact_id,
        currency=sent.currency,
        subtotal=Decimal(10),
        total_tax=tax,
        total=sent.total,
        amount_due=sent.total,
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
        invoice_date=sent.invoice_date,
        lines=(
            InvoiceLine(
                description=line.description,
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                line_amount=Decimal(10),
                tax_amount=tax,
                tax_type=line.tax_type,
                item_code=line.item_code,
            ),
        ),
    )


def link(database: Database, invoice_id: str = "inv1") -> Link:
    """Return how an invoice stands."""
    return invoice_links.of_invoices(database, KAURI, [invoice_id])[invoice_id]


def counts(database: Database, run: str = "run1") -> Counts:
    """Return what a run counted."""
    found = runs.get(database, run)
    assert found
    return found.counts


def codes(database: Database, run: str = "run1") -> list[str]:
    """Return the codes of a run's issues."""
    return [row["code"] for row in run_issues.of_one_run(database, run, 0, 100)]


def reject(database: Database, run: str = "run1") -> None:
    """Have the provider refuse invoice inv1 in a run of its own."""
    outbox, _ = push(database, run)
    (sent,) = outbox.prepare(1)
    outbox.sent([sent])
    outbox.rejected(sent.attempt_id, "NO", "It says no.")


def test_prepared_invoice_is_in_the_providers_terms(database: Database) -> None:
    """What is handed out carries the contact, item code and tax type its records are mapped to."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)

    (sent,) = outbox.prepare(10)

    assert (sent.number, sent.contact_id, sent.total) == ("N-inv1", "c1", Decimal("11.50"))
    assert [(line.item_code, line.tax_type) for line in sent.lines] == [("W1", "OUTPUT2")]


def test_attempt_is_stored_before_anything_is_sent(database: Database) -> None:
    """An attempt is PENDING when it is handed out, SENT when the call begins."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)

    (sent,) = outbox.prepare(10)
    assert link(database).push_state is PushState.PENDING
    outbox.sent([sent])
    assert link(database).push_state is PushState.SENT
    assert link(database).parcel.invoice == sent


def test_freight_is_a_line_of_its_own(database: Database) -> None:
    """Known freight goes behind the lines, marked as freight, with its own tax type."""
    ready_to_push(database)
    freight = Freight(
        state=FreightState.FIXED, amount=Decimal(5), tax_code_id="gst", tax_rate=Decimal(15)
    )
    invoices.insert(database, an_invoice(freight=freight), NOON)
    outbox, _ = push(database)

    (sent,) = outbox.prepare(10)

    assert sent.lines[1].freight
    assert (sent.lines[1].unit_amount, sent.lines[1].tax_type) == (Decimal("5.00"), "OUTPUT2")
    assert sent.total == Decimal("17.25")


def test_linked_invoice_is_never_prepared_again(database: Database) -> None:
    """An invoice the provider holds is not handed out again, named or not."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)
    (sent,) = outbox.prepare(10)
    outbox.sent([sent])
    outbox.linked(sent.attempt_id, held(sent))

    assert link(database).push_state is PushState.LINKED
    assert link(database).variance is None
    assert counts(database) == Counts(total=1, fetched=1, created=1)
    assert push(database, "run2")[0].prepare(10) == []
    assert push(database, "run3", named=("inv1",))[0].prepare(10) == []
    assert counts(database, "run3") == Counts(total=1, fetched=1, skipped=1)


def test_difference_from_what_was_sent_is_kept(database: Database) -> None:
    """When the provider computes another total, the link says by how much."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)
    (sent,) = outbox.prepare(10)
    outbox.sent([sent])
    outbox.linked(sent.attempt_id, held(sent)._replace(total=Decimal("11.51")))

    found = link(database).variance
    assert found
    assert found.total_difference == Decimal("0.01")


def test_blocked_invoice_is_skipped_with_every_reason(database: Database) -> None:
    """A blocked invoice becomes an issue per reason, and the others go."""
    ready_to_push(database, "inv1", "inv2")
    blocked = replace(
        an_invoice("inv3", customer_id="nobody"),
        freight=Freight(state=FreightState.TO_BE_CONFIRMED),
    )
    invoices.insert(database, blocked, NOON)
    outbox, _ = push(database)

    assert [sent.number for sent in outbox.prepare(10)] == ["N-inv1", "N-inv2"]
    assert codes(database) == [
        "XERO_EXPORT_CONTACT_MAPPING_REQUIRED",
        "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT",
    ]
    assert counts(database) == Counts(total=3, fetched=3, skipped=1)


def test_named_invoices_alone_are_sent(database: Database) -> None:
    """A push that names invoices, by id or name, sends those and reports unknown ones."""
    ready_to_push(database, "inv1", "inv2")
    named = ("workspaces/acme/invoices/inv2", "nope", "workspaces/other/invoices/inv1")
    outbox, _ = push(database, named=named)

    assert [sent.number for sent in outbox.prepare(10)] == ["N-inv2"]
    assert codes(database) == ["INVOICE_UNKNOWN", "INVOICE_UNKNOWN"]


def test_drafts_are_not_sent(database: Database) -> None:
    """A draft is left alone, and reported when it is named."""
    ready_to_push(database)
    invoices.insert(database, an_invoice(stage=InvoiceStage.DRAFT), NOON)

    assert push(database)[0].prepare(10) == []
    assert push(database, "run2", named=("inv1",))[0].prepare(10) == []
    assert (codes(database), codes(database, "run2")) == ([], ["INVOICE_NOT_CONFIRMED"])


def test_batches_go_on_where_the_last_ended(database: Database) -> None:
    """Each invoice is handed out once, in batches of at most the size asked for."""
    ready_to_push(database, "inv1", "inv2", "inv3")
    outbox, _ = push(database)

    numbers = [[sent.number for sent in outbox.prepare(2)] for _ in range(3)]

    assert numbers == [["N-inv1", "N-inv2"], ["N-inv3"], []]


def test_attempt_of_a_died_process_is_unresolved(database: Database) -> None:
    """What was sent without a verdict comes back, with its time, from unresolved alone."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)
    (sent,) = outbox.prepare(10)
    outbox.sent([sent])

    again, _ = push(database, "run2")
    assert again.unresolved() == [replace(sent, sent_time=NOON)]
    assert again.prepare(10) == []
    again.linked(sent.attempt_id, held(sent))
    assert counts(database, "run2") == Counts(total=1, fetched=1, created=1)


def test_prepared_and_never_sent_is_prepared_anew(database: Database) -> None:
    """What was prepared by a process that died goes out under a new attempt and key."""
    ready_to_push(database, "inv1")
    _, journal = push(database)
    (dead,) = Outbox(journal, numbered_ids("dead")).prepare(10)
    taken_up = Journal(
        database, runs.get(database, "run1") or journal.run, noon, lambda _notice: None
    )

    (sent,) = Outbox(taken_up, numbered_ids("alive")).prepare(10)

    assert sent.number == dead.number
    assert sent.attempt_id != dead.attempt_id
    assert sent.idempotency_key != dead.idempotency_key
    assert counts(database).fetched == 1


def test_absent_invoice_is_sent_again_under_a_new_attempt(database: Database) -> None:
    """An invoice proven absent goes out again in the same run, with another key."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)
    (first,) = outbox.prepare(10)
    outbox.sent([first])
    outbox.uncertain([first.attempt_id])
    outbox.absent(first.attempt_id)

    (second,) = outbox.prepare(10)

    assert second.number == first.number
    assert second.idempotency_key != first.idempotency_key
    assert counts(database).fetched == 1


def test_rejected_invoice_is_an_issue_in_the_providers_words(database: Database) -> None:
    """A refusal is stored, counted as failed and reported with what the provider said."""
    ready_to_push(database, "inv1")
    reject(database)

    assert link(database).push_state is PushState.REJECTED
    (issue,) = run_issues.of_one_run(database, "run1", 0, 10)
    assert (issue["code"], issue["message"], issue["local_id"]) == ("NO", "It says no.", "inv1")
    assert counts(database) == Counts(total=1, fetched=1, failed=1)


def test_rejected_invoice_is_left_until_it_changes(database: Database) -> None:
    """Without a change a refused invoice is only sent again when it is named."""
    ready_to_push(database, "inv1")
    reject(database)

    assert push(database, "run2")[0].prepare(10) == []
    assert len(push(database, "run3", named=("inv1",))[0].prepare(10)) == 1


def test_rejected_invoice_that_changed_is_sent_again(database: Database) -> None:
    """A refused invoice whose content is another by now goes out again by itself."""
    ready_to_push(database, "inv1")
    reject(database)
    invoices.update(database, an_invoice(reference="PO 7"), NOON)

    assert len(push(database, "run2")[0].prepare(10)) == 1


def test_rejected_invoice_is_not_sent_twice_by_one_run(database: Database) -> None:
    """A run that names an invoice sends it once, whatever the verdict."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database, named=("inv1",))
    (sent,) = outbox.prepare(10)
    outbox.rejected(sent.attempt_id, "NO", "It says no.")

    assert outbox.prepare(10) == []


def test_provider_invoice_is_linked_to_one_invoice_only(database: Database) -> None:
    """A verdict that ties a second invoice to the same provider invoice is not taken."""
    ready_to_push(database, "inv1", "inv2")
    outbox, _ = push(database)
    first, second = outbox.prepare(10)
    outbox.sent([first, second])
    outbox.linked(first.attempt_id, held(first))
    outbox.linked(second.attempt_id, held(second))

    assert link(database, "inv2").push_state is PushState.REJECTED
    assert codes(database) == ["INVOICE_LINKED_TWICE"]


def test_verdict_on_what_was_never_sent_is_refused(database: Database) -> None:
    """A module that links an attempt it did not send breaks the rules."""
    ready_to_push(database, "inv1")
    outbox, _ = push(database)
    (sent,) = outbox.prepare(10)

    with pytest.raises(ValueError, match="may not get this verdict"):
        outbox.linked(sent.attempt_id, held(sent))

    assert len(rows(database, "invoice_links", "invoice_id")) == 1


def test_earlier_attempt_of_a_run_sends_nothing_more(database: Database) -> None:
    """Once another process has taken the run up, the first one may not even begin to send."""
    ready_to_push(database, "inv1")
    zombie, journal = push(database)
    (prepared,) = zombie.prepare(1)
    runs.requeue(database, journal.run)
    runs.start(database, journal.run, NOON, None)

    with pytest.raises(RunStopped):
        zombie.sent([prepared])
    with pytest.raises(RunStopped):
        zombie.absent(prepared.attempt_id)
    (link,) = invoice_links.anywhere(database, "acme", ["inv1"])
    assert link.push_state is PushState.PENDING


def test_what_an_earlier_run_left_open_is_prepared_once(database: Database) -> None:
    """Proven absent it is sent under one new attempt, together with what is new."""
    ready_to_push(database, "inv1", "inv2")
    earlier, _ = push(database, "run1")
    earlier.sent(earlier.prepare(1))
    outbox, _ = push(database, "run2")
    (left,) = outbox.unresolved()
    outbox.absent(left.attempt_id)

    batch = outbox.prepare(10)

    assert [each.number for each in batch] == ["N-inv1", "N-inv2"]
    assert len({each.attempt_id for each in batch}) == 2
    outbox.sent(batch)
    assert outbox.prepare(10) == []
