"""Asks an advisory service about every pinned dependency.

Usage: ``python .ci/audit.py [--where-possible]``

Ends with 0 when nothing is known against any of them, with 1 when something is and
``advisories.toml`` does not except it, and with 3 when the service did not answer for all of them:
silence is no clean bill. ``--where-possible`` says so and ends with 0 then. What was told counts
whatever was not.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
LOCK: Final = HERE.parent / "requirements.lock"
EXCEPTIONS: Final = HERE / "advisories.toml"
CANARY: Final = "django"
"""Something against which a lot is known. A service that knows nothing of it knows nothing."""
_CANARY_PIN: Final = f"{CANARY}==2.2.1 --hash=sha256:{0:064}\n"
_CLEAN, _FOUND, _UNASKED = 0, 1, 3

Report = Mapping[str, Any]


def unasked(report: Report) -> list[str]:
    """Return why the report of pip-audit says less than it seems to; empty when it is complete."""
    dependencies = report.get("dependencies", [])
    if not dependencies:
        return ["the advisory service did not answer"]
    silent = [f"nothing was told of {each['name']}" for each in dependencies if _skipped(each)]
    knows = any(each["name"] == CANARY and each.get("vulns") for each in dependencies)
    return silent or ([] if knows else ["the service does not even know what everybody knows"])


def findings(report: Report, excepted: Sequence[Mapping[str, Any]], today: date) -> list[str]:
    """Return what is known against a dependency and not excepted, and exceptions to look at again.

    :param excepted: tables of ``advisories.toml``.
    """
    believed = {(each["package"], each["id"]) for each in excepted}
    known = [(name, vulnerability) for name, vulnerability in _known(report) if name != CANARY]
    found = [
        f"{name}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no version yet'}"
        for name, each in known
        if not believed & {(name, identifier) for identifier in _identifiers(each)}
    ]
    late = [
        f"{each['id']}: excepted until {each['until']}"
        for each in excepted
        if each["until"] < today
    ]
    met = {(name, identifier) for name, each in known for identifier in _identifiers(each)}
    unmet = set() if unasked(report) else believed - met  # silence does not end an exception
    idle = [f"{identifier}: excepted and not met" for name, identifier in unmet]
    return found + late + sorted(idle)


def _known(report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in report.get("dependencies", []):
        for vulnerability in each.get("vulns", []):
            yield each["name"], vulnerability


def _identifiers(vulnerability: Mapping[str, Any]) -> set[str]:
    return {vulnerability["id"], *vulnerability.get("aliases", [])}


def _skipped(dependency: Mapping[str, Any]) -> bool:
    return "skip_reason" in dependency


def ask() -> Report:
    """Return what pip-audit reports of everything that is pinned, and of the canary."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as canary:
        canary.write(_CANARY_PIN)
        canary.flush()
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
        options = ["--format=json", "--progress-spinner=off", "--desc=off", "--aliases=on"]
        files = ["-r", str(LOCK), "-r", canary.name]
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, *options, *files], capture_output=True, text=True, check=False
        )
    try:
        report: Report = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write("".join(done.stderr.splitlines(keepends=True)[-1:])[:500])
        return {}
    return report


def main(arguments: Sequence[str], report: Report) -> int:
    """Tell what a report says and return the exit code."""
    excepted = tomllib.loads(EXCEPTIONS.read_text())["excepted"]
    found = findings(report, excepted, datetime.now(UTC).date())
    reasons = unasked(report)
    if reasons:
        more = f" and {len(reasons) - 3} more" if len(reasons) > len(reasons[:3]) else ""
        print(f"Known vulnerabilities were NOT CHECKED: {'; '.join(reasons[:3])}{more}.")
    elif not found:
        print(f"Nothing is known against {len(report['dependencies']) - 1} pins.")
    print("".join(f"{each}\n" for each in found), end="")
    if found:
        return _FOUND
    return _UNASKED if reasons and "--where-possible" not in arguments else _CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ask()))
