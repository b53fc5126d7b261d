"""The page of a connection as people use it: its parts by their names, and what is done there."""

import re

from playwright.sync_api import Locator, Page, expect

from chromium import Person
from local_stack import LocalStack

_MIA = "mia@harbour.example"


def state(page: Page) -> Locator:
    """Return the word that says how the connection stands."""
    return page.locator("#connection .badge")


def node(page: Page, id_: str) -> Locator:
    """Return a node of the chain's picture."""
    return page.locator(f'#chain [data-node="{id_}"]')


def card(page: Page, module: str) -> Locator:
    """Return the card of a module's syncs."""
    return page.locator(f'#syncs [data-module="{module}"]')


def switch(page: Page, toggle: str) -> Locator:
    """Return the switch of a toggle."""
    return page.locator(f'#toggles [data-toggle="{toggle}"]').get_by_role("switch")


def countdown(page: Page, module: str) -> Locator:
    """Return what says how long it is until a module can be synced again."""
    return card(page, module).locator("[data-ends]").first


def sync_button(page: Page, module: str) -> Locator:
    """Return the button that starts a module's sync."""
    return card(page, module).get_by_role("button", name=re.compile(r"^Sync .* now$"))


def turn_on(page: Page, toggle: str) -> None:
    """Turn a toggle on, and see it on."""
    switch(page, toggle).click()
    expect(switch(page, toggle)).to_have_attribute("aria-checked", "true")


def sync(page: Page, module: str) -> None:
    """Sync a module and see its node done. What is done already stays so: look at more there."""
    sync_button(page, module).click()
    expect(node(page, module)).to_have_attribute("data-state", "done")


def connect(person: Person, workspace: str, *organisations: str) -> Page:
    """Go from the list of integrations through Xero's consent and back, click by click."""
    page = person.page
    page.goto(f"{person.origin}/workspaces/{workspace}/integrations")
    page.get_by_role("button", name="Connect Xero").click()
    consent(person.stack, page, *organisations)
    return page


def consent(stack: LocalStack, page: Page, *organisations: str) -> None:
    """Sign in at Xero's consent page, choose these organisations and no other, and approve."""
    at_consent(stack, page)
    page.get_by_label("Signed in as").select_option(_MIA)
    for choice in page.get_by_role("checkbox").all():
        choice.uncheck()
    for name in organisations:
        page.locator("label").filter(has=page.get_by_text(name, exact=True)).locator(
            "input"
        ).check()
    page.get_by_role("button", name="Allow access").click()
    page.wait_for_url(lambda url: not url.startswith(stack.settings.simulator.url))


def at_consent(stack: LocalStack, page: Page) -> None:
    """Arrive at Xero's consent page, to which the console's own page leads by itself."""
    page.wait_for_url(f"{stack.settings.simulator.url}/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("wants access")
