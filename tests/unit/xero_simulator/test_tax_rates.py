"""/TaxRates and the other settings."""

import pytest

from simulator_driver import SimulatorDriver, messages


def test_rates_of_every_status_come_at_once(xero: SimulatorDriver) -> None:
    """There are no pages, no filter by type, and retired rates among the others."""
    rates = xero.get("TaxRates", page=3, TaxType="NONE")["TaxRates"]

    assert {"ACTIVE", "ARCHIVED", "DELETED", "PENDING"} == {rate["Status"] for rate in rates}
    assert {"OUTPUT2", "INPUT2", "ZERORATED", "NONE", "GSTONIMPORTS"} <= {
        rate["TaxType"] for rate in rates
    }


def test_compound_rates_differ_from_what_is_displayed(xero: SimulatorDriver) -> None:
    """Five and a compound ten percent are displayed as 15 and take 15.5."""
    rate = xero.get("TaxRates/TAX004")["TaxRates"][0]

    assert (rate["DisplayTaxRate"], rate["EffectiveRate"]) == (15, 15.5)


def test_a_country_brings_its_own_rates(fresh: SimulatorDriver) -> None:
    """OUTPUT is ten percent in Australia."""
    fresh.connect("Southern Cross")
    rate = fresh.get("TaxRates/OUTPUT")["TaxRates"][0]

    assert (
        rate["EffectiveRate"],
        rate["CanApplyToRevenue"],
        rate["CanApplyToExpenses"],
    ) == (10, True, False)
    assert fresh.call("GET", "TaxRates/OUTPUT2").status_code == 404


def test_a_rate_is_made_renamed_and_deleted(xero: SimulatorDriver) -> None:
    """A custom rate gets the next TAX number; unused it becomes DELETED."""
    body = {"Name": "Levy", "TaxComponents": [{"Name": "Levy", "Rate": 3}]}
    made = xero.call("PUT", "TaxRates", body).json()["TaxRates"][0]
    tax_type = made["TaxType"]
    renamed = xero.call("POST", "TaxRates", {"TaxType": tax_type, "Name": "Toll"}).json()
    xero.call("POST", "TaxRates", {"TaxType": tax_type, "Status": "DELETED"})

    assert (tax_type, made["EffectiveRate"]) == ("TAX005", 3)
    assert renamed["TaxRates"][0]["Name"] == "Toll"
    assert xero.get(f"TaxRates/{tax_type}")["TaxRates"][0]["Status"] == "DELETED"


def test_a_used_rate_is_archived_when_deleted(xero: SimulatorDriver) -> None:
    """A rate on a document becomes ARCHIVED."""
    xero.put_invoice()
    xero.call("POST", "TaxRates", {"TaxType": "OUTPUT2", "Status": "DELETED"})

    assert xero.get("TaxRates/OUTPUT2")["TaxRates"][0]["Status"] == "ARCHIVED"


@pytest.mark.parametrize(
    ("method", "body", "part"),
    [
        ("POST", {"TaxType": "NONE", "Name": "x"}, "System tax rates"),
        ("POST", {"TaxType": "TAX001", "Name": "x"}, "Deleted tax rates"),
        ("POST", {"TaxType": "NOSUCH", "Name": "x"}, "does not exist"),
        ("PUT", {"Name": "x"}, "At least one tax component"),
        ("PUT", {"TaxComponents": [{"Name": "x", "Rate": 1}]}, "Name field is mandatory"),
    ],
)
def test_a_rate_that_breaks_a_rule_is_refused(
    xero: SimulatorDriver, method: str, body: dict[str, object], part: str
) -> None:
    """Each broken rule has its message."""
    refused = xero.call(method, "TaxRates", body).json()

    assert any(part in message for message in messages(refused["Elements"][0]))


def test_only_the_first_rate_of_a_request_is_written(xero: SimulatorDriver) -> None:
    """Further elements are ignored without a word."""
    bodies = [
        {"Name": name, "TaxComponents": [{"Name": name, "Rate": 1}]} for name in ("One", "Two")
    ]

    assert len(xero.call("PUT", "TaxRates", {"TaxRates": bodies}).json()["TaxRates"]) == 1


def test_people_change_and_archive_rates(xero: SimulatorDriver) -> None:
    """The control API adds, changes and archives rates."""
    component = {"Name": "Levy", "Rate": "2.5"}
    xero.control_organisation("POST", "tax-rates", {"Name": "L", "TaxComponents": [component]})
    changed = xero.control_organisation("POST", "tax-rates/TAX005", {"rate": 4, "name": "M"})
    archived = xero.control_organisation("POST", "tax-rates/TAX005/archive")
    wrong = xero.control_organisation("POST", "tax-rates/TAX005", {"status": "X"}, status=400)

    assert (changed["EffectiveRate"], changed["Name"]) == (4, "M")
    assert archived["Status"] == "ARCHIVED"
    assert "status must be one of" in wrong["error"]


def test_the_chart_has_archived_and_system_accounts(xero: SimulatorDriver) -> None:
    """A client that takes any account meets one it may not use."""
    accounts = {account["Code"]: account for account in xero.get("Accounts")["Accounts"]}

    assert (accounts["200"]["Name"], accounts["200"]["Class"]) == ("Sales", "REVENUE")
    assert accounts["299"]["Status"] == "ARCHIVED"
    assert accounts["860"]["SystemAccount"] == "ROUNDING"
    one = xero.get(f"Accounts/{accounts['200']['AccountID']}")["Accounts"]
    assert [account["Code"] for account in one] == ["200"]
    assert xero.call("GET", "Accounts/nosuch").status_code == 404


def test_the_organisation_tells_country_currency_and_actions(xero: SimulatorDriver) -> None:
    """Its id is the tenant id; actions can be forbidden."""
    xero.control_organisation("POST", "profile", {"forbidden_actions": ["CreateApprovedInvoice"]})
    found = xero.get("Organisation")["Organisations"][0]
    actions = {one["Name"]: one["Status"] for one in xero.get("Organisation/Actions")["Actions"]}

    assert (xero.tenant_id, "NZ", "NZD") == (
        found["OrganisationID"],
        found["CountryCode"],
        found["BaseCurrency"],
    )
    assert (
        actions["CreateDraftInvoice"],
        actions["CreateApprovedInvoice"],
    ) == ("ALLOWED", "NOT-ALLOWED")
    assert {"NZD", "EUR"} == {one["Code"] for one in xero.get("Currencies")["Currencies"]}
    assert [one["SortOrder"] for one in xero.get("BrandingThemes")["BrandingThemes"]] == [0, 1]
    assert xero.call("GET", "Organisation/Other").status_code == 404
