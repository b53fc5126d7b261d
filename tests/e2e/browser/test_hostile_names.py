"""Names out of Xero that want to be more than names: they are text, and the page keeps its form."""

from collections.abc import Mapping, Sequence

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from connection_page import connect, state
from furnishing import connected
from judging import NARROW, look, too_wide
from local_stack import LocalStack
from setting_up import finish, map_taxes
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
_RUNS = "window.tricked = true"
HOSTILE = {
    "script": f"<script>{_RUNS}</script>",
    "attribute": f'"><img src=x onerror="{_RUNS}">',
    "link": f"javascript:{_RUNS}//",
    "right to left": "\u202eyraicifeneB\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628",
    "template": "{{7*7}}${7*7}<%= 7*7 %>",
    "nul": "nul \\x00 %00 \u2400 &#0;",
    "emoji": "\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1f3\U0001f1ff \u2764\ufe0f",
}
ENDLESS = "N" * 500
"""Longer than Xero allows; it has been seen to come all the same."""


def test_names_of_organisations_are_text(admin: Person, stack: LocalStack) -> None:
    """Whatever an organisation is called, its page shows that, runs nothing and keeps its width."""
    page = admin.page
    for number, name in enumerate((*HOSTILE.values(), ENDLESS)):
        stack.simulator.organisation(name, country="NZ", contacts=1, items=1)
        connect(admin, f"named-{number}", name)
        expect(state(page)).to_have_text("Connected")
        _assert_harmless(page, name)
        page.goto(f"{admin.origin}/workspaces/named-{number}/integrations")
        _assert_harmless(page, name)


@pytest.fixture(scope="module")
def books(stack: LocalStack) -> Workspace:
    """A workspace whose chain is complete, with contacts, items and tax rates of such names."""
    workspace = connected(stack, "hostile")
    for number, name in enumerate(HOSTILE.values()):
        _add(stack, "items", {"Code": f"I{number}", "Name": name[:50]})
        rate = {"Name": name[:50], "TaxComponents": [{"Name": "GST", "Rate": "15"}]}
        _add(stack, "tax-rates", rate)
    _name_contacts(stack, [*HOSTILE.values(), ENDLESS])
    workspace.set_toggles(invoices=True)
    finish(workspace, "tax_rates")
    map_taxes(workspace)
    finish(workspace, "contacts")
    finish(workspace, "items")
    return workspace


def _add(stack: LocalStack, what: str, body: Mapping[str, object]) -> dict[str, object]:
    added: dict[str, object] = stack.control("POST", f"/organisations/hostile/{what}", body)
    return added


def _name_contacts(stack: LocalStack, names: Sequence[str]) -> None:
    """Have Xero list contacts of these names, although its rules forbid some of them."""
    contacts = [
        {**_add(stack, "contacts", {"Name": f"C{number}"}), "Name": name}
        for number, name in enumerate(names)
    ]
    answer = {"kind": "patch-answer", "path": "/Contacts", "fields": {"Contacts": contacts}}
    stack.control("POST", "/faults", {**answer, "count": None})


@pytest.mark.parametrize("place", ["", "tax-mapping", "contacts", "items", "runs", "issues"])
def test_names_of_records_are_text(admin: Person, books: Workspace, place: str) -> None:
    """Each page shows the names of records as they are, runs nothing and keeps its width."""
    page = admin.open(books.id, *filter(None, [place]))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if place in ("tax-mapping", "contacts", "items"):
        for name in HOSTILE.values():
            expect(page.get_by_text(name[:50]).first).to_be_attached()
    _assert_harmless(page)


def _assert_harmless(page: Page, name: str = "") -> None:
    if name:
        expect(page.locator("main")).to_contain_text(name)
    assert page.evaluate("window.tricked") is None
    assert page.locator("img[src='x'], a[href^='javascript']").count() == 0
    look(page, NARROW, "light")
    assert too_wide(page) == []
