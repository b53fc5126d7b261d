"""Everything works without scripts, and while they are still on their way."""

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from chromium import Person
from connection_page import connect, node, state, switch, sync_button
from local_stack import LocalStack, wait_until
from setting_up import finish

pytestmark = pytest.mark.slow
NewPerson = Callable[..., Person]


def test_a_browser_without_scripts_does_the_whole_set_up(
    new_person: NewPerson, stack: LocalStack
) -> None:
    """Connect, turn on, sync, map and disconnect, each by a form that leads to a page."""
    stack.simulator.organisation("Plain Ltd", country="NZ", contacts=3, items=1)
    person = new_person(stack, java_script_enabled=False)
    person.sign_in()
    page = connect(person, "plain", "Plain Ltd")
    expect(state(page)).to_have_text("Connected")
    switch(page, "tax_rates").click()
    expect(switch(page, "tax_rates")).to_have_attribute("aria-checked", "true")
    sync_button(page, "tax_rates").click()
    expect(page.locator("#notices .notice")).to_be_visible()
    _reloaded_until(page, "tax_rates", "done")
