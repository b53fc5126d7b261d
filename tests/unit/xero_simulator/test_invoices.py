"""/Invoices: creating, changing, numbering, status."""

from typing import Any

import pytest

from simulator_driver import SimulatorDriver, messages

_LINE = {"Description": "Mug", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}


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
    line = {key: value for key, value in _LINE.items() if key != "TaxType"}
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
    element = xero.put_invoice(LineItems=[{**_LINE, **line}])

    assert any(message in found for found in messages(element))


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
    line = {**_LINE, "AccountCode": "310", "TaxType": "INPUT2"}
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


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (["SUBMITTED", "DRAFT", "AUTHORISED", "VOIDED"], True),
        (["DELETED"], True),
        (["VOIDED"], False),
        (["AUTHORISED", "DRAFT"], False),
        (["AUTHORISED", "DELETED"], False),
        (["DELETED", "DRAFT"], False),
        (["PAID"], False),
    ],
)
def test_status_changes_follow_the_machine(
    xero: SimulatorDriver,
    path: list[str],
    allowed: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """The last step of each path is allowed or refused as Xero has it."""
    invoice_id = xero.put_invoice()["InvoiceID"]
    for status in path[:-1]:
        xero.post_invoice(invoice_id, Status=status).raise_for_status()
    last = xero.post_invoice(invoice_id, Status=path[-1])

    assert (200 if allowed else 400) == last.status_code
    if not allowed:
        assert messages(last.json()["Elements"][0]) == [
            "Invoice not of valid status for modification"
        ]


def test_approval_needs_account_codes(xero: SimulatorDriver) -> None:
    """A draft may lack them, an approved invoice may not."""
    line = {"Description": "Mug", "Quantity": 1, "UnitAmount": 10}
    draft = xero.put_invoice(LineItems=[line])
    refused = xero.post_invoice(draft["InvoiceID"], Status="AUTHORISED").json()

    assert messages(refused["Elements"][0]) == ["Account code must be specified"]


def test_the_plan_can_forbid_approval(xero: SimulatorDriver) -> None:
    """Drafts go, approvals meet the limit of the plan."""
    xero.control_organisation("POST", "profile", {"forbidden_actions": ["CreateApprovedInvoice"]})
    refused = xero.put_invoice(Status="AUTHORISED")

    assert messages(refused) == ["You have reached the limit of invoices you can approve"]
    assert xero.put_invoice()["StatusAttributeString"] == "OK"


def test_payments_settle_and_reopen(xero: SimulatorDriver) -> None:
    """Part paid stays AUTHORISED, fully paid is PAID with its date, unpaid is AUTHORISED again."""
    xero.put_invoice(InvoiceNumber="OV-1")
    pay = "invoices/OV-1/pay"
    early = xero.control_organisation("POST", pay, {"amount": 1}, status=400)
    xero.control_organisation("POST", "invoices/OV-1/approve")
    part = xero.control_organisation("POST", pay, {"amount": "2.55", "date": "2026-10-03"})
    too_much = xero.control_organisation("POST", pay, {"amount": 41}, status=400)
    paid = xero.control_organisation("POST", pay, {"date": "2026-10-05"})
    payment = paid["Payments"][1]["PaymentID"]

    assert "not of valid status" in early["error"]
    assert (part["Status"], part["AmountPaid"], part["AmountDue"]) == ("AUTHORISED", 2.55, 40)
    assert "exceeds the amount outstanding" in too_much["error"]
    assert (
        paid["Status"],
        paid["AmountDue"],
        paid["FullyPaidOnDate"],
    ) == ("PAID", 0, "/Date(1791158400000+0000)/")
    assert len(xero.get("Payments", page=1)["Payments"]) == 2
    assert payment == xero.get(f"Payments/{payment}")["Payments"][0]["PaymentID"]
    assert xero.call("GET", "Payments/nosuch").status_code == 404
    body = {"payment_id": payment}
    reopened = xero.control_organisation("POST", "invoices/OV-1/remove-payment", body)
    assert (reopened["Status"], reopened["AmountDue"]) == ("AUTHORISED", 40)
    xero.control_organisation("POST", "invoices/OV-1/remove-payment", body, status=400)


def test_a_credit_note_alone_can_settle(xero: SimulatorDriver) -> None:
    """PAID may be reached with nothing paid."""
    xero.put_invoice(InvoiceNumber="OV-1", Status="AUTHORISED")
    settled = xero.control_organisation("POST", "invoices/OV-1/credit", {})

    assert (
        settled["Status"],
        settled["AmountPaid"],
        settled["AmountCredited"],
    ) == ("PAID", 0, 42.55)


def test_a_paid_invoice_changes_only_in_free_fields(xero: SimulatorDriver) -> None:
    """Reference may change; lines and void may not; DueDate does not move the stamp."""
    made = xero.put_invoice(InvoiceNumber="OV-1", Status="AUTHORISED")
    paid = xero.control_organisation("POST", "invoices/OV-1/pay", {"amount": 1})
    xero.clock.advance(60)
    due = xero.post_invoice(made["InvoiceID"], DueDate="2026-12-01").json()["Invoices"][0]
    referenced = xero.post_invoice(made["InvoiceID"], Reference="R").json()["Invoices"][0]
    line = {"LineItemID": made["LineItems"][0]["LineItemID"], "Description": "Cup"}
    described = xero.post_invoice(made["InvoiceID"], LineItems=[line]).json()["Invoices"][0]
    lined = xero.post_invoice(made["InvoiceID"], LineItems=[_LINE]).json()
    voided = xero.post_invoice(made["InvoiceID"], Status="VOIDED").json()

    assert (paid["UpdatedDateUTC"], "2026-12-01T00:00:00") == (
        due["UpdatedDateUTC"],
        due["DueDateString"],
    )
    assert referenced["Reference"] == "R"
    assert referenced["UpdatedDateUTC"] > due["UpdatedDateUTC"]
    assert described["LineItems"][0]["Description"] == "Cup"
    for refused in (lined, voided):
        assert "payment or credit note allocated" in messages(refused["Elements"][0])[0]


def test_lock_dates_stop_documents(xero: SimulatorDriver) -> None:
    """Nothing on or before a lock date can be made or changed; an empty date lifts the lock."""
    made = xero.put_invoice(Date="2026-09-30")
    xero.control_organisation("POST", "profile", {"year_lock_date": "2026-09-30"})
    refused = messages(xero.put_invoice(Date="2026-09-30"))
    changed = xero.post_invoice(made["InvoiceID"], Reference="R")
    xero.control_organisation("POST", "profile", {"year_lock_date": ""})

    assert refused == [
        "The document date cannot be before the end of year lock date, currently set at 30-Sep-2026"
    ]
    assert changed.status_code == 400
    assert xero.post_invoice(made["InvoiceID"], Reference="R").status_code == 200


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
    body = {"Type": "ACCREC", "Contact": {"Name": "New"}, "LineItems": [_LINE]}
    refused = fresh.call("PUT", "Invoices", body).json()

    assert "permission" in messages(refused["Elements"][0])[0]


def test_having_invoices_makes_a_customer_without_a_new_stamp(xero: SimulatorDriver) -> None:
    """`IsCustomer` is a blind spot of If-Modified-Since."""
    before = next(one for one in xero.get("Contacts", page=1)["Contacts"] if not one["IsCustomer"])
    xero.put_invoice(Contact={"ContactID": before["ContactID"]})
    after = xero.get(f"Contacts/{before['ContactID']}")["Contacts"][0]

    assert after["IsCustomer"]
    assert before["UpdatedDateUTC"] == after["UpdatedDateUTC"]


def test_lines_are_replaced_as_a_set(xero: SimulatorDriver) -> None:
    """A named line stays itself, others are new, unmentioned ones go; none sent, none change."""
    made = xero.put_invoice(LineItems=[_LINE, {**_LINE, "Description": "Cup"}])
    first, second = (line["LineItemID"] for line in made["LineItems"])
    kept = {"LineItemID": first, "Description": "Big mug"}
    changed = xero.post_invoice(made["InvoiceID"], LineItems=[kept, _LINE]).json()["Invoices"][0]
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

    assert "RAW" in messages(xero.put_invoice(LineItems=[{**_LINE, "ItemCode": "RAW"}]))[0]


def test_stock_is_checked_at_approval(xero: SimulatorDriver) -> None:
    """A draft beyond stock is fine, its approval is not; the switch checks drafts too."""
    xero.control_organisation("POST", "items", {"Code": "MUG"})
    xero.control_organisation("POST", "items/MUG/stock", {"quantity": 1})
    lines = [{**_LINE, "ItemCode": "MUG", "Quantity": 2}]

    assert xero.put_invoice(LineItems=lines)["StatusAttributeString"] == "OK"
    assert "stock" in messages(xero.put_invoice(LineItems=lines, Status="AUTHORISED"))[0]
    xero.switch(stock_checked_on_draft=True)
    assert "stock" in messages(xero.put_invoice(LineItems=lines))[0]


def test_sent_to_contact_on_a_draft_is_a_warning(xero: SimulatorDriver) -> None:
    """The invoice is saved, its status says WARNING."""
    made = xero.put_invoice(SentToContact=True)

    assert (made["StatusAttributeString"], made["SentToContact"]) == ("WARNING", False)
    assert "Only AUTHORISED" in made["Warnings"][0]["Message"]
    assert xero.put_invoice(SentToContact=True, Status="AUTHORISED")["SentToContact"]


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
