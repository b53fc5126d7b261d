"""The page about faults, held against the simulator and the tests it names."""

import re
from pathlib import Path

import pytest

from syncline_xero_simulator.faults import FaultKind

_PROOF = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)")


@pytest.fixture
def page(pytestconfig: pytest.Config) -> str:
    """The page."""
    return (pytestconfig.rootpath / "docs" / "faults.md").read_text("utf-8")


def test_every_fault_has_its_row(page: str) -> None:
    """Whatever the simulator can do wrong, the table says what comes of it."""
    table = page.partition("## Table\n")[2].partition("\n## ")[0]

    assert [kind for kind in FaultKind if f"`{kind}`" not in table] == []


def test_every_proof_exists(page: str, pytestconfig: pytest.Config) -> None:
    """The tests that are named are there."""
    proofs = _PROOF.findall(page)

    def is_there(name: str, path: str) -> bool:
        return f"\ndef {name}(" in (Path(pytestconfig.rootpath) / path).read_text("utf-8")

    assert len(proofs) > 40
    assert [(name, path) for name, path in proofs if not is_there(name, path)] == []


def test_every_row_is_proven(page: str) -> None:
    """No outcome is only claimed, and each row has a cell for every column."""
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    body = [row for row in rows if not row.startswith(("| fault |", "| cause |"))]

    assert [row for row in body if not _PROOF.search(row)] == []
    assert {row.count(" |") for row in body} == {7, 4}
