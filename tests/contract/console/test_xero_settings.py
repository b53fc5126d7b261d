"""The page of settings for Xero, in the product's own words."""

from collections.abc import Iterator

import pytest

from browsing import Surfer
from syncline_server.registry import load
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = "/workspaces/acme/integrations/xero/settings"


@pytest.fixture
def server(database: Database) -> Iterator[Served]:
    """A server with the Xero plugin as it ships."""
    with served(Wired(database, Wishes(catalogue=load()))) as running:
        yield running


def test_phone_and_address_can_be_chosen(surfer: Surfer) -> None:
    """Every choice has its name, and each field says what Do not sync means."""
    page = surfer.open(PAGE)

    assert page.words("#options-phone_field option") == [
        "Default",
        "Direct dial",
        "Fax",
        "Mobile",
        "Do not sync",
    ]
    assert page.words("#options-address_field option") == [
        "Billing address",
        "Delivery address",
        "Do not sync",
    ]
    for name in ("phone", "address"):
        help_text = page.words(f"#options-{name}_field-help")[0]
        assert f"With Do not sync, the {name} stays local and editable in Orderverse." in help_text
        assert "Contacts reads everything again on the next run." in help_text


def test_the_page_says_whose_fields_are_whose(surfer: Surfer) -> None:
    """Customers and products in the product's own words; nothing beside other syncs."""
    page = surfer.open(PAGE)

    assert page.words("#section-contacts .owned dd") == [
        "name, code, e-mail, active; phone and address where they are synced",
        "contact person, order web access, notes",
    ]
    assert page.words("#section-items .owned dd") == [
        "SKU, name, tax code, stock quantity; default price where it is synced",
        "category, active, out of stock, zero price allowed, unit of measure",
    ]
    assert len(page.html.select(".owned")) == 2


def test_price_and_accounts_can_be_set(surfer: Surfer) -> None:
    """Base price sync and both account codes are there, and what is saved is told in words."""
    page = surfer.open(PAGE)
    assert page.one("#options-default_sales_account_code")["value"] == "200"

    after = surfer.submit(
        page,
        "form#settings",
        **{
            "options.phone_field": "DDI",
            "options.base_price_sync": "true",
            "options.freight_account_code": "260",
        },
    )

    assert after.words("#notices li") == [
        "Phone: Direct dial (was Default)",
        "Base Price Sync: On (was Off)",
        "Freight account code: 260 (was Empty)",
        "Contacts and Items read everything again on their next run.",
    ]
