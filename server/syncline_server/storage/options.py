"""Checked option values as JSON; timestamps are tagged, so that they come back as such."""

import json
from collections.abc import Mapping
from datetime import datetime

from syncline_sdk import Value


def to_json(values: Mapping[str, Value]) -> str:
    """Return option values as JSON text."""
    return json.dumps({name: _encode(value) for name, value in values.items()})


def from_json(text: str) -> dict[str, Value]:
    """Return the option values of JSON text written by :func:`to_json`."""
    return {name: _decode(value) for name, value in json.loads(text).items()}


def _encode(value: Value) -> object:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _decode(value: object) -> Value:
    match value:
        case {"instant": str(text)}:
            return datetime.fromisoformat(text)
        case list():
            return tuple(str(each) for each in value)
        case str() | bool() | int() | None:
            return value
        case _:
            raise ValueError("not a stored option value")
