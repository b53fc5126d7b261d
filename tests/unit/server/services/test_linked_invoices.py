from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bookkeeping import held, ready_to_push
from running import KAURI, connect, numbered_ids, running
from syncline_sdk import InvoiceState
from syncline_server.core.model import Counts
from syncline_server.services.linked_invoices import LinkedInvoiceSink
from syncline_server.services.outbox import Outbox
from syncline_server.storage import invoice_links, run_issues, runs
from syncline_server.storage.database import Database


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


def test_a_targeted_run_refreshes_the_linked_ones_of_its_targets(
    database: Database, states: list[InvoiceState]
) -> None:
    """What was unlinked since it was told is left out."""
    assert len(states) == 2
    journal = running(database, "invoice_pull", id="pull")
    journal.run = replace(journal.run, targets=("x-elsewhere", states[1].id))

    assert list(LinkedInvoiceSink(journal).ids()) == [states[1].id]


def sink(database: Database, run: str = "pull", named: tuple[str, ...] = ()) -> LinkedInvoiceSink:
    """Return the sink of a pull that was just started."""
    return LinkedInvoiceSink(running(database, "invoice_pull", id=run, options={"invoices": named}))


def counts(database: Database) -> Counts:
    """Return what the pull counted."""
    found = runs.get(database, "pull")
    assert found
    return found.counts


@pytest.mark.parametrize(
    ("named", "ids"),
    [((), ["x-N-inv1", "x-N-inv2"]), (("inv2", "nope"), ["x-N-inv2"])],
    ids=["all", "named"],
)
def test_ids_are_those_of_linked_invoices(
    database: Database, states: list[InvoiceState], named: tuple[str, ...], ids: list[str]
) -> None:
    """All linked invoices are refreshed, or the linked ones among those named."""
    assert len(states) == 2
    assert list(sink(database, named=named).ids()) == ids


def test_payment_is_stored(database: Database, states: list[InvoiceState]) -> None:
    """Status, amounts and the day of full payment follow the provider."""
    paid = states[0]._replace(
        status="PAID",
        amount_due=Decimal(0),
        amount_paid=Decimal("11.5"),
        fully_paid_date=date(2026, 10, 9),
    )

    sink(database).store([paid, states[1]], cursor="7")

    link = invoice_links.of_invoices(database, KAURI, ["inv1"])["inv1"]
    assert (link.remote, link.variance) == (paid, None)
    assert counts(database) == Counts(fetched=2, updated=1, unchanged=1)


def test_changed_line_is_a_variance(database: Database, states: list[InvoiceState]) -> None:
    """What a person changed at the provider is told line by line."""
    line = states[0].lines[0] if states[0].lines else None
    assert line
    changed = states[0]._replace(
        total=Decimal("23.00"), lines=(line._replace(quantity=Decimal(2)),)
    )

    sink(database).store([changed], cursor="7")

    variance = invoice_links.of_invoices(database, KAURI, ["inv1"])["inv1"].variance
    assert variance
    assert variance.total_difference == Decimal("11.50")
    assert [(each.line_number, each.field) for each in variance.differences] == [
        (0, "total"),
        (1, "quantity"),
    ]


def test_answer_without_lines_keeps_them(database: Database, states: list[InvoiceState]) -> None:
    """An answer that left the lines out changes nothing about them."""
    sink(database).store([states[0]._replace(lines=None, status="AUTHORISED")], cursor="")

    link = invoice_links.of_invoices(database, KAURI, ["inv1"])["inv1"]
    assert link.remote
    assert (link.remote.status, link.remote.lines) == ("AUTHORISED", states[0].lines)


def test_invoices_without_a_link_are_ignored(
    database: Database, states: list[InvoiceState]
) -> None:
    """What exists only at the provider is not imported."""
    sink(database).store([states[0]._replace(id="stranger")], cursor="")

    assert counts(database) == Counts()


def test_missing_invoice_is_an_issue(database: Database, states: list[InvoiceState]) -> None:
    """A linked invoice the provider lost stays linked and is reported."""
    sink(database).missing([states[0].id, "stranger"])

    (issue,) = run_issues.of_one_run(database, "pull", 0, 10)
    assert (issue["code"], issue["local_id"]) == ("INVOICE_MISSING", "inv1")
    assert counts(database) == Counts(fetched=1, failed=1)


def test_unseen_is_what_this_run_has_not_stored(
    database: Database, states: list[InvoiceState]
) -> None:
    """What an earlier run stored is to be refreshed again."""
    sink(database, "earlier").store(states, cursor="1")
    pull = sink(database)
    pull.store(states[:1], cursor="1")

    assert list(pull.unseen()) == ["x-N-inv2"]


def test_unseen_of_named_invoices_is_among_them(
    database: Database, states: list[InvoiceState]
) -> None:
    """Nobody else is looked for."""
    assert len(states) == 2
    assert list(sink(database, named=("inv2",)).unseen()) == ["x-N-inv2"]
