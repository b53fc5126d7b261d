import json
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


@pytest.fixture(scope="module")
def bill(sbom: ModuleType) -> dict[str, Any]:
    """The bill of materials."""
    made: dict[str, Any] = sbom.bill()
    return made


@pytest.fixture(scope="module")
def others(bill: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Components of others, by name."""
    components = {each["name"]: each for each in bill["components"]}
    return {name: each for name, each in components.items() if name[:9] != "syncline-"}


@pytest.fixture(scope="module")
def installed(others: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those that the lock installs; the others are copied in."""
    return {name: each for name, each in others.items() if each["purl"].startswith("pkg:pypi/")}


def test_bill_is_cyclonedx(bill: dict[str, Any]) -> None:
    """It keeps the published schema, version 1.6, strictly."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None


def test_same_lock_makes_the_same_bytes(sbom: ModuleType, tmp_path: Path) -> None:
    """No time, number or path of the machine is in it."""
    one, two = tmp_path / "one", tmp_path / "two"
    for file in (one, two):
        assert sbom.main([str(file)]) == 0

    assert one.read_bytes() == two.read_bytes()
    assert b"timestamp" not in one.read_bytes()
    assert b"serialNumber" not in one.read_bytes()
    assert str(Path.home()).encode() not in one.read_bytes()


def test_bill_holds_what_ships_and_no_tool(
    bill: dict[str, Any], others: dict[str, dict[str, Any]]
) -> None:
    """Our distributions and what they need are in it; what only tests and checks need is not."""
    ours = {each["name"] for each in bill["components"]} - others.keys()

    assert ours >= {"syncline-server", "syncline-console", "syncline-sdk", "syncline-xero"}
    assert others.keys() >= {"cryptography", "grpcio", "httpx", "psycopg", "psycopg-binary"}
    assert others.keys().isdisjoint(
        {"pytest", "ruff", "mypy", "pip-audit", "hypothesis", "trustme"}
    )


def test_who_needs_whom_is_told(bill: dict[str, Any]) -> None:
    """Everything in the bill is needed by something in it, or is ours; extras count."""
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    needed = {name for names in needs.values() for name in names}

    assert "psycopg-binary" in needs["psycopg"]
    assert [name for name in needs if name not in needed and name[:9] != "syncline-"] == []


def test_everything_that_ships_is_pinned_as_installed(
    root: Path, sbom: ModuleType, installed: dict[str, dict[str, Any]]
) -> None:
    """Production is a part of the lock, at its versions and with its hashes."""
    locked = sbom.pins((root / "requirements.lock").read_text())

    assert installed.keys() <= locked.keys()
    assert {name: each["version"] for name, each in installed.items()} == {
        name: locked[name][0] for name in installed
    }
    assert all(each["hashes"] for each in installed.values())


def test_scripts_that_are_copied_in_are_in_the_bill(
    bill: dict[str, Any], others: dict[str, dict[str, Any]]
) -> None:
    """What a browser is given of others is told like what Python imports of them."""
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}

    assert "idiomorph" in needs["syncline-console"]
    assert others["idiomorph"]["version"]
    assert others["idiomorph"]["hashes"]


def test_every_file_that_is_copied_in_says_what_it_is(root: Path, sbom: ModuleType) -> None:
    """Its version is in its name, its licence in a file beside it, and it is in the bill."""
    folders = {each.file.parent for each in sbom.vendored()}
    files = {file for folder in root.glob("*/*/*/static/vendor") for file in folder.iterdir()}
    licences = {each.file.with_name(f"{each.name}-LICENSE.txt") for each in sbom.vendored()}

    assert folders
    assert files == {each.file for each in sbom.vendored()} | licences
    assert all(licence.read_text().strip() for licence in licences)


def test_licences_are_allowed_or_excepted_with_a_reason(
    root: Path, others: dict[str, dict[str, Any]]
) -> None:
    """Every licence that binds what we ship is known, and one that asks for more is looked at."""
    known = tomllib.loads((root / ".ci" / "licences.toml").read_text())
    strange = {
        name: each.get("licenses")
        for name, each in others.items()
        if name not in known["excepted"]
        and not any(
            part in known["allowed"]
            for licence in each.get("licenses", [])
            for part in licence["expression"].split(" OR ")
        )
    }

    assert strange == {}
    assert known["excepted"].keys() <= others.keys()
    for each in known["excepted"].values():
        assert each.keys() == {"licence", "reason"}
        assert len(each["reason"].split()) > 3


def test_peewee_is_under_the_licence_it_is_excepted_for() -> None:
    """Its metadata is silent, so the text is read."""
    files = [each for each in distribution("peewee").files or [] if each.name == "LICENSE"]

    assert any("Permission is hereby granted, free of charge" in each.read_text() for each in files)
