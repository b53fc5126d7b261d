"""Line amounts, tax and totals."""

from decimal import Decimal

import pytest

from simulator_driver import SimulatorDriver
from syncline_xero_simulator.books.invoice import InvoiceLine, LineAmountTypes
from syncline_xero_simulator.rules.arithmetic import line_amount, line_tax, rounded, totals
from syncline_xero_simulator.switches import InclusiveTax, Switches, TieRounding

_EVEN = Switches(tie_rounding=TieRounding.HALF_EVEN)


@pytest.mark.parametrize(
    ("amount", "away", "even"),
    [("0.005", "0.01", "0.00"), ("-0.005", "-0.01", "0.00"), ("0.015", "0.02", "0.02")],
)
def test_ties_go_where_the_switch_says(amount: str, away: str, even: str) -> None:
    """Half a cent goes away from zero, or to the even cent."""
    assert Decimal(away) == rounded(Decimal(amount), 2, Switches())
    assert Decimal(even) == rounded(Decimal(amount), 2, _EVEN)


@pytest.mark.parametrize(
    ("members", "amount"),
    [
        ({"quantity": "3", "unit_amount": "3.3333"}, "10.00"),
        ({"quantity": "2", "unit_amount": "10", "discount_rate": "12.5"}, "17.50"),
        ({"quantity": "2", "unit_amount": "10", "discount_amount": "0.55"}, "19.45"),
        ({"quantity": "-1", "unit_amount": "10"}, "-10.00"),
        ({"unit_amount": "10"}, "0.00"),
    ],
)
def test_a_line_is_quantity_times_price_less_discount(members: dict[str, str], amount: str) -> None:
    """The product is rounded to cents once, after the discount."""
    numbers = {name: Decimal(value) for name, value in members.items()}

    assert Decimal(amount) == line_amount(
        InvoiceLine(line_item_id="x", **numbers),  # type: ignore[arg-type]
        Switches(),
    )


def test_tax_is_rounded_line_by_line(xero: SimulatorDriver) -> None:
    """Three lines at 15 % make 4.52, where 15 % of their sum would make 4.53."""
    lines = [
        {"Description": "a", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
        for amount in ("10.03", "10.05", "10.09")
    ]
    made = xero.put_invoice(LineItems=lines)

    assert (made["TotalTax"], made["Total"]) == (4.52, 34.69)


@pytest.mark.parametrize(
    ("kind", "sub_total", "tax", "total"),
    [("Exclusive", 100, 15, 115), ("Inclusive", 86.96, 13.04, 100), ("NoTax", 100, 0, 100)],
)
def test_the_kind_of_amounts_decides_the_totals(
    xero: SimulatorDriver, kind: str, sub_total: float, tax: float, total: float
) -> None:
    """Net, gross and untaxed amounts give their sums."""
    lines = [{"Description": "a", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}]
    made = xero.put_invoice(LineItems=lines, LineAmountTypes=kind)

    assert (sub_total, tax, total) == (made["SubTotal"], made["TotalTax"], made["Total"])


def test_inclusive_tax_can_be_the_rest_of_a_rounded_net() -> None:
    """At exactly half a cent the two ways differ by a cent."""
    amount, percent = Decimal("0.03"), Decimal(20)
    kind = LineAmountTypes.INCLUSIVE
    net_first = Switches(inclusive_tax=InclusiveTax.NET_ROUNDED)

    assert Decimal("0.01") == line_tax(amount, percent, kind, Switches())
    assert Decimal("0.00") == line_tax(amount, percent, kind, net_first)


def test_four_decimals_need_unitdp_on_the_write(xero: SimulatorDriver) -> None:
    """Without it the unit amount is rounded first, and a line total sent with it does not fit."""
    line = {"Description": "a", "Quantity": 1000, "UnitAmount": "0.1234", "AccountCode": "200"}
    rounded_first = xero.put_invoice(LineItems=[line])
    refused = xero.put_invoice(LineItems=[{**line, "LineAmount": "123.40"}])
    body = xero.draft(LineItems=[line])
    exact = xero.call("PUT", "Invoices", body, unitdp=4).json()["Invoices"][0]

    assert rounded_first["SubTotal"] == 120
    assert (
        refused["ValidationErrors"][0]["Message"]
        == "The line total 123.40 does not match the expected line total 120.00"
    )
    assert (exact["SubTotal"], exact["LineItems"][0]["UnitAmount"]) == (123.4, 0.1234)


def test_a_sent_tax_amount_wins(xero: SimulatorDriver) -> None:
    """An explicit TaxAmount is taken as it is."""
    line = {"Description": "a", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}

    assert xero.put_invoice(LineItems=[{**line, "TaxAmount": "1.23"}])["TotalTax"] == 1.23


def test_compound_rates_are_taxed_effectively_or_as_displayed(xero: SimulatorDriver) -> None:
    """The switch chooses which of the two percentages counts."""
    line = {"Description": "a", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    lines = [{**line, "TaxType": "TAX004"}]
    effective = xero.put_invoice(LineItems=lines)["TotalTax"]
    xero.switch(tax_uses_effective_rate=False)

    assert (effective, xero.put_invoice(LineItems=lines)["TotalTax"]) == (15.5, 15)


def test_totals_of_no_lines_are_zero() -> None:
    """An empty set of lines sums to nothing."""
    sums = totals((), LineAmountTypes.EXCLUSIVE)

    assert (sums.sub_total, sums.total_tax, sums.total) == (0, 0, 0)
