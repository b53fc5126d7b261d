"""The scripts of ``.ci``, which are on nobody's path."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def root(pytestconfig: pytest.Config) -> Path:
    """The folder of the checkout."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def audit(root: Path) -> ModuleType:
    """What asks for known vulnerabilities."""
    return _loaded(root / ".ci" / "audit.py")


@pytest.fixture(scope="session")
def sbom(root: Path) -> ModuleType:
    """What writes the bill of materials."""
    return _loaded(root / ".ci" / "sbom.py")


def _loaded(script: Path) -> ModuleType:
    spec = spec_from_file_location(script.stem, script)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
