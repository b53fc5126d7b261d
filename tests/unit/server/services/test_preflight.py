from functools import partial

import pytest

from bookkeeping import add_invoice, an_invoice, ready_to_push, rows
from running import ACME, connect, numbered_ids, running
from syncline_server.core.errors import FailedPrecondition, Reason
from syncline_server.core.invoice import InvoiceStage
from syncline_server.services.organisations import find_organisation
from syncline_server.services.outbox import Outbox
from syncline_server.services.preflight import Preflight, Verdict
from syncline_server.storage.database import Database


def service(database: Database) -> Preflight:
    """Return the service."""
    return Preflight(database, partial(find_organisation, database))


def test_every_verdict_is_told_and_nothing_changes(database: Database) -> None:
    """Named invoices are answered in order: eligible, blocked, linked, unknown."""
    connect(database)
    ready_to_push(database, "inv1", "inv2")
    outbox = Outbox(
        running(database, "invoice_push", options={"invoices": ("inv2",)}), numbered_ids()
    )
    outbox.sent(outbox.prepare(1))
    add_invoice(database, an_invoice("inv3", stage=InvoiceStage.DRAFT))
    before = rows(database, "invoice_links", "invoice_id")

    answer = service(database).check(ACME, ["workspaces/acme/invoices/inv3", "inv2", "no", "inv1"])

    assert [(each.invoice, each.verdict) for each in answer.results] == [
        ("inv3", Verdict.BLOCKED),
        ("inv2", Verdict.ALREADY_LINKED),
        ("no", Verdict.BLOCKED),
        ("inv1", Verdict.ELIGIBLE),
    ]
    assert [reason.code for reason in answer.results[0].reasons] == ["INVOICE_NOT_CONFIRMED"]
    assert answer.counts == {
        Verdict.ELIGIBLE: 1,
        Verdict.BLOCKED: 2,
        Verdict.ALREADY_LINKED: 1,
    }
    assert rows(database, "invoice_links", "invoice_id") == before


def test_without_names_every_confirmed_invoice_is_looked_at(database: Database) -> None:
    """Drafts are left out, blocked ones are told with their reasons."""
    connect(database)
    ready_to_push(database, "inv1")
    add_invoice(database, an_invoice("inv2", stage=InvoiceStage.DRAFT))
    add_invoice(database, an_invoice("inv3", customer_id="nobody"))

    answer = service(database).check(ACME, [])

    assert [each.invoice for each in answer.results] == ["inv1", "inv3"]
    assert [reason.code for reason in answer.results[1].reasons] == [
        "XERO_EXPORT_CONTACT_MAPPING_REQUIRED"
    ]


def test_invoices_beyond_the_limit_are_blocked(database: Database) -> None:
    """The fifty-first invoice of a request is blocked for being that."""
    connect(database)

    answer = service(database).check(ACME, [f"inv{number}" for number in range(51)])

    codes = [each.reasons[0].code for each in answer.results]
    assert codes == ["INVOICE_UNKNOWN"] * 50 + ["BATCH_LIMIT_EXCEEDED"]


def test_without_any_organisation_it_is_refused(database: Database) -> None:
    """Before the first connection there is nothing to check against."""
    with pytest.raises(FailedPrecondition) as refusal:
        service(database).check(ACME, [])

    assert refusal.value.reason is Reason.NOT_CONNECTED


def test_nobody_waiting_ends_the_look_at_everything(database: Database) -> None:
    """A caller who has left does not keep a thread busy with all of a workspace's invoices."""
    connect(database)
    ready_to_push(database, "inv1")

    answer = service(database).check(ACME, [], lambda: False)

    assert list(answer.results) == []
