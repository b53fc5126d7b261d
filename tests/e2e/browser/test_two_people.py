"""People of one workspace and of another: what each sees, may do, and is named for."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from chromium import Person, add_account, remove_account
from connection_page import node, state, sync, turn_on
from furnishing import connected
from local_stack import LocalStack
from syncline.v1.audit_pb2 import ListAuditEntriesRequest

pytestmark = pytest.mark.slow
NewPerson = Callable[..., Person]


@pytest.fixture(scope="module")
def shop(stack: LocalStack) -> str:
    """A connected workspace with an administrator, a viewer, and a person of another one."""
    workspace = connected(stack, "shop")
    for name, role, of in (
        ("mia", "admin", "shop"),
        ("vera", "viewer", "shop"),
        ("otto", "admin", "elsewhere"),
    ):
        add_account(stack, name, role=role, workspace=of, title=f"{name.title()} Doe")
    return workspace.id


def test_what_one_does_the_other_sees_and_a_stranger_does_not(
    new_person: NewPerson, stack: LocalStack, shop: str
) -> None:
    """An administrator acts, a viewer watches without buttons, and a stranger is told nothing."""
    mia, vera, otto = (new_person(stack) for _ in range(3))
    for person, name in ((mia, "mia"), (vera, "vera"), (otto, "otto")):
        person.sign_in(name)
    watching = vera.open(shop)
    expect(state(watching)).to_have_text("Connected")
    turn_on(mia.open(shop), "tax_rates")
    sync(mia.page, "tax_rates")

    expect(node(watching, "tax_rates")).to_have_attribute("data-state", "done")
    for action in (
        watching.get_by_role("button", name=re.compile("^Sync .* now$")),
        watching.locator("#toggles").get_by_role("switch"),
        watching.get_by_role("button", name=re.compile("Connect|Reconnect")),
        watching.get_by_role("link", name="Disconnect", exact=True),
    ):
        for each in action.all():
            expect(each).to_be_disabled()
    with otto.tolerating(re.compile("status of 40[34]")):
        page = otto.open(shop)
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not see this")
        expect(page.locator("body")).not_to_contain_text("Connected")
    assert {"Mia Doe"} == _who_did("TriggerSync", stack, shop)


def test_whoever_loses_the_account_is_shown_out_and_comes_back_where_they_were(
    new_person: NewPerson, stack: LocalStack, shop: str
) -> None:
    """An open page ends with its session; signing in again leads to the page that was asked for."""
    person = new_person(stack)
    person.sign_in("vera")
    page = person.open(shop)
    expect(state(page)).to_have_text("Connected")
    with person.tolerating(re.compile("status of 40[13]")):
        remove_account(stack, "vera")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        person.open(shop, "runs")
    person.give_account("mia")

    expect(page).to_have_url(person.address(shop, "runs"))


def _who_did(method: str, stack: LocalStack, workspace: str) -> set[str]:
    request = ListAuditEntriesRequest(parent=f"workspaces/{workspace}", page_size=100)
    entries = stack.client.audit.ListAuditEntries(request).entries
    return {each.person_title for each in entries if each.method.endswith(method)}
