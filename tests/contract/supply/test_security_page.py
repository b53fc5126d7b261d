"""The page on security claims nothing that leads nowhere."""

import re
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """The page."""
    return (root / "docs" / "security.md").read_text()


def anchor(heading: str) -> str:
    """Return what a link to a heading ends with."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(page: str, heading: str) -> str:
    """Return what is below a heading, up to the next of its rank."""
    level = re.search(rf"^(#+) {re.escape(heading)}$", page, re.MULTILINE)
    assert level, heading
    rest = page[level.end() :]
    return re.split(rf"^#{{2,{len(level[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def test_links_lead_to_files_and_sections_that_exist(root: Path, page: str) -> None:
    """A test or section that goes, or is renamed, is missed here."""
    headings = {anchor(each) for each in re.findall(r"^#+ (.+)$", page, re.MULTILINE)}
    targets = LINK.findall(page)

    broken = [
        target
        for target in targets
        if not (target[1:] in headings if target[0] == "#" else (root / "docs" / target).exists())
    ]

    assert len(targets) > 30
    assert broken == []


def test_every_boundary_is_held_by_tests(root: Path, page: str) -> None:
    """Each row of the table names files that hold tests, and each boundary of the picture a row."""
    part = section(page, "Where it is guarded")
    rows = [line for line in part.splitlines() if re.match(r"\| [1-9] ", line)]
    picture = part.partition("```")[2].partition("```")[0]

    assert [row[2] for row in rows] == sorted(
        set(re.findall(r"(?<!\S)\(?([1-9])\)?(?!\S)", picture))
    )
    for row in rows:
        held = LINK.findall(row.rstrip("|").rpartition("|")[2])
        assert held
        for target in held:
            assert "def test_" in (root / "docs" / target).read_text(), target


@pytest.mark.parametrize("heading", ["Egress", "Supply chain"])
def test_claims_name_what_holds_them(page: str, heading: str) -> None:
    """Nearly every point of the sections on this links to a test, a record or a file."""
    points = re.split(r"^- ", section(page, heading), flags=re.MULTILINE)[1:]

    assert len(points) > 3
    assert [point for point in points if not LINK.search(point)] == []


def test_vulnerabilities_are_reported_in_private(root: Path, page: str) -> None:
    """The page says how, and the page everybody sees first leads there."""
    assert "private" in section(page, "Reporting")
    assert "docs/security.md#reporting" in (root / "README.md").read_text()
