from pathlib import Path

import pytest

from syncline_server.core.data_inventory import INVENTORY, Holding


def line(holding: Holding) -> str:
    """Return a table's line as the page has it."""
    exported = f"`{holding.exported}`" if holding.exported else f"no: {holding.not_exported}"
    erased = f"stays: {holding.kept}" if holding.kept else "deleted"
    cells = (holding.holds, holding.owner, holding.personal, exported, erased, holding.bound)
    return f"| `{holding.table}` | {' | '.join(cells)} |"


def test_the_page_shows_the_inventory(pytestconfig: pytest.Config) -> None:
    """Every table is on the page with what the code does with it, and no other."""
    page = (pytestconfig.rootpath / Path("docs/data.md")).read_text()
    shown = page.partition("## Every table\n")[2].partition("\n## ")[0].splitlines()

    assert [each for each in shown if each.startswith("| `")] == [line(each) for each in INVENTORY]
