from dataclasses import replace
from decimal import Decimal

import pytest

from bookkeeping import add_customer, add_product, add_tax_code, ready_to_push
from running import connect, noon, numbered_ids, running
from syncline_sdk import Contact, Item
from syncline_server.core.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
)
from syncline_server.core.etags import of
from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.invoice_draft import FreightDraft, InvoiceDraft, LineDraft
from syncline_server.core.listing import InvoiceFilter
from syncline_server.core.model import PushState
from syncline_server.services.invoices import Invoices
from syncline_server.services.outbox import Outbox
from syncline_server.storage.database import Database

GST = "workspaces/acme/taxCodes/gst"
LINE = LineDraft(
    product="workspaces/acme/products/widget",
    quantity="3",
    unit_price="10.03",
    discount_percent="10",
    tax_code=GST,
)
DRAFT = InvoiceDraft(
    workspace="acme",
    id="inv1",
    number="N-1",
    customer="workspaces/acme/customers/kerr",
    currency_code="NZD",
    invoice_date="2026-10-01",
    due_date="2026-10-20",
    line_amounts="EXCLUSIVE",
    lines=(LINE,),
)


@pytest.fixture
def invoices(database: Database) -> Invoices:
    """The service, over a customer, a product and a tax code."""
    add_customer(database, "kerr", Contact(id="", name="Kerr"))
    add_product(database, "widget", Item(id="", code="W1", name="Widget"))
    add_tax_code(database, "gst")
    return Invoices(database, noon, numbered_ids())


def test_amounts_are_computed(invoices: Invoices) -> None:
    """A new invoice is a draft with line amounts, tax per line and totals, freight included."""
    freight = FreightDraft(state="FIXED", amount="5.00", tax_code=GST)

    invoice = invoices.create(replace(DRAFT, freight=freight)).invoice

    (line,) = invoice.lines
    assert (line.description, line.line_amount, line.tax_amount) == (
        "Widget",
        Decimal("27.08"),
        Decimal("4.06"),
    )
    assert invoice.totals == (Decimal("32.08"), Decimal("4.81"), Decimal("36.89"))
    assert invoice.stage is InvoiceStage.DRAFT


def test_everything_wrong_is_told_at_once(invoices: Invoices) -> None:
    """Every malformed field is listed, whatever part of the invoice it is in."""
    draft = InvoiceDraft(
        workspace="acme",
        customer="workspaces/acme/customers/nobody",
        currency_code="nzd",
        invoice_date="2026-02-30",
        line_amounts="SOMETIMES",
        lines=(LineDraft(quantity="x", unit_price="1"), replace(LINE, tax_code="")),
        freight=FreightDraft(state="NONE", amount="5"),
    )

    with pytest.raises(InvalidArgument) as refusal:
        invoices.create(draft)

    assert {each.field for each in refusal.value.violations} == {
        "invoice.number",
        "invoice.customer",
        "invoice.currency_code",
        "invoice.invoice_date",
        "invoice.line_amounts",
        "invoice.lines[0].quantity",
        "invoice.lines[0].description",
        "invoice.lines[0].tax_code",
        "invoice.lines[1].tax_code",
        "invoice.freight.amount",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"due_date": "2026-09-30"}, "invoice.due_date"),
        ({"line_amounts": "NO_TAX"}, "invoice.lines[0].tax_code"),
        ({"lines": ()}, "invoice.lines"),
        ({"lines": (replace(LINE, unit_price="0"),)}, "invoice.lines[0].unit_price"),
        ({"lines": (replace(LINE, quantity="-1"),)}, "invoice.lines[0].quantity"),
        ({"freight": FreightDraft(state="FIXED")}, "invoice.freight.amount"),
    ],
)
def test_contradiction_is_refused(
    invoices: Invoices, change: dict[str, object], field: str
) -> None:
    """Fields that do not go together are refused."""
    with pytest.raises(InvalidArgument) as refusal:
        invoices.create(replace(DRAFT, **change))  # type: ignore[arg-type]  # table of cases

    assert field in {each.field for each in refusal.value.violations}


def test_taken_number_names_the_other_invoice(invoices: Invoices) -> None:
    """A number is unique in the workspace, whatever its case."""
    invoices.create(DRAFT)

    with pytest.raises(AlreadyExists) as refusal:
        invoices.create(replace(DRAFT, id="inv2", number="n-1"))

    assert refusal.value.resource == "workspaces/acme/invoices/inv1"


def test_draft_can_be_changed(invoices: Invoices) -> None:
    """Fields of a draft change one by one, and amounts follow."""
    invoices.create(DRAFT)

    draft = replace(DRAFT, line_amounts="INCLUSIVE", reference="ignored")
    invoice = invoices.update(draft, {"line_amounts"}).invoice

    assert (invoice.totals.total, invoice.reference) == (Decimal("27.08"), "")


def test_confirming_twice_is_confirming_once(invoices: Invoices) -> None:
    """A confirmed invoice is confirmed, however often it is asked for."""
    invoices.create(DRAFT)

    first = invoices.confirm("acme", "inv1", "").invoice
    again = invoices.confirm("acme", "inv1", "").invoice

    assert (first.stage, again) == (InvoiceStage.CONFIRMED, first)


def test_confirming_with_a_stale_etag_is_refused(invoices: Invoices) -> None:
    """Who confirms what they have not seen is refused."""
    etag = of(invoices.create(DRAFT).invoice.version)
    invoices.update(replace(DRAFT, reference="PO 7"), {"reference"})

    with pytest.raises(Aborted):
        invoices.confirm("acme", "inv1", etag)


def test_confirmed_invoice_can_be_changed_until_it_is_sent(invoices: Invoices) -> None:
    """What was confirmed and not sent can still be mended, freight and all; it stays confirmed."""
    invoices.create(replace(DRAFT, freight=FreightDraft(state="TO_BE_CONFIRMED")))
    invoices.confirm("acme", "inv1", "")
    fixed = replace(
        DRAFT, reference="PO 7", freight=FreightDraft(state="FIXED", amount="5", tax_code=GST)
    )

    invoice = invoices.update(fixed, {"freight", "reference"}).invoice

    assert (invoice.totals.total, invoice.reference) == (Decimal("36.89"), "PO 7")
    assert invoice.stage is InvoiceStage.CONFIRMED


def test_refused_invoice_can_be_mended(database: Database) -> None:
    """What the provider refused is here alone: it can be changed, and pushed again."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    (sent,) = outbox.prepare(1)
    outbox.sent([sent])
    outbox.rejected(sent.attempt_id, "REFUSED", "No such currency.")
    invoices = Invoices(database, noon, numbered_ids())

    view = invoices.update(replace(DRAFT, reference="PO 7"), {"reference"})

    assert view.invoice.reference == "PO 7"
    assert view.link
    assert (view.link.push_state, view.link.refusal_message) == (
        PushState.REJECTED,
        "No such currency.",
    )


def test_linked_invoice_cannot_be_changed(database: Database) -> None:
    """What was sent stays as it was sent, freight too; its link is shown with it."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    outbox.sent(outbox.prepare(1))
    invoices = Invoices(database, noon, numbered_ids())

    view = invoices.get("acme", "inv1")
    assert view.link
    assert view.link.push_state is PushState.SENT
    with pytest.raises(FailedPrecondition, match="was sent"):
        invoices.update(replace(DRAFT, freight=FreightDraft(state="TO_BE_CONFIRMED")), {"freight"})


def test_invoices_are_filtered(invoices: Invoices) -> None:
    """A list can be filtered by state, customer, and text of number or reference."""
    invoices.create(DRAFT)
    invoices.create(replace(DRAFT, id="inv2", number="N-2", reference="PO 7"))
    invoices.confirm("acme", "inv2", "")

    def ids(wanted: InvoiceFilter, after: str = "") -> list[str]:
        return [view.invoice.id for view in invoices.page("acme", wanted, after, 10)]

    assert ids(InvoiceFilter()) == ["inv1", "inv2"]
    assert ids(InvoiceFilter(), after="inv1") == ["inv2"]
    assert ids(InvoiceFilter(stages=(InvoiceStage.CONFIRMED,))) == ["inv2"]
    assert ids(InvoiceFilter(text="po 7")) == ["inv2"]
    assert ids(InvoiceFilter(text="n-1")) == ["inv1"]
    assert ids(InvoiceFilter(customer_id="nobody")) == []
