"""Every exception from a rule of the linter says why, where it is."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# Built from pieces, so that this file holds none itself.
MARK = re.compile(r"#\s*no(?:" + r"qa|sec)\b(.*)$")
CODES = re.compile(r":\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*")
SECURITY = re.compile(r"\b[SB][0-9]{3}\b")


def exceptions(root: Path) -> Iterator[tuple[str, str]]:
    """Yield every exception of the code that is ours: its place, and what is behind its mark."""
    for folder in ("server", "clients", "plugins", "tests", "protos", ".ci"):
        for file in root.glob(f"{folder}/**/*.py"):
            if "/syncline/v1/" in str(file):
                continue  # generated
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if match := MARK.search(line):
                    yield f"{file.relative_to(root)}:{number}", match[1]


def is_explained(behind: str) -> bool:
    """Return whether codes and a reason follow the mark; more than a word where it is security."""
    codes = CODES.match(behind)
    if codes is None:
        return False
    words = r"\S+ \S+" if SECURITY.search(codes[0]) else r"\w+"
    # A mark of the type checker between them shares the reason.
    return bool(re.match(rf"(?:\s*# type: ignore\S*)?\s*(?:#|-)\s*{words}", behind[codes.end() :]))


def test_every_exception_says_what_and_why(root: Path) -> None:
    """None is blanket, and none is without a reason on its line."""
    found = list(exceptions(root))

    assert len(found) > 20
    assert [place for place, behind in found if not is_explained(behind)] == []


@pytest.mark.parametrize(
    "behind",
    [
        "",
        ": S603",
        ": S603 -",
        "  - because it is so",
        ": S603 reason",
        ": S603 - ours",
        ": ARG002",
    ],
)
def test_exceptions_without_codes_or_reason_are_seen(behind: str) -> None:
    """The rule can be broken."""
    assert not is_explained(behind)


def test_rules_that_are_off_say_why(root: Path) -> None:
    """Each rule that the project turns off, as a whole or for some files, has a comment."""
    text = (root / "pyproject.toml").read_text()
    ruff = text.partition("[tool.ruff.lint]")[2].partition("[tool.importlinter]")[0]
    off = [
        line for line in ruff.splitlines() if re.match(r'\s*("[A-Z]+[0-9]*",|"[^"]+" = \[")', line)
    ]

    assert len(off) > 10
    assert [line for line in off if not re.search(r"#\s*\S+ \S+|# likewise", line)] == []


def test_security_rules_are_on(root: Path) -> None:
    """The linter fails for code that flake8-bandit warns of."""
    done = subprocess.run(  # noqa: S603 - the linter of the lock
        [root / ".venv/bin/ruff", "check", "--select=S", "--stdin-filename=server/x.py", "-"],
        input="import pickle\npickle.loads(b'')\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )

    assert done.returncode == 1
    assert "S301" in done.stdout
