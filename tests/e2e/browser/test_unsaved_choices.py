"""Tax rates that are settled and not saved yet: nobody loses that without a question."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from chromium import Person, answering
from furnishing import half_way
from local_stack import LocalStack
from staged_windows import soon

pytestmark = pytest.mark.slow
_WAYS: dict[str, Callable[[Page], object]] = {
    "back": lambda page: page.go_back(),
    "link": lambda page: page.get_by_role("link", name="Runs", exact=True).click(),
}


@pytest.fixture(scope="module")
def shop(stack: LocalStack) -> str:
    """A workspace with tax rates left to map."""
    return half_way(stack, "unsaved", "Harbour Goods Ltd").id


@pytest.fixture
def page(admin: Person, shop: str) -> Iterator[Page]:
    """The tax mapping, gone to from the overview. It may ask: that is no complaint."""
    page = admin.open(shop)
    page.get_by_role("link", name="Tax mapping", exact=True).first.click()
    expect(_heading(page)).to_have_text("Tax mapping")
    with admin.tolerating(re.compile("^dialog: ")):
        yield page


@pytest.mark.parametrize("leave", _WAYS.values(), ids=_WAYS)
def test_leaving_asks_first(page: Page, leave: Callable[[Page], object]) -> None:
    """Whoever stays has what was chosen, at the same address; whoever goes is asked once."""
    address = page.url
    _choose(page)
    asked = answering(page, "stay", "go")
    leave(page)
    soon(lambda: bool(asked), page)
    expect(page).to_have_url(address)
    expect(_select(page)).to_have_value("not_used")
    assert "not saved yet" in asked[0]

    leave(page)
    expect(_heading(page)).not_to_have_text("Tax mapping")
    assert len(asked) == 2


def test_closing_asks_first(page: Page) -> None:
    """The browser asks whether to close the tab: whoever stays has what was chosen."""
    _choose(page)
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(_select(page)).to_have_value("not_used")

    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    with page.expect_event("close"):
        asked.value.accept()


def test_suggestions_are_not_saved_either(page: Page) -> None:
    """What the server has filled in is asked for like what somebody chose."""
    page.get_by_role("button", name="Use all suggestions").click()
    expect(page.get_by_text("Not saved yet", exact=True).first).to_be_visible()
    asked = answering(page, "go")
    _WAYS["link"](page)
    expect(_heading(page)).to_have_text("Runs")
    assert len(asked) == 1


def test_nothing_is_asked_without_scripts(
    new_person: Callable[..., Person], stack: LocalStack, shop: str
) -> None:
    """A browser that runs none leaves as it always does."""
    person = new_person(stack, java_script_enabled=False)
    person.sign_in()
    page = person.open(shop, "tax-mapping")
    _choose(page)
    _WAYS["link"](page)
    expect(_heading(page)).to_have_text("Runs")


# Each of these settles one of the few tax rates that are left to settle, so they come last.
@pytest.mark.parametrize("leave", _WAYS.values(), ids=_WAYS)
def test_saved_choices_are_left_at_once(page: Page, leave: Callable[[Page], object]) -> None:
    """After saving there is nothing to ask for on the way to another page."""
    _save(page)
    asked = answering(page, "go")
    leave(page)
    expect(_heading(page)).not_to_have_text("Tax mapping")
    assert asked == []


def test_saved_choices_are_closed_at_once(page: Page) -> None:
    """After saving there is nothing to ask for when the tab is closed."""
    _save(page)
    asked = answering(page, "go")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == []


def _heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def _select(page: Page) -> Locator:
    rows = page.locator("tr[data-tax-type]")
    waiting = page.locator(".badge", has_text="Not mapped")
    return rows.filter(has=waiting).first.locator("select")


def _choose(page: Page) -> None:
    _select(page).select_option(label="Not used")


def _save(page: Page) -> None:
    _choose(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Saved 1 tax rate")
