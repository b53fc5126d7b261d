"""What a page must be for everybody: usable by any means, and no wider than its window."""

from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
NARROW, WIDE = 390, 1440
"""Widths of windows in CSS pixels: a phone, and a desk."""
HEIGHTS = {NARROW: 844, WIDE: 900}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_WEIGHTY = ("serious", "critical")
_EVERYTHING = {"resultTypes": ["violations"]}
# What is not a colour is the same in the dark.
_COLOURS = {**_EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}
_TOO_WIDE = """() => {
  const window_ = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= window_) return [];
  const scrolls = (each) => each !== document.body && each !== document.documentElement
    && getComputedStyle(each).overflowX !== 'visible';
  const held = ({ parentElement: box }) => box && (scrolls(box) || held(box));
  const reach = (each, { left, right } = each.getBoundingClientRect()) =>
    Math.max(right, left + each.scrollWidth);
  const wide = [...document.body.querySelectorAll('*')].filter(
    (each) => reach(each) > window_ + 1 && !held(each));
  return ['the page', ...wide.slice(0, 5).map((each) => each.outerHTML.slice(0, 200))];
}"""
_axe = Axe()


def look(page: Page, width: int, scheme: Scheme) -> None:
    """Look at a page through a window of this width, in this scheme."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    # What fades is judged as it is in the end.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def looks(page: Page) -> Iterator[tuple[int, Scheme]]:
    """Look at a page in every way in turn: on a phone and at a desk, light and dark."""
    for width in (NARROW, WIDE):
        for scheme in SCHEMES:
            look(page, width, scheme)
            yield width, scheme


def weighty(page: Page, scheme: Scheme = "light") -> list[str]:
    """Return what axe finds serious or critical on a page as it is looked at now."""
    rules = _COLOURS if scheme == "dark" else _EVERYTHING
    found = _axe.run(page, options=rules).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:200]}"
        f" {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in _WEIGHTY
        for node in each["nodes"][:3]
    ]


def too_wide(page: Page) -> list[str]:
    """Return what sticks out of the window to the right; nothing where all fits."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def assert_accessible(page: Page) -> None:
    """Fail where something is serious or sticks out, on a phone or at a desk, light or dark."""
    for width, scheme in looks(page):
        seen = weighty(page, scheme) + too_wide(page)
        told = "\n".join(seen)
        assert not seen, f"{page.url} at {width} px, {scheme}:\n{told}"
