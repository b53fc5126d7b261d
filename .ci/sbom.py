"""Writes the bill of materials of what is installed for production (CycloneDX 1.6, JSON).

Usage: ``python .ci/sbom.py FILE``

The same lock on the same Python makes the same bytes: it holds no time, no serial number and no
path. Versions and licences are those installed, hashes those that the lock takes, any of which an
installation may have come from. Scripts of others that are copied into a package are in it too.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
_PIN: Final = re.compile(
    r"^([a-z0-9.-]+)==(\S+)(?: ;[^\\]*)? \\\n((?:    --hash=.*\n)+)", re.MULTILINE
)
_VENDORED: Final = re.compile(r"([a-z0-9-]+)-(\d[\w.]*?)(\.min)?\.js")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def own() -> list[str]:
    """Return the names of our distributions, as the root project lists them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return sorted(Requirement(each).name for each in _plain(project["dependencies"]))


def _plain(requirements: list[str]) -> Iterator[str]:
    return (each.partition("@")[0].strip() for each in requirements)


@dataclass
class Package:
    """One package that ships, with the extras that somebody asks of it."""

    distribution: Distribution
    extras: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Its name in the one form that compares."""
        return canonicalize_name(self.distribution.name)


def production() -> dict[str, Package]:
    """Return everything that our distributions need here, themselves included, by name."""
    found: dict[str, Package] = {}
    waiting = [Requirement(name) for name in own()]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        is_new = name not in found
        package = found.setdefault(name, Package(distribution(wanted.name)))
        if is_new or wanted.extras - package.extras:
            package.extras |= wanted.extras
            waiting += _needs(package)
    return dict(sorted(found.items()))


def _needs(package: Package) -> Iterator[Requirement]:
    for each in map(Requirement, package.distribution.requires or []):
        chosen = ({"extra": extra} for extra in ("", *sorted(package.extras)))
        if each.marker is None or any(each.marker.evaluate(extra) for extra in chosen):
            yield each


def pins(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Return the version and hashes (SHA-256) of everything in a lock, by name."""
    return {
        name: (version, sorted(_HASH.findall(hashes)))
        for name, version, hashes in _PIN.findall(lock)
    }


@dataclass(frozen=True)
class Vendored:
    """A file of others that is copied into one of our packages."""

    name: str
    version: str
    file: Path

    @property
    def owner(self) -> str:
        """The distribution that ships it."""
        return canonicalize_name(self.file.parents[2].name)


def vendored() -> list[Vendored]:
    """Return every script of others that our distributions ship, as its name tells it."""
    files = sorted(ROOT.glob("clients/*/*/static/vendor/*.js"))
    found = [(file, _VENDORED.fullmatch(file.name)) for file in files]
    return [Vendored(told[1], told[2], file) for file, told in found if told]


def licence(of: Distribution, known: Mapping[str, Any]) -> str:
    """Return a package's licence as an SPDX expression; empty where nothing tells it.

    :param known: the content of ``licences.toml``.
    """
    name = canonicalize_name(of.name)
    if name in known["excepted"]:
        return str(known["excepted"][name]["licence"])
    told = of.metadata.get("License-Expression") or of.metadata.get("License") or ""
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in of.metadata.get_all("Classifier") or []
        if each.startswith("License ::")
    ]
    told = told or (classifiers[0] if classifiers else "")
    return str(known["named"].get(told, told))


def bill() -> dict[str, Any]:
    """Return the bill of materials."""
    known = tomllib.loads((HERE / "licences.toml").read_text())
    locked = pins((ROOT / "requirements.lock").read_text())
    packages = production()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _root()},
        "components": [
            *(_component(each, locked, known) for each in packages.values()),
            *(_copied(each, known) for each in vendored()),
        ],
        "dependencies": [
            *(_dependencies(each, packages) for each in packages.values()),
            *({"ref": each.name, "dependsOn": []} for each in vendored()),
        ],
    }


def _root() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project["version"]
    return {"type": "application", "bom-ref": name, "name": name, "version": version}


def _component(
    package: Package, locked: Mapping[str, tuple[str, list[str]]], known: Mapping[str, Any]
) -> dict[str, Any]:
    name, version = package.name, package.distribution.version
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": name,
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
    }
    _, hashes = locked.get(name, ("", []))
    if hashes:
        found["hashes"] = [{"alg": "SHA-256", "content": each} for each in hashes]
    if told := licence(package.distribution, known):
        found["licenses"] = [{"expression": told}]
    return found


def _copied(script: Vendored, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": script.name,
        "name": script.name,
        "version": script.version,
        "purl": f"pkg:npm/{script.name}@{script.version}",
        "hashes": [{"alg": "SHA-256", "content": sha256(script.file.read_bytes()).hexdigest()}],
        "licenses": [{"expression": known["vendored"][script.name]}],
    }


def _dependencies(package: Package, packages: Mapping[str, Package]) -> dict[str, Any]:
    needed = {canonicalize_name(each.name) for each in _needs(package)}
    copied = {each.name for each in vendored() if each.owner == package.name}
    return {"ref": package.name, "dependsOn": sorted(needed & packages.keys() | copied)}


def main(arguments: list[str]) -> int:
    """Write the bill and return the exit code."""
    try:
        text = json.dumps(bill(), indent=2, ensure_ascii=True) + "\n"
    except PackageNotFoundError as error:
        print(f"{error.name} is not installed: run `make install` first.")
        return 1
    Path(arguments[0]).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
