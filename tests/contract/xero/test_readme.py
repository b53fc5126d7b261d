import re
from pathlib import Path

import syncline_xero

PACKAGE = Path(syncline_xero.__file__).parent
CODE = re.compile(r"XERO_[A-Z_]*[A-Z]")


def test_the_readme_explains_exactly_the_codes_there_are() -> None:
    """Every code people can meet has its row, and no row is about a code of the past."""
    raised = {
        code
        for path in PACKAGE.glob("*.py")
        for code in re.findall(rf'"({CODE.pattern})"', path.read_text("utf-8"))
    }

    explained = set(CODE.findall((PACKAGE.parent / "README.md").read_text("utf-8")))

    assert raised == explained
