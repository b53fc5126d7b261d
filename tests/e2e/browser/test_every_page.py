"""Every page, on a phone and at a desk, light and dark: usable by any means, and its picture."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from connection_page import at_consent, connect
from furnishing import connected, furnished, half_way
from judging import looks, too_wide, weighty
from local_stack import LocalStack
from syncline.v1.invoice_pb2 import InvoiceLink
from syncline.v1.mapping_pb2 import (
    RECORD_MAPPING_STATE_AMBIGUOUS,
    RECORD_MAPPING_STATE_MAPPED,
    ListContactMappingsRequest,
    RecordMappingState,
)
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
NewPerson = Callable[..., Person]
_REFUSED = re.compile("status of 4")
_PAGES = {
    "connection": "/workspaces/full/integrations/xero",
    "connection-half-way": "/workspaces/half/integrations/xero",
    "connection-none": "/workspaces/empty/integrations/xero",
    "integrations": "/workspaces/full/integrations",
    "settings": "/workspaces/full/integrations/xero/settings",
    "tax-mapping": "/workspaces/half/integrations/xero/tax-mapping",
    "tax-code": "/workspaces/half/integrations/xero/tax-codes/new",
    "contacts": "/workspaces/full/integrations/xero/contacts",
    "contacts-all": "/workspaces/full/integrations/xero/contacts?show=all",
    "assign": "/workspaces/full/integrations/xero/contacts/{doubtful}/assign",
    "remove": "/workspaces/full/integrations/xero/contacts/{mapped}/remove",
    "items": "/workspaces/full/integrations/xero/items?show=all",
    "runs": "/workspaces/full/integrations/xero/runs",
    "run": "/workspaces/full/integrations/xero/runs/{run}",
    "issues": "/workspaces/full/integrations/xero/issues",
    "invoices": "/workspaces/full/integrations/xero/invoices",
    "invoices-blocked": "/workspaces/full/integrations/xero/invoices?show=blocked",
    "invoices-linked": "/workspaces/full/integrations/xero/invoices?list=linked",
    "invoice": "/workspaces/full/integrations/xero/invoices/{differing}",
    "disconnect": "/workspaces/full/integrations/xero/disconnect",
}
"""Pages of workspaces, by the names of their pictures."""


class Records(NamedTuple):
    """Ids of records that have pages of their own."""

    doubtful: str
    mapped: str
    run: str
    differing: str


@pytest.fixture(scope="module")
def records(stack: LocalStack) -> Records:
    """A workspace that has been used and one that is half set up; records of the first."""
    half_way(stack, "half", "Harbour Goods Ltd")
    workspace = furnished(stack, "full")
    differing = next(each for each in workspace.links() if each.HasField("variance"))
    return Records(
        doubtful=_contact(workspace, RECORD_MAPPING_STATE_AMBIGUOUS),
        mapped=_contact(workspace, RECORD_MAPPING_STATE_MAPPED),
        run=_last(workspace.node("invoice_push").last_run.name),
        differing=_invoice(differing),
    )


def _contact(workspace: Workspace, state: RecordMappingState.ValueType) -> str:
    request = ListContactMappingsRequest(parent=workspace.connection, states=[state])
    found = workspace.client.mappings.ListContactMappings(request).contact_mappings
    return _last(found[0].name)


def _invoice(link: InvoiceLink) -> str:
    return _last(link.invoice)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


@pytest.mark.parametrize("title", _PAGES)
def test_pages_of_a_workspace_are_for_everybody(
    admin: Person, records: Records, pictures: Path, title: str
) -> None:
    """Axe finds nothing serious on any of them, and none is wider than its window."""
    admin.page.goto(admin.origin + _PAGES[title].format(**records._asdict()))
    _assert_for_everybody(admin.page, pictures, title)


def test_other_pages_are_for_everybody(
    new_person: NewPerson, stack: LocalStack, pictures: Path
) -> None:
    """Likewise the pages before and beside those of a workspace, and what leads nowhere."""
    person = new_person(stack)
    with person.tolerating(_REFUSED):
        for title, path in (
            ("sign-in", "/sign-in"),
            ("landing", "/oauth/callback?state=unknown&code=guessed"),
        ):
            person.page.goto(person.origin + path)
            _assert_for_everybody(person.page, pictures, title)
        person.sign_in()
        for title, path in (
            ("start", "/"),
            ("not-found", "/nothing-here"),
            ("no-run", "/workspaces/empty/integrations/xero/runs/none"),
            ("no-contact", "/workspaces/empty/integrations/xero/contacts/none/assign"),
        ):
            person.page.goto(person.origin + path)
            _assert_for_everybody(person.page, pictures, title)


def test_pages_of_a_choice_are_for_everybody(
    admin: Person, stack: LocalStack, pictures: Path
) -> None:
    """Likewise the choice of an organisation, and the consent page of the simulator before it."""
    names = ("Either Ltd", "Other Ltd")
    for name in names:
        stack.simulator.organisation(name, country="NZ", contacts=1, items=1)
    page = connect(admin, "choosing", *names)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose an organisation")
    _assert_for_everybody(page, pictures, "organisation")
    page.goto(f"{admin.origin}/workspaces/choosing/integrations/xero")
    page.get_by_role("button", name="Connect Xero").click()
    at_consent(stack, page)
    _assert_for_everybody(page, pictures, "consent")


def test_a_connection_that_needs_mending_is_for_everybody(
    admin: Person, stack: LocalStack, pictures: Path
) -> None:
    """Likewise the page of a connection to which Xero has ended the access."""
    workspace = connected(stack, "lost")
    workspace.set_toggles(contacts=True)
    stack.control("POST", "/access/revoke", {"organisation": "lost"})
    for _ in workspace.watch(workspace.trigger("contacts")):
        pass
    page = admin.open("lost")
    expect(page.locator("#connection")).to_contain_text("Reconnect required")
    _assert_for_everybody(page, pictures, "connection-lost")


def _assert_for_everybody(page: Page, pictures: Path, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width, scheme in looks(page):
        page.screenshot(path=pictures / f"{title}-{width}-{scheme}.png", full_page=True)
        found = weighty(page, scheme) + too_wide(page)
        told = "\n".join(found)
        assert not found, f"{title} at {width} px, {scheme}:\n{told}"
