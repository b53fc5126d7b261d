"""Measures source code: how long its files and functions are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Documented = ast.FunctionDef | ast.AsyncFunctionDef


_WRITTEN = (".py", ".css", ".js", ".html")
_OF_OTHERS = "vendor"
"""A folder of files that are copied in."""


@dataclass(frozen=True, order=True)
class Length:
    """How many lines something has, and where it is."""

    lines: int
    place: str


def file_lengths(folder: Path) -> Iterator[Length]:
    """Yield every file under a folder that we write: code, style sheets, templates."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in _WRITTEN and _OF_OTHERS not in file.parts:
            yield Length(len(file.read_text().splitlines()), str(file))


def function_lengths(folder: Path) -> Iterator[Length]:
    """Yield every function under a folder, decorators included and docstrings not."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, Documented):
                yield Length(_lines(node), f"{file}:{node.lineno} {node.name}")


def percentile(lengths: list[Length], share: float) -> int:
    """Return the length that this share of all does not exceed.

    :param share: 0.5 for the median, 0.9 for nine in ten.
    """
    ordered = sorted(length.lines for length in lengths)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _lines(node: Documented) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or first) - first + 1 - _docstring_lines(node)


def _docstring_lines(node: Documented) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    docstring = node.body[0]
    return (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
