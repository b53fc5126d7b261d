import re
import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TODAY = date(2026, 11, 26)
FLAW = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}


def report(audit: ModuleType, *flaws: dict[str, Any]) -> dict[str, Any]:
    """Return what pip-audit reports when these are known against abacus."""
    canary = {"name": audit.CANARY, "version": "1", "vulns": [{"id": "X", "fix_versions": []}]}
    abacus = {"name": "abacus", "version": "1", "vulns": list(flaws)}
    return {"dependencies": [abacus, canary]}


def exception(**other: object) -> dict[str, object]:
    """Return an exception for the flaw."""
    given = {"id": "PYSEC-1", "package": "abacus", "reason": "x", "until": date(2026, 12, 1)}
    return {**given, **other}


def test_nothing_known_is_nothing_found(audit: ModuleType) -> None:
    """What is known against the canary is no finding."""
    assert audit.unasked(report(audit)) == []
    assert audit.findings(report(audit), [], TODAY) == []


def test_what_is_known_is_found(audit: ModuleType) -> None:
    """It is named with the version that mends it."""
    assert audit.findings(report(audit, FLAW), [], TODAY) == ["abacus: PYSEC-1, mended in 2.0"]


@pytest.mark.parametrize("identifier", ["PYSEC-1", "CVE-1"])
def test_exception_lets_one_advisory_of_one_package_pass(
    audit: ModuleType, identifier: str
) -> None:
    """By any of its names, and no other advisory or package with it."""
    excepted = [exception(id=identifier)]

    assert audit.findings(report(audit, FLAW), excepted, TODAY) == []
    assert audit.findings(report(audit, FLAW), [exception(id="PYSEC-2")], TODAY)
    assert audit.findings(report(audit, FLAW), [exception(package="other")], TODAY)


def test_exception_ends(audit: ModuleType) -> None:
    """After its last day somebody has to look again."""
    last = [exception(until=TODAY)]
    past = [exception(until=date(2026, 11, 25))]

    assert audit.findings(report(audit, FLAW), last, TODAY) == []
    assert audit.findings(report(audit, FLAW), past, TODAY) == [
        "PYSEC-1: excepted until 2026-11-25"
    ]


def test_exception_that_is_not_met_is_a_finding(audit: ModuleType) -> None:
    """What was mended is not excepted for the next time."""
    assert audit.findings(report(audit), [exception()], TODAY) == ["PYSEC-1: excepted and not met"]


def test_silence_is_no_clean_bill(audit: ModuleType) -> None:
    """No answer, a package left out, or a service that knows nothing: nothing was checked."""
    skipped = {"name": "left-out", "skip_reason": "not found"}
    ignorant = report(audit)
    ignorant["dependencies"][1]["vulns"] = []

    assert audit.unasked({}) == ["the advisory service did not answer"]
    assert audit.unasked({"dependencies": [*report(audit)["dependencies"], skipped]}) == [
        "nothing was told of left-out"
    ]
    assert audit.unasked(ignorant) == ["the service does not even know what everybody knows"]


def test_a_finding_beside_silence_is_a_finding(
    audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package of which nothing was told hides nothing that was told of another."""
    skipped = {"name": "left-out", "skip_reason": "not found"}
    partly = {"dependencies": [*report(audit, FLAW)["dependencies"], skipped]}
    silent = {"dependencies": [*report(audit)["dependencies"], skipped]}

    assert audit.main(["--where-possible"], partly) == 1
    told = capsys.readouterr().out
    assert "abacus: PYSEC-1, mended in 2.0" in told
    assert "NOT CHECKED: nothing was told of left-out" in told
    assert audit.main(["--where-possible"], silent) == 0
    assert audit.main([], silent) == 3
    assert audit.main([], {}) == 3
    assert audit.main([], report(audit)) == 0


def test_silence_does_not_end_an_exception(audit: ModuleType) -> None:
    """What is excepted may be known against a package of which nothing was told."""
    skipped = {"name": "abacus", "skip_reason": "not found"}

    assert audit.findings({"dependencies": [skipped]}, [exception()], TODAY) == []
    assert audit.findings({}, [exception()], TODAY) == []


def test_exceptions_say_why_and_until_when(root: Path) -> None:
    """Each has an advisory, a package, a reason and a date."""
    for each in tomllib.loads((root / ".ci" / "advisories.toml").read_text())["excepted"]:
        assert each.keys() == {"id", "package", "reason", "until"}
        assert isinstance(each["until"], date)
        assert len(each["reason"].split()) > 3


def test_canary_is_no_dependency(root: Path, audit: ModuleType) -> None:
    """What is known against it would otherwise be known against us."""
    lock = (root / "requirements.lock").read_text()

    assert not re.search(rf"^{audit.CANARY}==", lock, re.MULTILINE)
