"""/Invoices: creating, numbering, batches, contacts, lists."""

from typing import Any

import pytest

from simulator_driver import LINE, SimulatorDriver, messages


def _numbers(driver: SimulatorDriver, **query: str | int) -> list[str]:
    return [one["InvoiceNumber"] for one in driver.get("Invoices", **query)["Invoices"]]


def test_a_draft_comes_back_complete(xero: SimulatorDriver) -> None:
    """Amounts, dates with their twins, the whole contact and the line's id are there."""
    made = xero.put_invoice(InvoiceNumber="OV-1", Date="2026-10-01", DueDate="2026-10-20")

    assert (
        made["Status"],
        made["StatusAttributeString"],
        made["HasErrors"],
    ) == ("DRAFT", "OK", False)
    assert (
        made["SubTotal"],
        made["TotalTax"],
        made["Total"],
        made["AmountDue"],
        made["AmountPaid"],
    ) == (37, 5.55, 42.55, 42.55, 0)
    assert (
        made["DateString"],
        made["DueDateString"],
    ) == ("2026-10-01T00:00:00", "2026-10-20T00:00:00")
    assert made["Date"] == "/Date(1790812800000+0000)/"
    assert len(made["Contact"]["Phones"]) == 4
    assert made["LineItems"][0]["LineItemID"]


def test_defaults_come_from_the_organisation(xero: SimulatorDriver) -> None:
    """Number, date in the organisation's zone, currency and account tax are filled in."""
    line = {key: value for key, value in LINE.items() if key != "TaxType"}
    made = xero.put_invoice(LineItems=[line])

    assert (
        made["InvoiceNumber"],
        made["DateString"],
        made["CurrencyCode"],
        made["LineAmountTypes"],
    ) == ("INV-0001", "2026-10-02T00:00:00", "NZD", "Exclusive")
    assert made["LineItems"][0]["TaxType"] == "OUTPUT2"
    assert xero.put_invoice()["InvoiceNumber"] == "INV-0002"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"Contact": {}}, "A Contact must be specified for this type of transaction"),
        (
            {"Contact": {"ContactID": "11111111-1111-4111-8111-111111111111"}},
            "The contact could not be found.",
        ),
        ({"Type": "QUOTE"}, "Invoice not of valid type for creation"),
        ({"Status": "PAID"}, "Invoice not of valid status for creation"),
        ({"Status": "NOSUCH"}, "Invoice not of valid status for creation"),
        ({"CurrencyCode": "JPY"}, "Organisation is not subscribed to currency JPY"),
        ({"Url": "https://xero.example/1"}, "The Url must not contain 'xero'"),
        ({"Total": 5}, "The invoice total does not equal the sum of the lines."),
        ({"InvoiceNumber": "\u0141"}, "Invoice # must contain printable ASCII characters only."),
        ({"BrandingThemeID": "x"}, "Branding theme could not be found"),
    ],
)
def test_an_invoice_that_breaks_a_rule_is_refused(
    xero: SimulatorDriver, members: dict[str, object], message: str
) -> None:
    """Each broken rule has its message, on the invoice or on its contact."""
    element = xero.put_invoice(**members)

    assert [message] == messages(element)
    assert (element["StatusAttributeString"], element["HasErrors"]) == ("ERROR", True)
    assert _numbers(xero) == []


def test_numbers_are_unique_and_put_fails_loudly(xero: SimulatorDriver) -> None:
    """PUT of a known number is refused; POST updates that invoice."""
    first = xero.put_invoice(InvoiceNumber="OV-1")
    second = xero.put_invoice(InvoiceNumber="ov-1")
    posted = xero.call("POST", "Invoices", xero.draft(InvoiceNumber="OV-1", Reference="R")).json()

    assert messages(second) == ["Invoice # must be unique."]
    assert (first["InvoiceID"], "R") == (
        posted["Invoices"][0]["InvoiceID"],
        posted["Invoices"][0]["Reference"],
    )


def test_a_deleted_number_stays_taken_unless_switched(xero: SimulatorDriver) -> None:
    """POST to it is refused; PUT too, unless numbers of deleted invoices may be reused."""
    made = xero.put_invoice(InvoiceNumber="OV-1")
    xero.post_invoice(made["InvoiceID"], Status="DELETED")
    posted = xero.call("POST", "Invoices", xero.draft(InvoiceNumber="OV-1")).json()

    assert "Invoice not of valid status for modification" in messages(posted["Elements"][0])
    assert xero.put_invoice(InvoiceNumber="OV-1")["StatusAttributeString"] == "ERROR"
    xero.switch(deleted_number_reusable=True)
    assert xero.put_invoice(InvoiceNumber="OV-1")["StatusAttributeString"] == "OK"


def test_bills_may_share_a_number(xero: SimulatorDriver) -> None:
    """ACCPAY numbers are not unique."""
    line = {**LINE, "AccountCode": "310", "TaxType": "INPUT2"}
    for _ in range(2):
        made = xero.put_invoice(Type="ACCPAY", InvoiceNumber="B-1", LineItems=[line])
        assert made["StatusAttributeString"] == "OK"

    assert _numbers(xero) == ["B-1", "B-1"]


def test_a_batch_saves_what_is_good(xero: SimulatorDriver) -> None:
    """Without summarising every element is told of; with it only the failures, in a 400."""
    good, bad = xero.draft(InvoiceNumber="A"), xero.draft(InvoiceNumber="B", Type="X")
    told = xero.call("PUT", "Invoices", {"Invoices": [good, bad]}, summarizeErrors="false")
    also_good = xero.draft(InvoiceNumber="C")
    summed = xero.call("PUT", "Invoices", {"Invoices": [bad, also_good, bad]})

    assert [one["StatusAttributeString"] for one in told.json()["Invoices"]] == ["OK", "ERROR"]
    assert summed.status_code == 400
    assert [one["InvoiceNumber"] for one in summed.json()["Elements"]] == ["B", "B"]
    assert sorted(_numbers(xero)) == ["A", "C"]


@pytest.mark.parametrize(
    ("switch", "zeros"),
    [("zero", [True, True]), ("invented", [False, False]), ("mixed", [True, False])],
)
def test_failing_elements_carry_ids_that_prove_nothing(
    xero: SimulatorDriver, switch: str, zeros: list[bool]
) -> None:
    """The id of a failure is zero, or one that leads nowhere."""
    xero.switch(failed_ids=switch)
    bad = xero.draft(Type="X")
    found = xero.call("PUT", "Invoices", {"Invoices": [bad, bad]}).json()["Elements"]

    assert zeros == [one["InvoiceID"].startswith("00000000-") for one in found]
    assert xero.call("GET", f"Invoices/{found[1]['InvoiceID']}").status_code == 404


def test_archived_contacts_get_no_invoices(xero: SimulatorDriver) -> None:
    """Neither a new one nor a change, not even a void."""
    xero.control_organisation("POST", "contacts", {"Name": "Kauri"})
    made = xero.put_invoice(Contact={"Name": "Kauri"}, Status="AUTHORISED")
    xero.control_organisation("POST", "contacts/Kauri/archive")
    contact = {"ContactID": made["Contact"]["ContactID"]}

    assert "has been archived" in messages(xero.put_invoice(Contact=contact))[0]
    assert xero.post_invoice(made["InvoiceID"], Status="VOIDED").status_code == 400


def test_extra_contact_fields_change_the_contact(xero: SimulatorDriver) -> None:
    """A different name renames it, an unknown name makes a new one, an invalid one refuses."""
    contact_id = xero.contact_id()
    xero.put_invoice(Contact={"ContactID": contact_id, "Name": "Renamed"})
    xero.put_invoice(Contact={"Name": "Brand New"})
    refused = xero.put_invoice(Contact={"Name": "a > b"})

    assert xero.get(f"Contacts/{contact_id}")["Contacts"][0]["Name"] == "Renamed"
    assert len(xero.get("Contacts", where='Name=="Brand New"')["Contacts"]) == 1
    assert "must not contain" in messages(refused)[0]
    assert refused["Contact"]["HasValidationErrors"]


def test_inline_contacts_may_need_the_contacts_scope(fresh: SimulatorDriver) -> None:
    """With the switch a token for invoices alone cannot create one."""
    fresh.connect(scope="accounting.invoices")
    fresh.switch(invoice_scope_creates_contacts=False)
    body = {"Type": "ACCREC", "Contact": {"Name": "New"}, "LineItems": [LINE]}
    refused = fresh.call("PUT", "Invoices", body).json()

    assert "permission" in messages(refused["Elements"][0])[0]


def test_having_invoices_makes_a_customer_without_a_new_stamp(xero: SimulatorDriver) -> None:
    """`IsCustomer` is a blind spot of If-Modified-Since."""
    before = next(one for one in xero.get("Contacts", page=1)["Contacts"] if not one["IsCustomer"])
    xero.put_invoice(Contact={"ContactID": before["ContactID"]})
    after = xero.get(f"Contacts/{before['ContactID']}")["Contacts"][0]

    assert after["IsCustomer"]
    assert before["UpdatedDateUTC"] == after["UpdatedDateUTC"]


def test_lists_filter_by_ids_numbers_contacts_and_statuses(xero: SimulatorDriver) -> None:
    """Each list parameter narrows; unknown ids are dropped without a word."""
    made: list[dict[str, Any]] = [xero.put_invoice(InvoiceNumber=name) for name in "ABC"]
    xero.post_invoice(made[2]["InvoiceID"], Status="DELETED")
    ids = f"{made[0]['InvoiceID']},11111111-1111-4111-8111-111111111111"

    assert _numbers(xero, IDs=ids) == ["A"]
    assert sorted(_numbers(xero, InvoiceNumbers="A,B")) == ["A", "B"]
    assert _numbers(xero, Statuses="DELETED,VOIDED") == ["C"]
    assert len(_numbers(xero, ContactIDs=made[0]["Contact"]["ContactID"])) == 3
    assert len(_numbers(xero)) == 3
    xero.switch(list_shows_deleted_invoices=False)
    assert len(_numbers(xero)) == 2
    assert _numbers(xero, searchTerm="b") == ["B"]
    assert len(_numbers(xero, createdByMyApp="true")) == 2


def test_lines_come_only_with_pages(xero: SimulatorDriver) -> None:
    """An unpaged list has empty lines and a bare contact; Statuses force paging."""
    xero.put_invoice()
    unpaged = xero.get("Invoices")["Invoices"][0]
    forced = xero.get("Invoices", Statuses="DRAFT")
    summary = xero.get("Invoices", summaryOnly="true")["Invoices"][0]

    assert (unpaged["LineItems"], unpaged["Contact"]["Phones"]) == ([], [])
    assert len(xero.get("Invoices", page=1)["Invoices"][0]["LineItems"]) == 1
    assert len(forced["Invoices"][0]["LineItems"]) == 1
    assert forced["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 1}
    assert {"LineItems", "Payments", "HasAttachments"}.isdisjoint(summary)
