import json
from dataclasses import replace
from decimal import Decimal

import pytest

from syncline_sdk import LineAmounts, OutgoingInvoice
from syncline_xero.outgoing import Accounts, Parcel, fault_of, parcels
from xero_answers import outgoing

SALES_ONLY = Accounts(sales="200", freight="")


def sent(invoice: OutgoingInvoice, accounts: Accounts = SALES_ONLY) -> dict[str, object]:
    """Return the invoice as it goes over the wire."""
    (parcel,) = parcels([invoice], accounts)
    assert isinstance(parcel, Parcel)
    element: dict[str, object] = json.loads(parcel.body)["Invoices"][0]
    return element


def test_an_invoice_is_a_draft_that_xero_computes() -> None:
    """Only the contact's id goes along, plain days, and no amount Xero computes itself."""
    assert sent(outgoing()) == {
        "Type": "ACCREC",
        "Status": "DRAFT",
        "Contact": {"ContactID": "contact-1"},
        "InvoiceNumber": "OV-1",
        "Reference": "Order 7",
        "Date": "2026-10-01",
        "DueDate": "2026-10-20",
        "CurrencyCode": "NZD",
        "LineAmountTypes": "Exclusive",
        "LineItems": [
            {
                "Quantity": 2,
                "UnitAmount": 18.5,
                "Description": "Blue mug",
                "ItemCode": "MUG",
                "AccountCode": "200",
                "TaxType": "OUTPUT2",
            }
        ],
    }


def test_what_is_not_set_is_left_out() -> None:
    """Without due date, reference and tax nothing is sent for them; zero prices are."""
    line = outgoing().lines[0]._replace(tax_type="", unit_amount=Decimal(0), item_code="")
    invoice = outgoing(due_date=None, reference="", lines=(line,), line_amounts=LineAmounts.NO_TAX)

    element = sent(invoice, Accounts(sales="", freight=""))

    assert {"DueDate", "Reference"}.isdisjoint(element)
    assert element["LineAmountTypes"] == "NoTax"
    assert element["LineItems"] == [{"Quantity": 2, "UnitAmount": 0, "Description": "Blue mug"}]


def test_numbers_are_written_digit_by_digit() -> None:
    """No number passes through a float or grows an exponent."""
    line = (
        outgoing()
        .lines[0]
        ._replace(
            quantity=Decimal("1E+3"), unit_amount=Decimal("0.1234"), discount_rate=Decimal("12.50")
        )
    )

    (parcel,) = parcels([outgoing(lines=(line,))], SALES_ONLY)

    assert isinstance(parcel, Parcel)
    assert b'"Quantity":1000,' in parcel.body
    assert b'"UnitAmount":0.1234,' in parcel.body
    assert b'"DiscountRate":12.50' in parcel.body


@pytest.mark.parametrize(("freight", "account"), [("", "200"), ("425", "425")])
def test_freight_books_to_its_own_account_where_there_is_one(freight: str, account: str) -> None:
    """Without a freight account the freight line books as sales."""
    line = outgoing().lines[0]
    invoice = outgoing(lines=(line, line._replace(freight=True, item_code="")))

    lines = sent(invoice, Accounts(sales="200", freight=freight))["LineItems"]

    assert isinstance(lines, list)
    assert ["200", account] == [line["AccountCode"] for line in lines]


@pytest.mark.parametrize("number", ["", "A,B", 'A"B', " A", "A ", "Ä1", "A\n", "x" * 256])
def test_a_number_that_could_not_be_looked_up_is_not_sent(number: str) -> None:
    """What cannot be read by its number after a broken call never leaves."""
    fault = fault_of(outgoing(number))

    assert fault is not None
    assert fault.code == "XERO_INVOICE_NUMBER_UNUSABLE"


@pytest.mark.parametrize(
    ("invoice", "field"),
    [
        (outgoing(reference="x" * 256), "reference"),
        (outgoing(lines=(outgoing().lines[0]._replace(description="x" * 4001),)), "description"),
        (outgoing(lines=(outgoing().lines[0]._replace(item_code="x" * 31),)), "item code"),
    ],
)
def test_a_field_longer_than_xero_takes_is_named(invoice: OutgoingInvoice, field: str) -> None:
    """The field, its length and Xero's limit are in the message."""
    fault = fault_of(invoice)

    assert fault is not None
    assert fault.code == "XERO_INVOICE_FIELD_TOO_LONG"
    assert field in fault.message


def test_a_usable_invoice_has_no_fault() -> None:
    """The longest allowed values pass."""
    line = outgoing().lines[0]._replace(description="x" * 4000, item_code="x" * 30)

    assert fault_of(outgoing("x" * 255, reference="x" * 255, lines=(line,))) is None


def test_parcels_stay_below_the_largest_body() -> None:
    """Invoices are spread over as few calls as fit, in order; what fits into none is named."""
    small = [outgoing(f"OV-{place}") for place in range(5)]
    line = small[0].lines[0]._replace(description="x" * 2000)
    huge = outgoing("OV-X", lines=(line,))

    made = list(parcels([*small[:3], huge, *small[3:]], SALES_ONLY, largest=1000))

    taken = [parcel for parcel in made if isinstance(parcel, Parcel)]
    assert [i.number for parcel in taken for i in parcel.invoices] == [i.number for i in small]
    assert all(len(parcel.body) <= 1000 for parcel in taken)
    assert all(len(json.loads(p.body)["Invoices"]) == len(p.invoices) for p in taken)
    refused = [one for one in made if not isinstance(one, Parcel)]
    assert [(i.number, f.code) for i, f in refused] == [("OV-X", "XERO_INVOICE_TOO_LARGE")]


def test_the_idempotency_key_changes_with_any_attempt_in_it() -> None:
    """A call has a key of its own, short enough for Xero."""
    one, two = outgoing("OV-1"), outgoing("OV-2")
    again = replace(two, idempotency_key="key-OV-2-again")

    keys = {
        Parcel(invoices=batch, body=b"").idempotency_key
        for batch in ((one, two), (one, again), (one,), (two, one))
    }

    assert len(keys) == 4
    assert all(len(key) <= 128 for key in keys)
