"""The first part of the story by keyboard alone; what has focus keeps it when a page changes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from chromium import Person
from connection_page import at_consent, node, state, switch, sync_button
from furnishing import connected
from local_stack import LocalStack

pytestmark = pytest.mark.slow
_FAR = 120
"""Presses of the Tab key; what takes more is not to be reached by people."""


def test_connecting_and_syncing_need_no_mouse(
    new_person: Callable[..., Person], stack: LocalStack
) -> None:
    """Tab, Enter and Space sign in, connect, turn a sync on, start it, and go to the next step."""
    stack.simulator.organisation("Keys Ltd", country="NZ", contacts=3, items=1)
    person = new_person(stack)
    page = person.page
    page.goto(f"{person.origin}/workspaces/keys/integrations")
    _type(page, page.get_by_label("Name", exact=True), stack.admin.name)
    _type(page, page.get_by_label("Password", exact=True), stack.admin.password)
    page.keyboard.press("Enter")
    _press(page, page.get_by_role("button", name="Connect Xero"), "Enter")
    at_consent(stack, page)
    for choice in page.get_by_role("checkbox").all():
        name = choice.locator("xpath=..").inner_text().strip()
        if choice.is_checked() is not (name == "Keys Ltd"):
            _press(page, choice, "Space")
    _press(page, page.get_by_role("button", name="Allow access"), "Enter")
    expect(state(page)).to_have_text("Connected")

    _press(page, switch(page, "tax_rates"), "Space")
    expect(switch(page, "tax_rates")).to_have_attribute("aria-checked", "true")
    expect(switch(page, "tax_rates")).to_be_focused()
    _press(page, sync_button(page, "tax_rates"), "Enter")
    expect(node(page, "tax_rates")).to_have_attribute("data-state", "done")
    _press(page, page.get_by_role("link", name="Tax mapping").first, "Enter")
    expect(page).to_have_url(person.address("keys", "tax-mapping"))


def test_focus_stays_when_a_page_changes_by_itself(admin: Person, stack: LocalStack) -> None:
    """A change made by somebody else redraws a part; whoever was in it stays where they were."""
    workspace = connected(stack, "focus")
    page = admin.open("focus")
    for there in (switch(page, "contacts"), page.get_by_role("link", name="Disconnect")):
        there.focus()
        for wanted in (True, False):
            workspace.set_toggles(tax_rates=wanted)
            told = "true" if wanted else "false"
            expect(switch(page, "tax_rates")).to_have_attribute("aria-checked", told)
            expect(there).to_be_focused()


def _type(page: Page, field: Locator, text: str) -> None:
    _go(page, field)
    page.keyboard.type(text)


def _press(page: Page, target: Locator, key: str) -> None:
    _go(page, target)
    page.keyboard.press(key)


def _go(page: Page, target: Locator) -> None:
    """Go to an element by Tab, from wherever focus is."""
    expect(target).to_be_visible()
    expect(target).to_be_enabled()  # before that nobody comes to it by keyboard
    for _ in range(_FAR):
        if target.evaluate("(each) => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
