"""The .proto files, compiled."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from declarations import Declaration, declarations


@pytest.fixture(scope="session")
def root(pytestconfig: pytest.Config) -> Path:
    """The folder of the checkout."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def generator(root: Path) -> ModuleType:
    """``protos/generate.py``, loaded without running it."""
    spec = importlib.util.spec_from_file_location("generate", root / "protos" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def api(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    """Everything the .proto files declare now, with comments."""
    path = tmp_path_factory.mktemp("api") / "api.binpb"
    generator.compile_protos("--include_source_info", f"--descriptor_set_out={path}")
    return FileDescriptorSet.FromString(path.read_bytes())


@pytest.fixture(scope="session")
def declared(api: FileDescriptorSet) -> list[Declaration]:
    """Every declaration of the API."""
    return list(declarations(api))
