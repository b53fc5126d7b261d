"""Everything works without scripts, and while they are still on their way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from chromium import Person
from connection_page import connect, node, state, switch, sync_button
from furnishing import add_tax_codes, connected
from local_stack import LocalStack, wait_until
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
NewPerson = Callable[..., Person]


def test_a_browser_without_scripts_does_the_whole_set_up(
    new_person: NewPerson, stack: LocalStack
) -> None:
    """Connect, turn on, sync, map and disconnect, each by a form that leads to a page."""
    stack.simulator.organisation("Plain Ltd", country="NZ", contacts=3, items=1)
    add_tax_codes(Workspace(client=stack.client, id="plain"))
    person = new_person(stack, java_script_enabled=False)
    person.sign_in()
    page = connect(person, "plain", "Plain Ltd")
    expect(state(page)).to_have_text("Connected")
    _turn_on_and_sync_taxes(page)

    person.open("plain", "tax-mapping")
    for choice in page.locator("tr[data-tax-type] select").all():
        choice.select_option(label="Not used")
    income = page.locator('tr[data-tax-type="OUTPUT2"] select')
    income.select_option("workspaces/plain/taxCodes/gst")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(income).to_have_value("workspaces/plain/taxCodes/gst")
    expect(node(person.open("plain"), "tax_mapping")).to_have_attribute("data-state", "done")

    page.get_by_role("link", name="Disconnect", exact=True).click()
    page.get_by_role("button", name="Disconnect Xero").click()
    expect(state(page)).to_have_text("Not connected")


def _turn_on_and_sync_taxes(page: Page) -> None:
    switch(page, "tax_rates").click()
    expect(switch(page, "tax_rates")).to_have_attribute("aria-checked", "true")
    sync_button(page, "tax_rates").click()
    expect(page.locator("#notices .notice")).to_be_visible()
    wait_until(lambda: _is_done_now(page), "a reload shows that the sync ended")


def _is_done_now(page: Page) -> bool:
    page.reload()
    return node(page, "tax_rates").get_attribute("data-state") == "done"


def test_forms_work_while_scripts_are_on_their_way(
    new_person: NewPerson, stack: LocalStack
) -> None:
    """Whoever is faster than the network turns a toggle on and starts its sync all the same."""
    connected(stack, "early")
    person = new_person(stack)
    person.sign_in()
    waiting: list[Route] = []

    def hold(script: Route) -> None:
        waiting.append(script)

    person.context.route("**/*.js*", hold)
    page = person.page
    page.goto(person.address("early"), wait_until="commit")
    switch(page, "tax_rates").click(no_wait_after=True)
    expect(switch(page, "tax_rates")).to_have_attribute("aria-checked", "true")
    sync_button(page, "tax_rates").click(no_wait_after=True)
    expect(page.locator("#notices .notice")).to_be_visible()
    assert waiting
    person.context.unroute_all(behavior="ignoreErrors")
