"""The table of attacks, held against the tests it names."""

import re
from pathlib import Path

import pytest

_PROOF = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)")
_ATTACKS = "tests/contract/server/test_oauth_attacks.py"
_COLUMNS = 3


@pytest.fixture
def rows(pytestconfig: pytest.Config) -> list[str]:
    """The rows of the table."""
    page = (pytestconfig.rootpath / "docs" / "security.md").read_text("utf-8")
    table = page.partition("## Attacks on connecting\n")[2].partition("\n## ")[0]
    return [line for line in table.splitlines() if line.startswith("| ")][2:]


def test_every_attack_has_its_proof(rows: list[str]) -> None:
    """No attack is only said to fail, and each row has a cell for every column."""
    assert len(rows) >= 35
    assert [row for row in rows if not _PROOF.search(row)] == []
    assert {row.count(" |") for row in rows} == {_COLUMNS}


def test_every_proof_exists(rows: list[str], pytestconfig: pytest.Config) -> None:
    """The tests that are named are there."""
    proofs = [proof for row in rows for proof in _PROOF.findall(row)]

    def is_there(name: str, path: str) -> bool:
        text = (Path(pytestconfig.rootpath) / path).read_text("utf-8")
        return re.search(rf"^ *def {name}\(", text, re.MULTILINE) is not None

    assert [(name, path) for name, path in proofs if not is_there(name, path)] == []


def test_every_attack_that_is_tried_is_listed(rows: list[str], pytestconfig: pytest.Config) -> None:
    """The page leaves none out."""
    text = (Path(pytestconfig.rootpath) / _ATTACKS).read_text("utf-8")
    listed = {name for row in rows for name, _ in _PROOF.findall(row)}

    assert set(re.findall(r"^def (test_\w+)\(", text, re.MULTILINE)) - listed == set()
