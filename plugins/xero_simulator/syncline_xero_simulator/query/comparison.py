"""Comparing two operands of a filter."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from syncline_xero_simulator.query.fields import FieldType, folded
from syncline_xero_simulator.query.tokens import QueryParseError

R = TypeVar("R")

_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_COMPATIBLE = ({FieldType.TEXT, FieldType.GUID},)


@dataclass(frozen=True, slots=True)
class Operand(Generic[R]):
    """One side of a comparison; type None is the literal `null`."""

    type: FieldType | None
    read: Callable[[R], Any]
    literal: bool = False


def compare(left: Operand[R], sign: str, right: Operand[R]) -> Callable[[R], bool]:
    """Return the test `left sign right`; raise `QueryParseError` if the types do not fit."""
    _check_types(left, sign, right)
    if sign in _ORDERINGS:
        return _ordered(left, _ORDERINGS[sign], right)
    if sign == "!=":
        return lambda record: _plain(left.read(record)) != _plain(right.read(record))
    return lambda record: _plain(left.read(record)) == _plain(right.read(record))


def _check_types(left: Operand[R], sign: str, right: Operand[R]) -> None:
    kinds = {left.type, right.type} - {None}
    if len(kinds) > 1 and kinds not in _COMPATIBLE:
        shown = "==" if sign == "=" else sign
        raise QueryParseError(
            f"Operator '{shown}' incompatible with operand types '{left.type}' and '{right.type}'"
        )


def _plain(value: object) -> object:
    return folded(value) if isinstance(value, str) else value


def _ordered(
    left: Operand[R], relation: Callable[[Any, Any], bool], right: Operand[R]
) -> Callable[[R], bool]:
    def test(record: R) -> bool:
        one, other = _plain(left.read(record)), _plain(right.read(record))
        return one is not None and other is not None and relation(one, other)

    return test
