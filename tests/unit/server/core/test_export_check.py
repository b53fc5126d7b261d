from dataclasses import replace
from decimal import Decimal

import pytest

from bookkeeping import an_invoice
from syncline_sdk import LineAmounts
from syncline_server.core.export_check import ContactStanding, ExportFacts, reasons
from syncline_server.core.invoice import Freight, FreightState, Invoice, InvoiceStage

READY = ExportFacts(
    contact=ContactStanding.MAPPED,
    contact_id="c1",
    item_codes={"widget": "W1"},
    tax_types={"gst": "OUTPUT2"},
    titles={"kerr": "Kerr Ltd", "widget": "Widget (W1)", "gst": "GST"},
)
UNKNOWN_FREIGHT = Freight(state=FreightState.TO_BE_CONFIRMED)


def codes(invoice: Invoice, facts: ExportFacts = READY) -> list[str]:
    """Return the codes of everything that blocks an invoice."""
    return [reason.code for reason in reasons("xero", invoice, facts)]


def test_invoice_with_everything_mapped_can_go() -> None:
    """Nothing blocks a confirmed invoice whose references are all mapped."""
    assert codes(an_invoice()) == []


@pytest.mark.parametrize(
    ("invoice", "facts", "code"),
    [
        (an_invoice(stage=InvoiceStage.DRAFT), READY, "INVOICE_NOT_CONFIRMED"),
        (an_invoice(stage=InvoiceStage.VOID), READY, "INVOICE_VOID"),
        (an_invoice(freight=UNKNOWN_FREIGHT), READY, "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT"),
        (
            an_invoice(),
            replace(READY, contact=ContactStanding.NOT_MAPPED),
            "XERO_EXPORT_CONTACT_MAPPING_REQUIRED",
        ),
        (
            an_invoice(),
            replace(READY, contact=ContactStanding.ARCHIVED),
            "XERO_EXPORT_CONTACT_ARCHIVED",
        ),
        (an_invoice(), replace(READY, item_codes={}), "XERO_EXPORT_ITEM_MAPPING_REQUIRED"),
        (an_invoice(), replace(READY, tax_types={}), "XERO_EXPORT_TAX_MAPPING_REQUIRED"),
        (
            an_invoice(
                freight=Freight(state=FreightState.FIXED, amount=Decimal(5), tax_code_id="vat")
            ),
            READY,
            "XERO_EXPORT_TAX_MAPPING_REQUIRED",
        ),
    ],
)
def test_each_obstacle_has_its_reason(invoice: Invoice, facts: ExportFacts, code: str) -> None:
    """What blocks an invoice is told by its own code."""
    assert codes(invoice, facts) == [code]


def test_every_obstacle_is_told_at_once() -> None:
    """An invoice with everything wrong has every reason, each with what to do."""
    invoice = an_invoice(stage=InvoiceStage.DRAFT, freight=UNKNOWN_FREIGHT)

    found = reasons("xero", invoice, replace(ExportFacts(), titles=READY.titles))

    assert [reason.code for reason in found] == [
        "INVOICE_NOT_CONFIRMED",
        "XERO_EXPORT_CONTACT_MAPPING_REQUIRED",
        "XERO_EXPORT_ITEM_MAPPING_REQUIRED",
        "XERO_EXPORT_TAX_MAPPING_REQUIRED",
        "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT",
    ]
    assert all(reason.action for reason in found)
    assert "Kerr Ltd" in found[1].message
    assert "Widget (W1)" in found[2].message


def test_codes_carry_the_provider() -> None:
    """Another provider's reasons carry its name."""
    assert reasons("mybooks", an_invoice(), ExportFacts())[0].code.startswith("MYBOOKS_EXPORT")


def test_invoice_without_tax_needs_no_tax_mapping() -> None:
    """Without tax no tax code is looked at."""
    line = replace(an_invoice().lines[0], tax_code_id=None)
    invoice = an_invoice(line_amounts=LineAmounts.NO_TAX, lines=(line,))

    assert codes(invoice, replace(READY, tax_types={})) == []


def test_line_of_text_needs_no_item() -> None:
    """A line without a product is not looked for among the items."""
    line = replace(an_invoice().lines[0], product_id=None)

    assert codes(an_invoice(lines=(line,)), replace(READY, item_codes={})) == []
