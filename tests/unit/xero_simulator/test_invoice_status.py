"""/Invoices: status, payments and what they forbid."""

import pytest

from simulator_driver import LINE, SimulatorDriver, messages


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
    lined = xero.post_invoice(made["InvoiceID"], LineItems=[LINE]).json()
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


def test_sent_to_contact_on_a_draft_is_a_warning(xero: SimulatorDriver) -> None:
    """The invoice is saved, its status says WARNING."""
    made = xero.put_invoice(SentToContact=True)

    assert (made["StatusAttributeString"], made["SentToContact"]) == ("WARNING", False)
    assert "Only AUTHORISED" in made["Warnings"][0]["Message"]
    assert xero.put_invoice(SentToContact=True, Status="AUTHORISED")["SentToContact"]
