"""A program behind an open page is killed: the page says so, heals by itself, and works again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from chromium import LOST, Person
from connection_page import state, switch, sync, turn_on
from furnishing import connected
from local_stack import LocalStack

pytestmark = pytest.mark.slow
_BAR = "Connection to Syncline lost"


@pytest.mark.parametrize("program", ["server", "console"])
def test_a_killed_program_shows_and_heals(
    program: str, own_stack: LocalStack, new_person: Callable[..., Person]
) -> None:
    """Kill -9 brings a bar; after the restart it goes, what changed is shown, and a sync runs."""
    workspace = connected(own_stack, "outage")
    person = new_person(own_stack)
    person.sign_in()
    page = person.open("outage")
    expect(state(page)).to_have_text("Connected")

    with person.tolerating(LOST):
        own_stack.kill(program)
        expect(page.get_by_text(_BAR)).to_be_visible()
        own_stack.start(program)
        expect(page.get_by_text(_BAR)).to_be_hidden()

    workspace.set_toggles(contacts=True)
    expect(switch(page, "contacts")).to_have_attribute("aria-checked", "true")
    turn_on(page, "tax_rates")
    sync(page, "tax_rates")
