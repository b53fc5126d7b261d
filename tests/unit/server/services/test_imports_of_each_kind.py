from dataclasses import replace
from decimal import Decimal

import pytest

from bookkeeping import ready_to_push
from importing import Written, load, outcomes
from running import connect, nobody, noon, numbered_ids, running
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.errors import AlreadyExists, FailedPrecondition, InvalidArgument, Reason
from syncline_server.core.importing import Outcome, Result
from syncline_server.core.invoice import Invoice, InvoiceStage
from syncline_server.core.invoice_draft import InvoiceDraft, LineDraft
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.services.invoices import Invoices
from syncline_server.services.outbox import Outbox
from syncline_server.services.products import Products
from syncline_server.services.tax_codes import TaxCodes
from syncline_server.storage import changes, run_issues
from syncline_server.storage.database import Database

GST = "workspaces/acme/taxCodes/gst"
CUSTOMER = CustomerDraft(workspace="acme", external_id="C-1", code="K1", display_name="Kerr Ltd")
TAX_CODE = TaxCodeDraft(
    workspace="acme", external_id="T-1", code="VAT", display_name="VAT", rate="20"
)
WIDGET = ProductDraft(
    workspace="acme",
    external_id="P-1",
    sku="W9",
    display_name="Widget",
    tax_code=GST,
    default_price="12.50",
)
INVOICE = InvoiceDraft(
    workspace="acme",
    external_id="I-1",
    number="N-1",
    customer="workspaces/acme/customers/kerr",
    currency_code="NZD",
    invoice_date="2026-10-01",
    line_amounts="EXCLUSIVE",
    lines=(
        LineDraft(
            product="workspaces/acme/products/widget",
            quantity="3",
            unit_price="10.03",
            tax_code=GST,
        ),
    ),
)


@pytest.fixture
def stocked(database: Database) -> Database:
    """A connected workspace with a customer, a product and a tax code."""
    connect(database)
    ready_to_push(database)
    return database


def invoice(database: Database, identifier: str = "id0001") -> Invoice:
    """Return an invoice as it is stored."""
    return Invoices(database, noon, numbered_ids()).get("acme", identifier).invoice


def only(database: Database, draft: Written, *, adopt: bool = False) -> Result:
    """Import one record."""
    (result,) = load(database, draft, adopt=adopt)
    return result


KINDS = pytest.mark.parametrize(
    ("draft", "change"),
    [
        pytest.param(CUSTOMER, {"email": "hi@kerr.example"}, id="customer"),
        pytest.param(TAX_CODE, {"rate": "21"}, id="tax code"),
        pytest.param(WIDGET, {"default_price": "13"}, id="product"),
        pytest.param(INVOICE, {"reference": "PO 7"}, id="invoice"),
    ],
)


@KINDS
def test_record_is_created_left_alone_and_changed(
    stocked: Database, draft: Written, change: dict[str, str]
) -> None:
    """Every kind goes as customers do."""
    runs = [
        only(stocked, draft),
        only(stocked, draft),
        only(stocked, replace(draft, **change)),  # type: ignore[arg-type]  # table of cases
        only(stocked, replace(draft, external_id="other")),
        only(stocked, replace(draft, external_id="")),
    ]

    assert outcomes(runs) == [
        Outcome.CREATED,
        Outcome.UNCHANGED,
        Outcome.UPDATED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert isinstance(runs[3].refusal, AlreadyExists)
    assert runs[3].refusal.resource == runs[0].name
    assert isinstance(runs[4].refusal, InvalidArgument)


@KINDS
def test_what_an_import_writes_is_in_the_feed(
    stocked: Database, draft: Written, change: dict[str, str]
) -> None:
    """Whoever follows the workspace hears of what was created and changed, and of nothing else."""
    before = changes.history(stocked, "acme").last
    load(stocked, draft)
    load(stocked, draft)
    load(stocked, replace(draft, **change), validate_only=True)  # type: ignore[arg-type]  # table of cases
    load(stocked, replace(draft, **change))  # type: ignore[arg-type]  # table of cases

    last = changes.history(stocked, "acme").last
    noted = changes.read(stocked, "acme", (before, last), ())
    assert [each.id for each in noted] == ["id0001", "id0001"]


def test_values_are_those_of_a_single_call(stocked: Database) -> None:
    """Numbers, references and totals are read and computed as ever."""
    load(stocked, TAX_CODE)
    load(stocked, WIDGET)
    load(stocked, INVOICE)

    tax_code = TaxCodes(stocked, noon, numbered_ids(), nobody).get("acme", "id0001").record
    product = Products(stocked, noon, numbered_ids(), nobody).get("acme", "id0002").record
    found = invoice(stocked, "id0003")
    assert (tax_code.rate, tax_code.external_id) == (Decimal(20), "T-1")
    assert (product.tax_code_id, product.default_price) == ("gst", Decimal("12.50"))
    assert found.totals == (Decimal("30.09"), Decimal("4.51"), Decimal("34.60"))
    assert found.stage is InvoiceStage.DRAFT


def test_references_of_another_workspace_are_refused(stocked: Database) -> None:
    """Each record names what it may not refer to, or what is not there."""
    product = only(stocked, replace(WIDGET, tax_code="workspaces/other/taxCodes/gst"))
    unknown = only(stocked, replace(INVOICE, customer="workspaces/acme/customers/nobody"))

    for result, field in ((product, "product.tax_code"), (unknown, "invoice.customer")):
        assert isinstance(result.refusal, InvalidArgument)
        assert [each.field for each in result.refusal.violations] == [field]


def test_tax_code_given_up_is_free_the_next_time(database: Database) -> None:
    """Two tax codes that swap a code in one batch do so by being imported again."""
    other = replace(TAX_CODE, external_id="T-2", code="GST")
    load(database, TAX_CODE, other)
    batch = (replace(TAX_CODE, code="NEW"), replace(other, code="VAT"))

    once, again = load(database, *batch), load(database, *batch)

    assert outcomes(once) == [Outcome.UPDATED, Outcome.REFUSED]
    assert outcomes(again) == [Outcome.UNCHANGED, Outcome.UPDATED]


def test_invoice_is_confirmed_at_once_and_never_back(stocked: Database) -> None:
    """Confirming comes with the import or later; leaving it away takes nothing back."""
    draft = only(stocked, INVOICE)
    confirmed = only(stocked, replace(INVOICE, confirm=True))
    changed = only(stocked, replace(INVOICE, reference="PO 7"))
    at_once = only(stocked, replace(INVOICE, external_id="I-2", number="N-2", confirm=True))

    assert outcomes([draft, confirmed, changed]) == [
        Outcome.CREATED,
        Outcome.UPDATED,
        Outcome.UPDATED,
    ]
    assert invoice(stocked).stage is InvoiceStage.CONFIRMED
    assert invoice(stocked, at_once.name.rpartition("/")[2]).stage is InvoiceStage.CONFIRMED


def test_import_settles_what_a_push_met(stocked: Database) -> None:
    """An invoice that is confirmed by its file is a draft no more, and nobody need look at it."""
    name = only(stocked, INVOICE).name
    journal = running(stocked, "invoice_push", options={"invoices": (name,)})
    Outbox(journal, numbered_ids("attempt")).prepare(1)
    assert len(run_issues.open_of_workspace(stocked, "acme", None, 10)) == 1

    only(stocked, replace(INVOICE, confirm=True))

    assert run_issues.open_of_workspace(stocked, "acme", None, 10) == []


def test_number_of_a_known_invoice_stays(stocked: Database) -> None:
    """The provider's copy is found by it."""
    only(stocked, INVOICE)

    result = only(stocked, replace(INVOICE, number="N-2"))

    assert isinstance(result.refusal, InvalidArgument)
    assert [each.field for each in result.refusal.violations] == ["invoice.number"]


def test_sent_invoice_is_changed_no_more(stocked: Database) -> None:
    """The same file is unchanged; a changed one is refused, and so is one that confirms a VOID."""
    only(stocked, replace(INVOICE, confirm=True))
    send(stocked)

    same = only(stocked, replace(INVOICE, confirm=True))
    less = only(stocked, INVOICE)
    changed = only(stocked, replace(INVOICE, reference="PO 7"))

    assert outcomes([same, less, changed]) == [
        Outcome.UNCHANGED,
        Outcome.UNCHANGED,
        Outcome.REFUSED,
    ]
    assert isinstance(changed.refusal, FailedPrecondition)
    assert changed.refusal.reason is Reason.INVOICE_STATE


def send(database: Database) -> None:
    """Have the confirmed invoice be sent."""
    outbox = Outbox(running(database, "invoice_push"), numbered_ids("attempt"))
    (sent,) = outbox.prepare(1)
    outbox.sent([sent])


def test_void_invoice_stays_void(stocked: Database) -> None:
    """The file it came from is unchanged; neither a change nor a first confirmation is taken."""
    only(stocked, INVOICE)
    stocked.execute("UPDATE invoices SET state = 'VOID'")

    same = only(stocked, INVOICE)
    confirmed = only(stocked, replace(INVOICE, confirm=True))
    changed = only(stocked, replace(INVOICE, reference="PO 7"))

    assert outcomes([same, confirmed, changed]) == [
        Outcome.UNCHANGED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert invoice(stocked).stage is InvoiceStage.VOID


def test_sent_invoice_can_be_adopted(stocked: Database) -> None:
    """An external id is ours alone: by its number, or by an update."""
    invoices = Invoices(stocked, noon, numbered_ids("own"))
    invoices.create(replace(INVOICE, id="one", external_id=""))
    invoices.create(replace(INVOICE, id="two", external_id="", number="N-2"))
    invoices.confirm("acme", "one", "")
    send(stocked)

    adopted = only(stocked, INVOICE, adopt=True)
    set_by_hand = invoices.update(
        InvoiceDraft(workspace="acme", id="two", external_id="I-2"), {"external_id"}
    )

    assert (adopted.outcome, adopted.name) == (Outcome.UPDATED, "workspaces/acme/invoices/one")
    assert invoice(stocked, "one").external_id == "I-1"
    assert set_by_hand.invoice.external_id == "I-2"
