"""Connecting in a browser when it does not go straight: denied, several, too late, taken away."""

import re
import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from chromium import PATIENCE, Person
from connection_page import at_consent, connect, consent, state, sync_button
from furnishing import connected
from local_stack import LocalStack

pytestmark = pytest.mark.slow


def test_denied_consent_is_said_and_can_be_given_after_all(
    admin: Person, stack: LocalStack
) -> None:
    """Whoever cancels at Xero comes back to a page that says so, and connects from there."""
    stack.simulator.organisation("Denied Ltd", country="NZ", contacts=1, items=1)
    page = admin.page
    page.goto(f"{admin.origin}/workspaces/denied/integrations")
    page.get_by_role("button", name="Connect Xero").click()
    at_consent(stack, page)
    page.get_by_role("button", name="Cancel").click()

    expect(page.locator("#notices")).to_contain_text("Access was not approved")
    expect(state(page)).to_have_text("Not connected")
    page.get_by_role("button", name="Connect Xero").click()
    consent(stack, page, "Denied Ltd")
    expect(state(page)).to_have_text("Connected")
    expect(page.locator("#connection")).to_contain_text("Denied Ltd")


def test_one_of_several_organisations_is_chosen(admin: Person, stack: LocalStack) -> None:
    """Whoever approves two is asked which one this workspace is for."""
    names = ("Either Ltd", "Other Ltd")
    for name in names:
        stack.simulator.organisation(name, country="NZ", contacts=1, items=1)
    page = connect(admin, "several", *names)

    expect(page.get_by_role("heading", name="Choose an organisation")).to_be_visible()
    page.get_by_role("radio", name="Other Ltd").check()
    page.get_by_role("button", name="Connect this organisation").click()
    expect(state(page)).to_have_text("Connected")
    expect(page.locator("#connection")).to_contain_text("Other Ltd")


def test_an_approval_that_took_too_long_is_begun_again(admin: Person, stack: LocalStack) -> None:
    """The page says what happened, and the next attempt connects."""
    stack.simulator.organisation("Slow Ltd", country="NZ", contacts=1, items=1)
    page = admin.page
    page.goto(f"{admin.origin}/workspaces/slow/integrations")
    page.get_by_role("button", name="Connect Xero").click()
    at_consent(stack, page)
    _let_consents_expire(stack)
    with admin.tolerating(re.compile("status of 409")):
        consent(stack, page, "Slow Ltd")
        expect(page.get_by_text("took longer than ten minutes")).to_be_visible()

    connect(admin, "slow", "Slow Ltd")
    expect(state(page)).to_have_text("Connected")


def _let_consents_expire(stack: LocalStack) -> None:
    """Make every consent under way as old as if ten minutes had passed."""
    file = sqlite3.connect(stack.settings.data_folder / "syncline.db", timeout=PATIENCE)
    with file:
        file.execute("UPDATE consents SET expire_time = create_time")
    file.close()


def test_access_taken_away_in_xero_is_shown_live_and_mended(
    admin: Person, stack: LocalStack
) -> None:
    """A sync meets it; the page says why and what to do without a reload; reconnecting mends it."""
    workspace = connected(stack, "revoked")
    workspace.set_toggles(contacts=True)
    page = admin.open("revoked")
    expect(state(page)).to_have_text("Connected")
    stack.control("POST", "/access/revoke", {"organisation": "revoked"})
    sync_button(page, "contacts").click()

    expect(state(page)).to_have_text("Reconnect required")
    expect(sync_button(page, "contacts")).to_be_disabled()
    page.get_by_role("button", name="Reconnect Xero").click()
    consent(stack, page, "revoked")
    expect(state(page)).to_have_text("Connected")


def test_back_and_reload_after_connecting_do_no_harm(
    admin: Person, stack: LocalStack, new_person: Callable[..., Person]
) -> None:
    """Going back to the consent page and forth again leaves the workspace connected."""
    stack.simulator.organisation("Again Ltd", country="NZ", contacts=1, items=1)
    page = connect(admin, "again", "Again Ltd")
    expect(state(page)).to_have_text("Connected")
    page.reload()
    expect(state(page)).to_have_text("Connected")
    page.go_back()
    page.go_forward()
    page.goto(admin.address("again"))

    expect(state(page)).to_have_text("Connected")
    other = new_person(stack)
    with other.tolerating(re.compile("status of 4")):
        other.page.goto(f"{other.origin}/oauth/callback?state=unknown&code=guessed")
        expect(other.page.get_by_role("heading", level=1)).to_have_text("Not connected")
