"""Xero's own Python SDK against a running simulator."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from xero_python.accounting import (
    AccountingApi,
    Contact,
    Contacts,
    Invoice,
    Invoices,
    Item,
    Items,
    LineItem,
)
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import AccountingBadRequestException
from xero_python.identity import IdentityApi

from simulator_driver import CLIENT, SMALL, SimulatorDriver
from syncline_xero_simulator import SigningKey, SimulatorServer


class Sdk:
    """The SDK, pointed at a simulator, holding a token."""

    def __init__(self, driver: SimulatorDriver, url: str) -> None:
        token = dict(driver.connect("Harbour Goods Ltd"))
        holder = OAuth2Token(client_id=CLIENT[0], client_secret=CLIENT[1])
        self.client = ApiClient(
            Configuration(oauth2_token=holder),
            oauth2_token_getter=lambda: token,
            oauth2_token_saver=token.update,
        )
        holder.update_token(**{**token, "scope": token["scope"].split(), "expires_at": 9e9})
        self.accounting = AccountingApi(self.client, f"{url}/api.xro/2.0")
        self.identity = IdentityApi(self.client, url)
        self.tenant = driver.tenant_id


@pytest.fixture(scope="module")
def sdk() -> Iterator[Sdk]:
    """Return the SDK against one simulator for all tests here."""
    driver = SimulatorDriver(SigningKey.generate(), SMALL)
    driver.allow(minute=1000)
    server = SimulatorServer(driver.simulator, "127.0.0.1", 0)
    server.start()
    found = Sdk(driver, server.url)
    yield found
    found.client.rest_client.pool_manager.clear()
    server.stop()


def _line(**members: Any) -> LineItem:
    return LineItem(description="Mug", quantity=2, unit_amount=18.5, account_code="200", **members)


def _invoice(contact: Contact, number: str, **members: Any) -> Invoice:
    return Invoice(
        type="ACCREC",
        contact=Contact(contact_id=contact.contact_id),
        invoice_number=number,
        date=dt.date(2026, 10, 1),
        line_items=[_line()],
        **members,
    )


def test_connections_are_read(sdk: Sdk) -> None:
    """The SDK reads the connection that consent made."""
    found = sdk.identity.get_connections()

    assert [sdk.tenant] == [connection.tenant_id for connection in found]


def test_contacts_are_read_by_page(sdk: Sdk) -> None:
    """The SDK reads every page, with phones, addresses and stamps it understands."""
    first = sdk.accounting.get_contacts(sdk.tenant, page=1, page_size=20).contacts
    second = sdk.accounting.get_contacts(sdk.tenant, page=2, page_size=20).contacts

    assert (len(first), len(second)) == (20, 9)
    assert len(first[0].phones) == 4
    assert isinstance(first[0].updated_date_utc, dt.datetime)


def test_items_and_settings_are_read(sdk: Sdk) -> None:
    """The SDK reads items, tax rates, accounts, currencies, themes and the organisation."""
    api, tenant = sdk.accounting, sdk.tenant

    assert len(api.get_items(tenant).items) == 24
    assert "OUTPUT2" in {rate.tax_type for rate in api.get_tax_rates(tenant).tax_rates}
    assert "200" in {account.code for account in api.get_accounts(tenant).accounts}
    assert api.get_organisations(tenant).organisations[0].name == "Harbour Goods Ltd"
    assert api.get_currencies(tenant).currencies
    assert api.get_branding_themes(tenant).branding_themes
    assert api.get_organisation_actions(tenant).actions


def test_invoices_are_created_in_a_batch(sdk: Sdk) -> None:
    """A batch without summarising saves the good one and reports the bad one beside it."""
    contact = sdk.accounting.get_contacts(sdk.tenant, page=1).contacts[0]
    bad = _invoice(contact, "SDK-2")
    bad.line_items = [_line(tax_type="NOSUCH")]

    saved, failed = sdk.accounting.create_invoices(
        sdk.tenant,
        Invoices(invoices=[_invoice(contact, "SDK-1"), bad]),
        summarize_errors=False,
        unitdp=4,
    ).invoices

    assert (
        saved.status_attribute_string,
        saved.invoice_number,
        float(saved.total),
    ) == ("OK", "SDK-1", 42.55)
    assert failed.status_attribute_string == "ERROR"
    assert "NOSUCH" in failed.validation_errors[0].message


def test_invoices_are_read_back(sdk: Sdk) -> None:
    """What was created is found by its number, with lines."""
    contact = sdk.accounting.get_contacts(sdk.tenant, page=1).contacts[0]
    sdk.accounting.create_invoices(sdk.tenant, Invoices(invoices=[_invoice(contact, "SDK-3")]))

    found = sdk.accounting.get_invoices(sdk.tenant, invoice_numbers=["SDK-3"], page=1).invoices

    assert [invoice.invoice_number for invoice in found] == ["SDK-3"]
    assert len(found[0].line_items) == 1
    assert dt.date(2026, 10, 1) == found[0].date


def test_a_refusal_is_an_exception_with_elements(sdk: Sdk) -> None:
    """A duplicate number raises the SDK's 400 with the failing element."""
    contact = sdk.accounting.get_contacts(sdk.tenant, page=1).contacts[0]
    twice = Invoices(invoices=[_invoice(contact, "SDK-4")])
    sdk.accounting.create_invoices(sdk.tenant, twice)

    with pytest.raises(AccountingBadRequestException) as refused:
        sdk.accounting.create_invoices(sdk.tenant, twice)

    assert "Invoice # must be unique." in str(refused.value)


def test_contacts_and_items_are_created(sdk: Sdk) -> None:
    """The SDK creates a contact and an item and reads what Xero made of them."""
    contact = sdk.accounting.create_contacts(
        sdk.tenant, Contacts(contacts=[Contact(name="Kauri Cafe")])
    ).contacts[0]
    item = sdk.accounting.create_items(
        sdk.tenant, Items(items=[Item(code="SDK-MUG", name="Mug")])
    ).items[0]

    assert (contact.name, len(contact.addresses)) == ("Kauri Cafe", 2)
    assert item.code == "SDK-MUG"
    assert sdk.accounting.get_item(sdk.tenant, item.item_id).items[0].code == "SDK-MUG"
