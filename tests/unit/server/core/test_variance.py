from datetime import date
from decimal import Decimal

import pytest

from bookkeeping import an_invoice
from syncline_sdk import InvoiceLine, InvoiceState
from syncline_server.core.export_check import ContactStanding, ExportFacts
from syncline_server.core.outgoing import Parcel, parcel, same_content
from syncline_server.core.variance import variance

FACTS = ExportFacts(
    contact=ContactStanding.MAPPED,
    contact_id="C1",
    item_codes={"widget": "W1"},
    tax_types={"gst": "OUTPUT2"},
)
SENT: Parcel = parcel(an_invoice(), FACTS, "attempt", "key")
LINE = InvoiceLine(
    description="Widget",
    quantity=Decimal("1.0000"),
    unit_amount=Decimal("10.00"),
    line_amount=Decimal("10.00"),
    tax_amount=Decimal("1.50"),
    tax_type="OUTPUT2",
    item_code="W1",
)
HELD = InvoiceState(
    id="x1",
    number="N-inv1",
    status="AUTHORISED",
    contact_id="c1",
    currency="NZD",
    subtotal=Decimal("10.00"),
    total_tax=Decimal("1.50"),
    total=Decimal("11.50"),
    amount_due=Decimal("11.50"),
    amount_paid=Decimal(0),
    amount_credited=Decimal(0),
    invoice_date=date(2026, 10, 1),
    due_date=date(2026, 10, 20),
    lines=(LINE,),
)


def fields(held: InvoiceState) -> list[tuple[int, str, str, str]]:
    """Return line number, field and both values of every difference."""
    found = variance(SENT, held)
    return [
        (each.line_number, each.field, each.ours, each.theirs)
        for each in (found.differences if found else ())
    ]


def test_same_invoice_has_no_variance() -> None:
    """Numbers that are equal, ids in another case and terms we left open do not differ."""
    assert variance(SENT, HELD) is None


def test_status_and_payments_are_no_variance() -> None:
    """How far the invoice is at the provider does not make it another one."""
    assert variance(SENT, HELD._replace(status="PAID", amount_due=Decimal(0))) is None


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"quantity": Decimal(2)}, (1, "quantity", "1", "2")),
        ({"unit_amount": Decimal("9.99")}, (1, "unit_price", "10", "9.99")),
        ({"tax_type": "NONE"}, (1, "tax_code", "OUTPUT2", "NONE")),
        ({"item_code": ""}, (1, "product", "W1", "")),
        ({"tax_amount": Decimal("1.51")}, (1, "tax_amount", "1.50", "1.51")),
    ],
)
def test_difference_of_a_line_is_told(
    change: dict[str, object], difference: tuple[int, str, str, str]
) -> None:
    """A line that differs is named by number and our field."""
    held = HELD._replace(lines=(LINE._replace(**change),))  # type: ignore[arg-type]  # table of cases

    assert fields(held) == [difference]


def test_line_of_one_side_is_told() -> None:
    """A line that only one side has is told as a whole."""
    assert fields(HELD._replace(lines=(LINE, LINE))) == [(2, "line", "", "Widget")]
    assert fields(HELD._replace(lines=())) == [(1, "line", "Widget", "")]


def test_total_difference_is_theirs_less_ours() -> None:
    """The difference in total is signed, and the summary says it for people."""
    found = variance(SENT, HELD._replace(total=Decimal("11.49"), total_tax=Decimal("1.49")))

    assert found
    assert found.total_difference == Decimal("-0.01")
    assert (
        found.summary
        == "total tax is 1.50 here and 1.49 there; total is 11.50 here and 11.49 there."
    )


def test_lines_left_out_are_not_compared() -> None:
    """An answer without lines says nothing about them."""
    assert variance(SENT, HELD._replace(lines=None)) is None


def test_attempt_is_no_content() -> None:
    """Two attempts at one invoice say the same; a changed invoice does not."""
    again = parcel(an_invoice(), FACTS, "other", "other key")
    changed = parcel(an_invoice(reference="PO 7"), FACTS, "other", "other key")

    assert same_content(SENT, again)
    assert not same_content(SENT, changed)
