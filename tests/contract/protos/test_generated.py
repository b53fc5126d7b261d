import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

STUBS = Path("clients/python/syncline")
STAMPS = {
    "grpcio": ("*_pb2_grpc.py", r"^GRPC_GENERATED_VERSION = '([\d.]+)'$"),
    "protobuf": ("*_pb2.py", r"^# Protobuf Python Version: ([\d.]+)$"),
}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, leaving out what Python caches."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_regenerating_changes_nothing(root: Path, generator: ModuleType, tmp_path: Path) -> None:
    """The committed stubs are those of the committed .proto files, and nothing else lives there."""
    generator.write_stubs(tmp_path)
    made, kept = contents(tmp_path / "syncline"), contents(root / STUBS)
    assert sorted(kept) == sorted(made)
    assert [name for name in made if kept[name] != made[name]] == []


def numbers(version: str) -> tuple[int, ...]:
    """Return ``1.85.1`` as something that compares."""
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize("library", STAMPS)
def test_stubs_run_on_the_oldest_library_allowed(root: Path, library: str) -> None:
    """Stubs refuse libraries older than their generator, so that is the floor we declare."""
    project = tomllib.loads((root / "clients/python/pyproject.toml").read_text())["project"]
    floors = dict(dependency.split(">=") for dependency in project["dependencies"])
    pattern, stamp = STAMPS[library]
    files = list((root / STUBS).rglob(pattern))
    assert files
    for file in files:
        found = re.search(stamp, file.read_text(), re.MULTILINE)
        assert found is not None, file
        assert numbers(found[1]) <= numbers(floors[library]), file


def test_stubs_import_nothing_for_the_limits(root: Path) -> None:
    """The limits are in the stubs, and whoever does not check them needs no module for them."""
    files = {
        file.name: file.read_text()
        for file in (root / STUBS).rglob("*.py*")
        if "c" not in file.suffix
    }
    assert "workspaces/[a-z0-9]" in files["record_pb2.py"]
    assert [name for name, text in files.items() if "buf.validate" in text] == []


def test_mirroring_removes_what_is_no_longer_made(generator: ModuleType, tmp_path: Path) -> None:
    """A stub whose .proto is gone goes too."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "kept.py").write_text("new")
    (target / "kept.py").write_text("old")
    (target / "stale.py").write_text("old")
    generator.mirror(source, target)
    assert contents(target) == {"kept.py": b"new"}
