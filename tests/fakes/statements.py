"""Every SQL statement that the storage layer's source holds, put together as far as can be seen."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

import syncline_server.storage as package

_READS_OR_CHANGES = re.compile(r"\b(?:SELECT|UPDATE|DELETE)\b")
_TABLES = re.compile(r"\b(?:FROM|JOIN|UPDATE)\s+([a-z_]+)", re.IGNORECASE)
_BOUND = r"\b{column}\b\s*=\s*\?"
_BOUND_OR_EQUAL = r"\b{column}\b\s*=\s*(?:\?|\w+\.{column})"
_UNKNOWN = "…"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, or what a function adds to one."""

    function: str
    """``module.function`` that holds it."""
    sql: str

    def unbound(self, owners: Mapping[str, str]) -> list[str]:
        """Return the tables it reads or changes without saying whose rows it means.

        :param owners: by table, the column that says whose a row is.
        """
        outer, inner = _apart(self.sql)
        return [*_lacking(outer, owners, _BOUND)] + [
            table for each in inner for table in _lacking(each, owners, _BOUND_OR_EQUAL)
        ]


def _lacking(sql: str, owners: Mapping[str, str], bound: str) -> Iterator[str]:
    for table in _TABLES.findall(sql):
        column = owners.get(table)
        if column and not re.search(bound.format(column=column), sql):
            yield table


def _apart(sql: str) -> tuple[str, list[str]]:
    """Return a statement without those inside of it, and those."""
    inner: list[str] = []
    begins = [match.start() for match in re.finditer(r"\(SELECT\b", sql)]
    for begin in reversed(begins):
        depth = 0
        for end in range(begin, len(sql)):
            depth += (sql[end] == "(") - (sql[end] == ")")
            if depth == 0:
                inner.append(sql[begin : end + 1])
                sql = sql[:begin] + _UNKNOWN + sql[end + 1 :]
                break
    return sql, inner


def statements() -> Iterator[Statement]:
    """Yield every statement of every module of the storage layer."""
    for found in pkgutil.iter_modules(package.__path__):
        if not found.ispkg:
            yield from _of_module(importlib.import_module(f"{package.__name__}.{found.name}"))


def _of_module(module: ModuleType) -> Iterator[Statement]:
    name = module.__name__.rpartition(".")[2]
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef):
            known = {**_texts_of(module), **_local(node, module)}
            for sql in _outermost(node, known):
                if _READS_OR_CHANGES.search(sql):
                    yield Statement(function=f"{name}.{node.name}", sql=" ".join(sql.split()))


def _texts_of(module: ModuleType) -> dict[str, str]:
    return {name: value for name, value in vars(module).items() if isinstance(value, str)}


def _local(function: ast.FunctionDef, module: ModuleType) -> dict[str, str]:
    """Return what a function's own variables hold, all that they are ever given one behind another.

    A statement that is put together by cases is looked at with all its cases.
    """
    known, found = _texts_of(module), dict[str, str]()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    said = _text(node.value, {**known, **found})
                    found[target.id] = found.get(target.id, "") + said
    return found


def _outermost(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the text of every expression that is one, not its parts again."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.JoinedStr | ast.BinOp) or _is_text(node, known):
        yield _text(node, known)
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child, known)


def _is_text(node: ast.AST, known: Mapping[str, str]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known


def _text(node: ast.AST, known: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return known.get(node.id, _UNKNOWN)
    parts = _parts(node)
    return "".join(_text(part, known) for part in parts) if parts else _UNKNOWN


def _parts(node: ast.AST) -> list[ast.expr]:
    """Return what an expression is put together from, as far as that is text."""
    match node:
        case ast.JoinedStr(values=parts):
            return parts
        case ast.FormattedValue(value=inner):
            return [inner]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [left, right]
        case ast.Call(func=ast.Name(id="Where"), args=[condition, *_]):
            return [condition]
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
    return []
