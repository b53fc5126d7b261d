"""How many calls Xero still allows, on a page that is open while the organisation changes."""

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from furnishing import connected
from local_stack import LocalStack
from setting_up import connect, finish
from staged_windows import soon
from syncline.v1.integration_pb2 import DisconnectRequest

pytestmark = pytest.mark.slow


def test_calls_left_are_of_the_organisation_that_is_connected(
    admin: Person, stack: LocalStack
) -> None:
    """Another one brings its own number, without a reload; without any there is none."""
    workspace = connected(stack, "calls")
    workspace.set_toggles(tax_rates=True)
    finish(workspace, "tax_rates")  # by which Xero has told what is left today
    page = admin.open("calls")
    calls = page.locator("#calls")
    soon(lambda: "Today" in _again(page), page)  # no page waits for it for long

    stack.simulator.organisation("Other Ltd", country="NZ", contacts=1, items=1)
    connect(stack, workspace, "Other Ltd")
    expect(page.locator("#connection")).to_contain_text("Other Ltd")
    expect(calls).not_to_contain_text("Today")
    expect(calls).to_contain_text("This minute")

    disconnect = DisconnectRequest(name=workspace.connection)
    workspace.client.integrations.Disconnect(disconnect)
    expect(calls).to_be_hidden()


def _again(page: Page) -> str:
    """Load a page again; return what it says of calls left."""
    page.reload()
    return page.locator("#calls").inner_text()
