"""Filters, order, pages, modified-since."""

import pytest

from simulator_driver import SimulatorDriver


def _names(driver: SimulatorDriver, **query: str | int) -> list[str]:
    return [one["Name"] for one in driver.get("Contacts", **query)["Contacts"]]


@pytest.fixture
def named(xero: SimulatorDriver) -> SimulatorDriver:
    """Return a simulator with three contacts to look for."""
    for body in (
        {"Name": "Kauri Cafe", "EmailAddress": "books@kauri.example", "AccountNumber": "K-1"},
        {"Name": "Rimu Caf\u00e9", "FirstName": "Mia"},
        {"Name": "Totara"},
    ):
        xero.control_organisation("POST", "contacts", body)
    return xero


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('Name=="Kauri Cafe"', ["Kauri Cafe"]),
        ('Name=="KAURI CAFE"', ["Kauri Cafe"]),
        ('Name="Kauri Cafe"', ["Kauri Cafe"]),
        ('Name=="rimu cafe"', ["Rimu Caf\u00e9"]),
        ('EmailAddress=="books@kauri.example" AND Name!="x"', ["Kauri Cafe"]),
        ('AccountNumber=="K-1" OR Name=="Totara"', ["Kauri Cafe", "Totara"]),
        ('(Name=="Totara" || Name=="x") && ContactStatus=="ACTIVE"', ["Totara"]),
        ('Name.StartsWith("Kauri")', ["Kauri Cafe"]),
        ('Name.ToLower().EndsWith("tara")', ["Totara"]),
        (
            'FirstName!=null AND FirstName.Contains("ia") AND Name.Contains("Rimu")',
            ["Rimu Caf\u00e9"],
        ),
        ("Name==null", []),
        ('Name=="Totara" AND IsCustomer==false', ["Totara"]),
        ('Name=="Totara" AND UpdatedDateUTC>=DateTime(2026,10,01)', ["Totara"]),
        ('Name=="Totara" AND UpdatedDateUTC<DateTime.Parse("2026-10-01")', []),
        ('ContactID==guid("11111111-1111-4111-8111-111111111111")', []),
    ],
)
def test_where_finds_what_it_says(named: SimulatorDriver, where: str, names: list[str]) -> None:
    """The supported subset behaves as Xero's."""
    assert names == sorted(_names(named, where=where))


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Nosuch==1", "No property or field 'Nosuch' exists in type 'Contact'"),
        ('Name=="open', "Unterminated string literal"),
        ("Name==", "Expression expected"),
        ('Name=="a" AND', "Expression expected"),
        ('Name=="a" Name', "Syntax error"),
        ("Name ~ 5", "Syntax error"),
        (
            'IsCustomer=="true"',
            "Operator '==' incompatible with operand types 'Boolean?' and 'String'",
        ),
        ("Name", "Expression of type 'Boolean' expected"),
        ("Name.Nosuch()", "No property or field 'Name' exists in type 'Contact'"),
        ("IsCustomer.Contains(5)", "No applicable method 'contains' exists in type 'Boolean?'"),
        ('ContactID==guid("x")', "Syntax error"),
        ("UpdatedDateUTC>DateTime(2026,13,1)", "Syntax error"),
    ],
)
def test_a_filter_that_cannot_be_read_is_a_400(
    xero: SimulatorDriver, where: str, message: str
) -> None:
    """The exception is number 16 with Xero's message."""
    answer = xero.call("GET", "Contacts", where=where)

    assert (400, 16, "QueryParseException", message) == (
        answer.status_code,
        answer.json()["ErrorNumber"],
        answer.json()["Type"],
        answer.json()["Message"],
    )


def test_a_method_on_an_empty_field_is_a_500(named: SimulatorDriver) -> None:
    """Without a null test the call fails as Xero's does."""
    answer = named.call("GET", "Contacts", where='EmailAddress.Contains("x")')

    assert (answer.status_code, answer.json()["Type"]) == (500, "UnknownErrorException")


def test_invoices_filter_by_contact_amount_and_date(xero: SimulatorDriver) -> None:
    """Fields of the contact, ranges of amounts and of dates work."""
    made = xero.put_invoice(InvoiceNumber="A", Date="2026-10-01", DueDate="2026-10-20")
    xero.put_invoice(InvoiceNumber="B", Date="2026-09-01", Status="AUTHORISED")
    contact = made["Contact"]

    def found(where: str) -> list[str]:
        return [one["InvoiceNumber"] for one in xero.get("Invoices", where=where)["Invoices"]]

    assert sorted(found(f'Contact.ContactID==Guid("{contact["ContactID"]}")')) == ["A", "B"]
    assert sorted(found(f'Contact.Name=="{contact["Name"]}"')) == ["A", "B"]
    assert found('Status=="DRAFT" AND Date>DateTime(2026,09,15)') == ["A"]
    assert found("DueDate!=null AND AmountDue>=42.55") == ["A"]
    assert found("DueDate.HasValue==false") == ["B"]
    assert found('Type=="ACCPAY"') == []


def test_other_lists_can_be_filtered(xero: SimulatorDriver) -> None:
    """Items, tax rates, accounts, currencies and payments take filters too."""
    assert all(item["IsSold"] for item in xero.get("Items", where="IsSold==true")["Items"])
    rates = xero.get("TaxRates", where='Status=="ACTIVE" AND CanApplyToRevenue==true')
    assert "INPUT2" not in {rate["TaxType"] for rate in rates["TaxRates"]}
    accounts = xero.get("Accounts", where='Class=="REVENUE"')["Accounts"]
    assert {"REVENUE"} == {account["Class"] for account in accounts}
    assert len(xero.get("Currencies", where='Code=="EUR"')["Currencies"]) == 1
    assert xero.get("Payments", where="Amount>5")["Payments"] == []


def test_order_sorts_by_several_terms(named: SimulatorDriver) -> None:
    """Descending and ascending; empty values come first; nonsense is a 400."""
    names = _names(named, order="Name DESC")

    assert sorted(names, key=str.casefold, reverse=True) == names
    by_mail = named.get("Contacts", order="EmailAddress, Name ASC")["Contacts"]
    assert "EmailAddress" not in by_mail[0]
    assert named.call("GET", "Contacts", order="Nosuch").status_code == 400
    assert named.call("GET", "Contacts", order="Name SIDEWAYS").status_code == 400


def test_the_default_order_is_by_stamp_then_id(xero: SimulatorDriver) -> None:
    """Whatever is changed moves to the end."""
    before = xero.get("Contacts", page=1)["Contacts"]
    xero.call("POST", f"Contacts/{before[0]['ContactID']}", {"FirstName": "New"})
    after = xero.get("Contacts", page=1)["Contacts"]

    assert before[0]["ContactID"] == after[-1]["ContactID"]
    keys = [(one["UpdatedDateUTC"], one["ContactID"]) for one in after]
    assert sorted(keys) == keys


@pytest.mark.parametrize(
    ("page", "size", "rows", "shown"),
    [
        ("1", "10", 10, (1, 10)),
        ("3", "10", 9, (3, 10)),
        ("4", "10", 0, (4, 10)),
        ("1", "0", 1, (1, 1)),
        ("1", "5000", 29, (1, 1000)),
        ("0", "10", 10, (1, 10)),
        ("x", "y", 29, (1, 100)),
    ],
)
def test_pages_are_cut_and_clamped(
    xero: SimulatorDriver, page: str, size: str, rows: int, shown: tuple[int, int]
) -> None:
    """Sizes are held between 1 and 1000; past the end is empty, not an error."""
    answer = xero.get("Contacts", page=page, pageSize=size)
    pagination = answer["pagination"]

    assert rows == len(answer["Contacts"])
    assert (*shown, 29) == (pagination["page"], pagination["pageSize"], pagination["itemCount"])
    assert -(-29 // pagination["pageSize"]) == pagination["pageCount"]


def test_a_size_without_a_page_does_nothing(xero: SimulatorDriver) -> None:
    """The whole list comes, without pagination."""
    answer = xero.get("Contacts", pageSize=5)

    assert len(answer["Contacts"]) == 29
    assert "pagination" not in answer


@pytest.mark.parametrize(
    "since", ["2026-10-01T12:00:00", "2026-10-01T12:00:00Z", "Thu, 01 Oct 2026 12:00:00 GMT"]
)
def test_modified_since_is_to_the_second(xero: SimulatorDriver, since: str) -> None:
    """Both forms work; whether the very second is in is a switch; so is 304."""
    xero.control_organisation("POST", "contacts", {"Name": "Kauri"})
    headers = {"If-Modified-Since": since}

    def found() -> int:
        return len(xero.call("GET", "Contacts", headers=headers).json()["Contacts"])

    assert found() == 1
    xero.switch(modified_since_inclusive=False)
    assert found() == 0
    xero.switch(not_modified_answers_304=True)
    assert xero.call("GET", "Contacts", headers=headers).status_code == 304


def test_an_unreadable_modified_since_is_a_400(xero: SimulatorDriver) -> None:
    """A header that is no date is refused."""
    headers = {"If-Modified-Since": "yesterday"}

    assert xero.call("GET", "Contacts", headers=headers).status_code == 400


def test_search_looks_into_names_numbers_and_mail(named: SimulatorDriver) -> None:
    """The term is a part of any of them, in any case; a blank summary field is no filter."""
    assert _names(named, searchTerm="BOOKS@") == ["Kauri Cafe"]
    assert _names(named, searchTerm="rimu") == ["Rimu Caf\u00e9"]
    refused = named.call("GET", "Contacts", summaryOnly="true", where="IsCustomer==true")
    assert refused.status_code == 400
