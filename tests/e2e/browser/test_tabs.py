"""One workspace in two tabs: what is done in one is seen in the other, by the same clock."""

import re

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from connection_page import countdown, node, state, switch, sync, sync_button, turn_on
from furnishing import connected
from local_stack import LocalStack, wait_until

pytestmark = pytest.mark.slow
_APART = 1.0
"""Seconds: a countdown shows whole ones."""


@pytest.fixture
def tabs(admin: Person, stack: LocalStack) -> tuple[Page, Page]:
    """Two tabs at the same connected workspace."""
    workspace = connected(stack, "tabs")
    workspace.set_toggles(tax_rates=True)
    other = admin.tab()
    for tab in (admin.page, other):
        tab.goto(admin.address("tabs"))
        expect(state(tab)).to_have_text("Connected")
    return admin.page, other


def test_tabs_follow_each_other(tabs: tuple[Page, Page]) -> None:
    """A sync started here ends there too, and both count down to one moment, reloaded or not."""
    here, there = tabs
    sync(here, "tax_rates")

    expect(node(there, "tax_rates")).to_have_attribute("data-state", "done")
    expect(sync_button(there, "tax_rates")).to_be_disabled()
    wait_until(lambda: _agree(here, there), "both tabs count down to the same second")
    there.reload()
    wait_until(lambda: _agree(here, there), "a reloaded tab goes on counting where it was")

    turn_on(there, "items")
    expect(switch(here, "items")).to_have_attribute("aria-checked", "true")
    switch(here, "items").click()
    expect(switch(there, "items")).to_have_attribute("aria-checked", "false")


def _agree(here: Page, there: Page) -> bool:
    return abs(_end_shown(here) - _end_shown(there)) <= _APART


def _end_shown(page: Page) -> float:
    """Return when a tab says that the cooldown ends: its clock and the seconds that it shows."""
    shown: tuple[str, float] = countdown(page, "tax_rates").evaluate(
        "(each) => [each.textContent, Date.now() / 1000]"
    )
    return shown[1] + _seconds(shown[0])


def _seconds(text: str) -> int:
    numbers = re.findall(r"\d+", text)
    assert numbers, f"no countdown: {text!r}"
    return int(numbers[-1]) + 60 * (int(numbers[-2]) if len(numbers) > 1 else 0)
