"""/Invoices: lines and the items they name."""

import pytest

from simulator_driver import LINE, SimulatorDriver, messages


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"AccountCode": "999"}, "Account code '999' is not a valid code for this document."),
        ({"AccountCode": "299"}, "Account code '299' is not a valid code for this document."),
        ({"AccountCode": "610"}, "Account code '610' is not a valid code for this document."),
        ({"TaxType": "TAX001"}, "The TaxType code TAX001 does not exist or cannot be used"),
        ({"TaxType": "15% GST on Income"}, "The TaxType code 15% GST on Income does not exist"),
        (
            {"AccountCode": "425", "TaxType": "OUTPUT2"},
            "The TaxType code 'OUTPUT2' cannot be used with account code '425'.",
        ),
        ({"ItemCode": "NOSUCH"}, "Item code 'NOSUCH' is not valid"),
        ({"LineAmount": "9.99"}, "The line total 9.99 does not match the expected line total 10"),
        ({"Description": "x" * 4001}, "maximum length of 4000"),
        ({"DiscountRate": 5, "DiscountAmount": 1}, "Only one of DiscountRate"),
        ({"UnitAmount": "99999999999"}, "The line amount is too large"),
    ],
)
def test_a_line_that_breaks_a_rule_refuses_the_invoice(
    xero: SimulatorDriver, line: dict[str, object], message: str
) -> None:
    """Each broken rule of a line is reported on the invoice."""
    element = xero.put_invoice(LineItems=[{**LINE, **line}])

    assert any(message in found for found in messages(element))


def test_lines_are_replaced_as_a_set(xero: SimulatorDriver) -> None:
    """A named line stays itself, others are new, unmentioned ones go; none sent, none change."""
    made = xero.put_invoice(LineItems=[LINE, {**LINE, "Description": "Cup"}])
    first, second = (line["LineItemID"] for line in made["LineItems"])
    kept = {"LineItemID": first, "Description": "Big mug"}
    changed = xero.post_invoice(made["InvoiceID"], LineItems=[kept, LINE]).json()["Invoices"][0]
    left = xero.post_invoice(made["InvoiceID"], Reference="R").json()["Invoices"][0]
    ids = [line["LineItemID"] for line in changed["LineItems"]]

    assert (first, "Big mug", 10) == (
        ids[0],
        changed["LineItems"][0]["Description"],
        changed["LineItems"][0]["UnitAmount"],
    )
    assert second not in ids
    assert ids == [line["LineItemID"] for line in left["LineItems"]]


def test_items_fill_what_a_line_leaves_out(xero: SimulatorDriver) -> None:
    """Price, account, tax and text come from the item; what is sent wins."""
    details = {"UnitPrice": "12.50", "AccountCode": "205", "TaxType": "ZERORATED"}
    item = {"Code": "MUG", "Description": "Stoneware", "SalesDetails": details}
    xero.control_organisation("POST", "items", item)
    bare = {"ItemCode": "MUG", "Quantity": 2}
    filled, kept = xero.put_invoice(LineItems=[bare, {**bare, "UnitAmount": 9}])["LineItems"]

    assert (
        filled["Description"],
        filled["UnitAmount"],
        filled["AccountCode"],
        filled["TaxType"],
        filled["LineAmount"],
    ) == ("Stoneware", 12.5, "205", "ZERORATED", 25)
    assert (kept["UnitAmount"], kept["LineAmount"]) == (9, 18)
    xero.switch(price_fills_from_item=False)
    assert "ItemCode" not in xero.put_invoice(LineItems=[bare])["LineItems"][0]


def test_items_that_are_not_sold_cannot_be_sold(xero: SimulatorDriver) -> None:
    """A purchase-only item is refused on a sale."""
    xero.control_organisation("POST", "items", {"Code": "RAW", "IsSold": False})

    assert "RAW" in messages(xero.put_invoice(LineItems=[{**LINE, "ItemCode": "RAW"}]))[0]


def test_stock_is_checked_at_approval(xero: SimulatorDriver) -> None:
    """A draft beyond stock is fine, its approval is not; the switch checks drafts too."""
    xero.control_organisation("POST", "items", {"Code": "MUG"})
    xero.control_organisation("POST", "items/MUG/stock", {"quantity": 1})
    lines = [{**LINE, "ItemCode": "MUG", "Quantity": 2}]

    assert xero.put_invoice(LineItems=lines)["StatusAttributeString"] == "OK"
    assert "stock" in messages(xero.put_invoice(LineItems=lines, Status="AUTHORISED"))[0]
    xero.switch(stock_checked_on_draft=True)
    assert "stock" in messages(xero.put_invoice(LineItems=lines))[0]
