"""Parts of pages that look the same everywhere because they are drawn in one place."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

TEMPLATES = Path(str(files("syncline_console"))) / "templates"
PARTS = TEMPLATES / "macros.html"
PAGES = {each: each.read_text() for each in TEMPLATES.rglob("*.html")}
MACROS = [
    (file, name) for file, text in PAGES.items() for name in re.findall(r"{% macro (\w+)\(", text)
]


@pytest.mark.parametrize("part", ["badge", "pager"])
def test_no_page_draws_a_part_by_hand(part: str) -> None:
    """What a state or the way to the next page looks like is said once."""
    drawn = re.compile(rf'class="{part}\b')

    assert [each.name for each, text in PAGES.items() if drawn.search(text)] == [PARTS.name]


@pytest.mark.parametrize(("file", "name"), MACROS, ids=[name for _, name in MACROS])
def test_every_macro_is_used(file: Path, name: str) -> None:
    """What no page draws any more is gone."""
    call = re.compile(rf"(?<!macro )\b{name}\(")

    assert [each.name for each, text in PAGES.items() if call.search(text)], file.name
