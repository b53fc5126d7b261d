"""What is installed is what the lock says, from wherever it comes."""

import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement

PROJECTS = (".", "clients/*", "plugins/*", "server")


def projects(root: Path) -> Iterator[dict[str, Any]]:
    """Yield every project file of the checkout."""
    for pattern in PROJECTS:
        for file in sorted(root.glob(f"{pattern}/pyproject.toml")):
            yield tomllib.loads(file.read_text())


def named(root: Path) -> set[str]:
    """Return everything that a project of ours names as a dependency, but our own."""
    found: set[str] = set()
    for project in projects(root):
        lists = (
            project["project"].get("dependencies", []),
            *project["project"].get("optional-dependencies", {}).values(),
        )
        found |= {Requirement(each.partition("@")[0]).name for each in chain(*lists)}
    return {name for name in found if not name.startswith("syncline-")}


def entries(root: Path) -> list[str]:
    """Return what the lock has for each package: its pin, its hashes, its reasons."""
    lock = (root / "requirements.lock").read_text()
    return re.split(r"\n(?=[a-z])", lock)[1:]


def test_every_pin_is_exact_and_hashed(root: Path) -> None:
    """Nothing is taken by a range, and no other bytes than those that were pinned."""
    assert len(entries(root)) > 50
    for each in entries(root):
        first, *others = each.splitlines()
        assert re.fullmatch(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ;.*)? \\", first)
        hashes = [line for line in others if not re.match(r"\s*(?:#|\Z)", line)]
        assert hashes
        for line in hashes:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)


def test_lock_names_no_address(root: Path) -> None:
    """It installs from whichever index a machine uses."""
    lock = (root / "requirements.lock").read_text()

    assert not re.search(r"https?:|git\+|file:|--(?:extra-)?index-url|--find-links|\s@\s", lock)


def test_everything_that_is_named_is_pinned(root: Path, sbom: ModuleType) -> None:
    """Dependencies, tools and what builds our distributions alike."""
    builders = {
        Requirement(each).name for p in projects(root) for each in p["build-system"]["requires"]
    }
    locked = sbom.pins((root / "requirements.lock").read_text())

    assert named(root) | builders | {"setuptools"} <= locked.keys()


def test_every_dependency_has_its_reason_in_a_decision(root: Path) -> None:
    """Nobody brings one in without saying what for."""
    records = "\n".join(page.read_text() for page in (root / "docs" / "decisions").glob("*.md"))
    words = set(re.findall(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", records.lower()))

    assert {name for name in named(root) if name.lower() not in words} == set()


def installs(root: Path) -> list[str]:
    """Return the lines of the Makefile that install something, with its variables filled in."""
    text = (root / "Makefile").read_text()
    (pip,) = re.findall(r"^PIP := (.*)$", text, re.MULTILINE)
    return [line.replace("$(PIP)", pip) for line in text.splitlines() if "$(PIP)" in line]


def test_installing_runs_nothing_that_is_not_pinned(root: Path) -> None:
    """Packages come hashed and built, or are built by what was pinned; ours come without others."""
    assert len(installs(root)) == 3
    for line in installs(root):
        assert "--no-build-isolation" in line
        assert ("--require-hashes" in line and "--only-binary :all:" in line) or "--no-deps" in line
    assert (root / "Makefile").read_text().count("pip install") == 1


@pytest.mark.parametrize("folder", ["server", "clients", "plugins"])
def test_nothing_is_fetched_or_run_from_outside_at_run_time(root: Path, folder: str) -> None:
    """No program of ours installs a package, loads code by name from input, or unpickles."""
    forbidden = re.compile(
        r"^\s*(?:import|from) (?:pip|ensurepip|pickle|marshal|shelve|yaml|xml|urllib\.request"
        r"|requests|ftplib|telnetlib|smtplib|http\.client)\b|\b(?:eval|exec|os\.system|os\.popen)\(",
        re.MULTILINE,
    )
    found = {
        f"{file.relative_to(root)}: {match[0].strip()}"
        for file in root.glob(f"{folder}/**/*.py")
        if "/syncline/v1/" not in str(file)
        for match in forbidden.finditer(file.read_text())
    }

    # The simulator plays a provider that delivers webhooks.
    assert found <= {
        "plugins/xero_simulator/syncline_xero_simulator/webhooks/sender.py: import urllib.request"
    }
