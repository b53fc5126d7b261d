"""The whole story, click by click: from the first page over a payment in Xero to coming back."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from connection_page import (
    card,
    connect,
    node,
    state,
    switch,
    sync,
    sync_button,
    turn_on,
)
from furnishing import DOUBTFUL, add_doubt, add_tax_codes, change_in_xero, set_freight
from gate import Gate
from local_stack import LocalStack
from setting_up import confirmed_invoices
from syncline.v1.invoice_pb2 import Freight, Invoice
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
ORGANISATION = "Harbour & Sons Ltd"


class Shop(NamedTuple):
    """A person in front of a browser, and the workspace they set up."""

    person: Person
    page: Page
    workspace: Workspace


@pytest.fixture(params=["own_stack", "fleet_stack"], ids=["sqlite", "postgresql"])
def each_stack(request: pytest.FixtureRequest) -> LocalStack:
    """A running stack on each kind of database in turn."""
    stack: LocalStack = request.getfixturevalue(request.param)
    return stack


@pytest.fixture
def shop(each_stack: LocalStack, new_person: Callable[..., Person]) -> Shop:
    """A workspace that nobody has connected yet."""
    stack = each_stack
    stack.simulator.organisation(ORGANISATION, country="NZ", contacts=40, items=8)
    workspace = Workspace(client=stack.client, id="harbour")
    add_tax_codes(workspace)
    add_doubt(stack, workspace, ORGANISATION)
    person = new_person(stack)
    return Shop(person, person.page, workspace)


def test_the_whole_story(shop: Shop) -> None:
    """All is done on pages; what happens elsewhere, in Orderverse and in Xero, shows on them."""
    shop.person.sign_in()
    _connect(shop)
    _turn_everything_on(shop)
    _map_taxes(shop)
    _sync_side_by_side(shop)
    _settle_doubt(shop)
    invoices = _push(shop)
    _push_what_was_blocked(shop, invoices[0])
    _refresh(shop, changed=invoices[1], paid=invoices[2])
    _leave(shop)
    _return(shop)


def _connect(shop: Shop) -> None:
    page = connect(shop.person, shop.workspace.id, ORGANISATION)
    expect(state(page)).to_have_text("Connected")
    expect(page.locator("#connection")).to_contain_text(ORGANISATION)
    expect(page.locator("#notices")).to_contain_text(ORGANISATION)


def _turn_everything_on(shop: Shop) -> None:
    page = shop.page
    invoices = page.locator("#toggles li").filter(has=page.locator('[data-toggle="invoices"]'))
    expect(invoices).to_contain_text("Also turns on")
    turn_on(page, "invoices")
    for toggle, title in (
        ("contacts", "Sync Contacts"),
        ("items", "Sync Items"),
        ("tax_rates", "Sync Tax Rates"),
    ):
        expect(switch(page, toggle)).to_have_attribute("aria-checked", "true")
        expect(switch(page, toggle)).to_be_disabled()
        expect(page.locator("#notices")).to_contain_text(title)


def _map_taxes(shop: Shop) -> None:
    """Sync tax rates, take the suggestions, and mark what is left as not used."""
    page = shop.page
    expect(sync_button(page, "items")).to_be_disabled()
    sync(page, "tax_rates")
    expect(node(page, "tax_mapping")).to_have_attribute("data-state", "next")
    node(page, "tax_mapping").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tax mapping")
    page.get_by_role("button", name="Use all suggestions").click()
    page.get_by_role("button", name="Save", exact=True).click()
    income = page.locator('tr[data-tax-type="OUTPUT2"]')
    expect(income.locator(".badge").first).to_have_text("Mapped")
    for row in page.locator("tr[data-tax-type]").filter(has_text="Not mapped").all():
        if row.locator(".badge").first.inner_text() == "Not mapped":
            row.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Mark as not used").click()
    expect(page.get_by_text("Everything is settled")).to_be_visible()


def _sync_side_by_side(shop: Shop) -> None:
    """Start both while Xero keeps them waiting: each runs and shows its progress, and both end."""
    stack, page = shop.person.stack, shop.person.open(shop.workspace.id)
    expect(node(page, "tax_mapping")).to_have_attribute("data-state", "done")
    gates = [Gate(stack, "GET Contacts"), Gate(stack, "GET Items")]
    for module in ("contacts", "items"):
        sync_button(page, module).click()
        expect(node(page, module)).to_have_attribute("data-state", "running")
        expect(card(page, module).get_by_role("progressbar")).to_be_visible()
    for gate in gates:
        gate.open()
    for module in ("contacts", "items"):
        expect(node(page, module)).to_have_attribute("data-state", "done")


def _settle_doubt(shop: Shop) -> None:
    """Go from the card over the run and its issue to the contact, and choose its customer."""
    page = shop.page
    card(page, "contacts").get_by_role("link", name=re.compile("1 issue")).click()
    expect(page.locator("#issues")).to_contain_text(DOUBTFUL)
    page.get_by_role("link", name=f"Choose the customer for {DOUBTFUL}").click()
    page.locator("label").filter(has_text="Kauri Traders North").click()
    expect(page.get_by_role("radio", name="Kauri Traders North")).to_be_checked()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("#notices")).to_contain_text(DOUBTFUL)
    page = shop.person.open(shop.workspace.id, "issues")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def _push(shop: Shop) -> list[Invoice]:
    """Push all that is eligible: one waits for its freight and is named, the others are linked."""
    invoices = confirmed_invoices(shop.workspace, 4)
    set_freight(shop.workspace, invoices[0], Freight(state=Freight.STATE_TO_BE_CONFIRMED))
    page = shop.person.open(shop.workspace.id, "invoices")
    expect(page.get_by_role("link", name="3 eligible")).to_be_visible()
    page.get_by_role("link", name="1 blocked").click()
    expect(page.get_by_role("link", name=invoices[0].number)).to_be_visible()
    expect(page.locator("main")).to_contain_text("freight")
    page.get_by_role("link", name="3 eligible").click()
    page.get_by_role("button", name="Push all eligible").click()
    expect(page.locator("#run-state")).to_contain_text("issues")
    expect(page.locator("#issues")).to_contain_text(invoices[0].number)
    return invoices


def _push_what_was_blocked(shop: Shop, invoice: Invoice) -> None:
    """Orderverse learns the freight; the invoice is chosen and pushed by itself."""
    fixed = Freight(state=Freight.STATE_FIXED, amount="12.50", tax_code=invoice.lines[0].tax_code)
    shop.workspace.set_options(freight_account_code="260")
    set_freight(shop.workspace, invoice, fixed)
    page = shop.person.open(shop.workspace.id)
    expect(sync_button(page, "invoice_push")).to_be_enabled()  # its cooldown is over
    page = shop.person.open(shop.workspace.id, "invoices")
    page.get_by_role("checkbox", name=f"Choose {invoice.number}").check()
    page.get_by_role("button", name="Push the chosen").click()
    expect(page.locator("#run-state .badge")).to_have_class(re.compile("good"))
    page = shop.person.open(shop.workspace.id, "invoices?list=linked")
    expect(page.get_by_role("link", name=invoice.number, exact=True)).to_be_visible()


def _refresh(shop: Shop, *, changed: Invoice, paid: Invoice) -> None:
    """In Xero one is changed and one is paid; a refresh brings both, and shows what differs."""
    stack = shop.person.stack
    change_in_xero(stack, ORGANISATION, changed.number)
    stack.simulator.approve(ORGANISATION, paid.number)
    stack.simulator.pay(ORGANISATION, paid.number)
    page = shop.person.open(shop.workspace.id, "invoices?list=linked")
    page.get_by_text("Refresh from Xero").click()
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.locator("#run-state .badge")).to_have_class(re.compile("good"))
    page = shop.person.open(shop.workspace.id, "invoices?list=linked")
    row = page.get_by_role("row")
    expect(row.filter(has_text=paid.number)).to_contain_text("Paid on")
    row.filter(has_text=changed.number).locator("a:has(.badge)").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(changed.number)
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Differs")


def _leave(shop: Shop) -> None:
    """Disconnecting asks first, and says what is removed and what is kept."""
    page = shop.person.open(shop.workspace.id)
    page.get_by_role("link", name="Disconnect", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disconnect Xero?")
    expect(page.locator("main")).to_contain_text("Mappings")
    page.get_by_role("link", name="Keep it connected").click()
    expect(state(page)).to_have_text("Connected")
    page.get_by_role("link", name="Disconnect", exact=True).click()
    page.get_by_role("button", name="Disconnect Xero").click()
    expect(state(page)).to_have_text("Not connected")
    expect(sync_button(page, "contacts")).to_be_disabled()


def _return(shop: Shop) -> None:
    """Connecting again finds everything as it was left."""
    page = connect(shop.person, shop.workspace.id, ORGANISATION)
    expect(state(page)).to_have_text("Connected")
    for each in ("tax_rates", "tax_mapping", "contacts", "items", "invoice_push", "invoice_pull"):
        expect(node(page, each)).to_have_attribute("data-state", "done")
    shop.person.open(shop.workspace.id, "invoices?list=linked")
    expect(page.locator('tbody input[name="invoice"]')).to_have_count(4)
