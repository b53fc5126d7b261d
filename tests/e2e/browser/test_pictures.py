"""The pictures of the README: the connected page with its chain half done, and the tax mapping."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chromium import Person
from connection_page import node, state
from furnishing import half_way
from local_stack import LocalStack

pytestmark = pytest.mark.slow
_WINDOW = {"width": 1280, "height": 840}
_MOST_BYTES = 200_000
"""Of a picture that is kept in the repository."""


def test_pictures_of_the_readme(
    new_person: Callable[..., Person], stack: LocalStack, pictures: Path
) -> None:
    """Both are made, of a page that shows what the README says, and small enough to be kept."""
    workspace = half_way(stack, "acme", "Harbour Goods Ltd")
    person = new_person(stack, viewport=_WINDOW, color_scheme="light", reduced_motion="reduce")
    person.sign_in()
    page = person.open(workspace.id)
    expect(state(page)).to_have_text("Connected")
    expect(node(page, "tax_rates")).to_have_attribute("data-state", "done")
    expect(node(page, "tax_mapping")).to_have_attribute("data-state", "next")
    _take(page, pictures / "connected.png")
    page = person.open(workspace.id, "tax-mapping")
    expect(page.get_by_role("table")).to_contain_text("15% GST on Income")
    _take(page, pictures / "tax-mapping.png")


def _take(page: Page, file: Path) -> None:
    page.screenshot(path=file, animations="disabled")
    assert file.stat().st_size <= _MOST_BYTES
