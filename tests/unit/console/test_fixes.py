"""Where issues are settled, and what many of one kind are called."""

import pytest

from syncline.v1.run_pb2 import RecordKind, RunIssue
from syncline_console.fixes import advice, grouped, of_issue, of_reason, phrase

INVOICE = RecordKind.RECORD_KIND_INVOICE
CONTACT = RecordKind.RECORD_KIND_CONTACT
ITEM = RecordKind.RECORD_KIND_ITEM
TAX_RATE = RecordKind.RECORD_KIND_TAX_RATE


def path(*parts: str) -> str:
    """Return an address."""
    return "/".join(("", *parts))


@pytest.mark.parametrize(
    ("code", "kind", "leads_to"),
    [
        ("CONTACT_AMBIGUOUS", CONTACT, "/contacts/r1/assign"),
        ("CONTACT_CODE_SHARED", CONTACT, "/contacts/r1/assign"),
        ("CONTACT_VANISHED", CONTACT, "/contacts/r1/remove"),
        ("CONTACT_MERGED", CONTACT, "/contacts/r1/remove"),
        ("XERO_CONTACT_NAME_MISSING", CONTACT, None),
        ("ITEM_AMBIGUOUS", ITEM, "/items/r1/assign"),
        ("ITEM_VANISHED", ITEM, "/items/r1/remove"),
        ("TAX_TYPE_NOT_MAPPED", ITEM, "/tax-mapping"),
        ("XERO_UNREADABLE", TAX_RATE, "/tax-mapping"),
        ("XERO_EXPORT_TAX_MAPPING_REQUIRED", INVOICE, "/tax-mapping"),
        ("XERO_EXPORT_CONTACT_MAPPING_REQUIRED", INVOICE, "/contacts"),
        ("XERO_EXPORT_CONTACT_ARCHIVED", INVOICE, "/contacts"),
        ("XERO_EXPORT_ITEM_MAPPING_REQUIRED", INVOICE, "/items"),
        ("FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT", INVOICE, "/invoices/r1"),
        ("XERO_INVOICE_REJECTED", INVOICE, "/invoices/r1"),
    ],
)
def test_issue_leads_to_its_fix(code: str, kind: "RecordKind", leads_to: str | None) -> None:
    """Each code leads to the page on which a person settles it, if there is one."""
    issue = RunIssue(code=code, record_kind=kind, record_id="r1")

    way = of_issue(issue, path, may_settle=True)

    assert (way.path if way else None) == leads_to


def test_id_of_a_provider_stays_one_part_of_an_address() -> None:
    """Whatever an id holds, it leads to no other page."""
    issue = RunIssue(code="ITEM_AMBIGUOUS", record_kind=ITEM, record_id="../a?b#c")

    way = of_issue(issue, path, may_settle=True)

    assert way is not None
    assert way.path == "/items/..%2Fa%3Fb%23c/assign"


@pytest.mark.parametrize(
    ("code", "kind", "label", "leads_to"),
    [
        ("CONTACT_AMBIGUOUS", CONTACT, "Look at the contact", "/contacts?show=all&q=A%26B"),
        ("ITEM_VANISHED", ITEM, "Look at the item", "/items?show=all&q=A%26B"),
        ("TAX_TYPE_NOT_MAPPED", ITEM, "Look at tax rates", "/tax-mapping"),
        ("XERO_EXPORT_TAX_MAPPING_REQUIRED", INVOICE, "Look at tax rates", "/tax-mapping"),
        ("XERO_EXPORT_CONTACT_MAPPING_REQUIRED", INVOICE, "Look at contacts", "/contacts"),
        ("XERO_EXPORT_ITEM_MAPPING_REQUIRED", INVOICE, "Look at items", "/items"),
    ],
)
def test_who_may_not_settle_it_is_led_to_look(
    code: str, kind: "RecordKind", label: str, leads_to: str
) -> None:
    """No link leads to a page they may not open, or promises what they may not do."""
    issue = RunIssue(code=code, record_kind=kind, record_id="r1", record_name="A&B")

    way = of_issue(issue, path, may_settle=False)

    assert way is not None
    assert (way.label, way.path) == (label, leads_to)


@pytest.mark.parametrize("kind", [CONTACT, ITEM, INVOICE])
def test_issue_about_no_record_leads_to_none(kind: "RecordKind") -> None:
    """A list that collapsed is about all records, and is settled at its sync."""
    list_issue, other = (
        RunIssue(code=code, record_kind=kind) for code in ("X_LIST_COLLAPSED", "NEW")
    )

    collapsed = of_issue(list_issue, path, may_settle=True)

    assert collapsed is not None
    assert collapsed.path == "#syncs"
    assert of_issue(other, path, may_settle=True) is None


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [
        ("XERO_EXPORT_TAX_MAPPING_REQUIRED", "needs a tax mapping", "need a tax mapping"),
        ("XERO_EXPORT_ITEM_MAPPING_REQUIRED", "needs an item mapping", "need an item mapping"),
        (
            "XERO_EXPORT_CONTACT_MAPPING_REQUIRED",
            "needs a contact mapping",
            "need a contact mapping",
        ),
        ("BATCH_LIMIT_EXCEEDED", "is beyond the 50 of one push", "are beyond the 50 of one push"),
        ("INVOICE_NOT_CONFIRMED", "is not confirmed", "are not confirmed"),
        ("INVOICE_UNKNOWN", "is not known here", "are not known here"),
        ("INVOICE_VOID", "is void", "are void"),
        (
            "FREIGHT_NOT_FINALIZED_FOR_XERO_EXPORT",
            "waits for its freight amount",
            "wait for their freight amounts",
        ),
        ("NEW_ONE", "with “New one”", "with “New one”"),
    ],
)
def test_every_code_has_plain_words(code: str, one: str, many: str) -> None:
    """Each reason of an export, and one nobody has heard of, makes a sentence of one or many."""
    assert phrase(code, INVOICE, 1) == f"1 invoice {one}"
    assert phrase(code, INVOICE, 1200) == f"1,200 invoices {many}"


def test_groups_come_largest_first_with_one_way_for_all() -> None:
    """What each must be settled for by itself has no way that all share."""
    found = [("CONTACT_AMBIGUOUS", CONTACT), *[("XERO_EXPORT_ITEM_MAPPING_REQUIRED", INVOICE)] * 3]

    first, second = grouped(found, path, may_settle=True)

    assert (first.text, first.way) == (
        "3 invoices need an item mapping",
        of_reason("XERO_EXPORT_ITEM_MAPPING_REQUIRED", path, may_settle=True),
    )
    assert (second.text, second.way) == ("1 contact fits several customers", None)


@pytest.mark.parametrize("code", ["XERO_LIST_COLLAPSED", "XERO_EXPORT_CONTACT_VANISHED"])
def test_advice_has_no_words_of_callers(code: str) -> None:
    """Where the API names fields of its requests, a person is told in other words."""
    assert "accept_collapse" not in advice(code, "Use accept_collapse or full_read.")
    assert advice("OTHER", "Do this.") == "Do this."
