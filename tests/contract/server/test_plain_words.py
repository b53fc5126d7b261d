"""What the server tells to do is for people, operators and callers in any language alike."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import syncline_server
from syncline_server.rpc.server import SERVICES

ROOT = Path(syncline_server.__file__).parent
FILES = [path for part in ("core", "services", "engine") for path in (ROOT / part).rglob("*.py")]
METHODS = {method.name for service in SERVICES for method in service.methods}
OF_SEVERAL_WORDS = sorted(name for name in METHODS if len(re.findall("[A-Z]", name)) > 1)
NAMED = re.compile(rf"\b({'|'.join(OF_SEVERAL_WORDS)})\b")


def sentences(tree: ast.AST) -> Iterator[str]:
    """Yield texts of more than one word that are no docstrings."""
    documenting = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    constants = (each for each in ast.walk(tree) if isinstance(each, ast.Constant))
    for each in constants:
        if isinstance(each.value, str) and id(each) not in documenting and " " in each.value:
            yield each.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_tells_to_call_a_method(path: Path) -> None:
    """No sentence of the layers that refuse names a method of the API."""
    found = [text for text in sentences(ast.parse(path.read_text())) if NAMED.search(text)]

    assert found == []
