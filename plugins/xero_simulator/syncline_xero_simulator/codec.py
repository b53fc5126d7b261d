"""Frozen records to plain JSON values and back, by their type hints."""

import dataclasses
import functools
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


class DecodeError(ValueError):
    """A stored value does not fit the record it should become."""


def encode(value: Any) -> Any:
    """Return a record as dictionaries, lists and texts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(part) for part in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def decode(kind: type[T], value: object) -> T:
    """Return the record of type `kind` that `encode` described; raise `DecodeError`."""
    try:
        return typing.cast(T, _decoded(kind, value))
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise DecodeError(f"not a {kind.__name__}") from error


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decoded(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast(type, kind))
        return typing.cast(Any, kind)(
            **{name: _decoded(hints[name], part) for name, part in value.items()}
        )
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _decoded(typing.get_args(kind)[0], value)
    if origin is tuple:
        return tuple(_decoded(typing.get_args(kind)[0], part) for part in value)
    return _scalar(kind, value)


def _scalar(kind: Any, value: Any) -> Any:
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if kind is Decimal or issubclass(kind, Enum):
        return kind(value)
    if not isinstance(value, kind):
        raise DecodeError(f"{value!r} is not a {kind.__name__}")
    return value
