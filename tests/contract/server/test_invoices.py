from typing import Any

import pytest

from record_calls import (
    HOME,
    INVOICE,
    fields,
    invoice,
)
from syncline.v1 import invoice_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import (
    Client,
    FailedPrecondition,
    InvalidArgument,
)
from wiring import ACME, Served


def test_invoice_is_computed(stocked: Client) -> None:
    """Line, tax and totals are computed to the cent, freight included."""
    made = invoice(stocked, INVOICE, "first")
    found = stocked.records.GetInvoice(pb.GetInvoiceRequest(name=made.name)).invoice

    assert made == found
    assert made.state == invoice_pb2.Invoice.STATE_DRAFT
    line = made.lines[0]
    assert (line.description, line.quantity, line.unit_price) == ("Pipe", "3", "10.005")
    assert (line.line_amount, line.tax_amount) == ("30.02", "4.50")
    assert (made.subtotal, made.total_tax, made.total) == ("50.02", "7.50", "57.52")
    assert (made.freight.amount, made.invoice_date) == ("20.00", "2026-10-01")
    assert not made.HasField("link")


def test_every_mistake_in_an_invoice_is_told(stocked: Client) -> None:
    """Bad numbers, dates and enum values come together with missing fields."""
    with pytest.raises(InvalidArgument) as refusal:
        invoice(
            stocked,
            {
                "number": "INV-2",
                "invoice_date": "soon",
                "line_amounts": 99,
                "lines": [{"quantity": "many"}],
                "freight": {"state": 77},
            },
        )

    assert set(fields(refusal)) >= {
        "invoice.customer",
        "invoice.currency_code",
        "invoice.invoice_date",
        "invoice.line_amounts",
        "invoice.lines[0].quantity",
        "invoice.freight.state",
    }


def test_every_wrong_reference_of_an_invoice_is_told(stocked: Client) -> None:
    """Once each field is what it can be, unknown references and what contradicts come together."""
    with pytest.raises(InvalidArgument) as refusal:
        invoice(
            stocked,
            {
                **INVOICE,
                "number": "INV-2",
                "customer": f"{HOME}/customers/nobody",
                "due_date": "1999-12-31",
                "lines": [{"quantity": "1", "unit_price": "1", "tax_code": f"{HOME}/taxCodes/no"}],
            },
        )

    assert set(fields(refusal)) >= {
        "invoice.customer",
        "invoice.due_date",
        "invoice.lines[0].description",
        "invoice.lines[0].tax_code",
    }


def test_confirmed_invoice_can_be_changed_until_it_is_sent(stocked: Client) -> None:
    """Confirming twice succeeds; until it is sent it can be changed, and stays confirmed."""
    name = invoice(stocked, INVOICE, "first").name
    for _ in range(2):
        answer = stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=name))
        assert answer.invoice.state == invoice_pb2.Invoice.STATE_CONFIRMED

    freight = invoice_pb2.Freight(state="STATE_NONE")
    message = invoice_pb2.Invoice(name=name, reference="PO 7", freight=freight)
    changed = stocked.records.UpdateInvoice(pb.UpdateInvoiceRequest(invoice=message)).invoice

    assert (changed.total, changed.reference) == ("34.52", "PO 7")
    assert changed.state == invoice_pb2.Invoice.STATE_CONFIRMED


def test_invoice_is_voided_for_good(stocked: Client) -> None:
    """Voiding twice succeeds; a void invoice is not confirmed any more, and the refusal says so."""
    name = invoice(stocked, INVOICE, "first").name
    for _ in range(2):
        answer = stocked.records.VoidInvoice(pb.VoidInvoiceRequest(name=name))
        assert answer.invoice.state == invoice_pb2.Invoice.STATE_VOID

    with pytest.raises(FailedPrecondition) as refusal:
        stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=name))

    assert refusal.value.reason == "INVOICE_STATE"


def test_invoices_are_filtered(stocked: Client) -> None:
    """State, customer and text narrow the list."""
    first = invoice(stocked, INVOICE, "first")
    invoice(stocked, {**INVOICE, "number": "INV-2"}, "second")
    stocked.records.ConfirmInvoice(pb.ConfirmInvoiceRequest(name=first.name))

    def listed(**more: Any) -> list[str]:
        answer = stocked.records.ListInvoices(pb.ListInvoicesRequest(parent=HOME, **more))
        return [each.number for each in answer.invoices]

    assert listed() == ["INV-1", "INV-2"]
    assert listed(states=["STATE_CONFIRMED"]) == ["INV-1"]
    assert listed(customer=f"{HOME}/customers/kauri", query="-2") == ["INV-2"]
    assert listed(customer=f"{HOME}/customers/other") == []


def test_preflight_needs_an_organisation(client: Client) -> None:
    """Nobody can say what would be pushed where nothing was ever connected."""
    with pytest.raises(FailedPrecondition) as refusal:
        client.records.PreflightInvoices(pb.PreflightInvoicesRequest(connection=str(ACME)))

    assert refusal.value.reason == "NOT_CONNECTED"


def test_preflight_tells_every_reason(server: Served, stocked: Client) -> None:
    """Verdicts come in the order asked for, unknown ones as they were asked for."""
    server.wired.connect()
    name = invoice(stocked, INVOICE, "first").name

    request = pb.PreflightInvoicesRequest(connection=str(ACME), invoices=["nothing", name])
    answer = stocked.records.PreflightInvoices(request)

    assert (answer.eligible_count, answer.blocked_count, answer.linked_count) == (0, 2, 0)
    unknown, known = answer.results
    assert (unknown.invoice, unknown.reasons[0].code) == ("nothing", "INVOICE_UNKNOWN")
    assert (known.invoice, known.number) == (name, "INV-1")
    assert known.outcome == pb.PreflightResult.OUTCOME_BLOCKED
    assert "INVOICE_NOT_CONFIRMED" in [each.code for each in known.reasons]


def test_links_are_listed(server: Served, client: Client) -> None:
    """Where nothing was sent there are no links."""
    server.wired.connect()

    answer = client.records.ListInvoiceLinks(pb.ListInvoiceLinksRequest(parent=str(ACME)))

    assert list(answer.invoice_links) == []
