"""Values that modules declare: as text in a form, in words, and as the API takes them.

Modules are plugins, so nothing here knows a setting by name; see ``OptionSpec``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from google.protobuf.struct_pb2 import NULL_VALUE, Value

from syncline.v1.integration_pb2 import OptionSpec

ON: Final = "true"
"""The text of a value that is true; nothing is false."""

_LONGEST_NUMBER: Final = 15
"""Digits that a number in JSON holds exactly."""


def text_of(spec: OptionSpec, value: Value) -> str:
    """Return a value as the text a form holds.

    :param value: as ``Settings.options`` has it; null is nothing.
    """
    match value.WhichOneof("kind"):
        case "bool_value":
            return ON if value.bool_value else ""
        case "number_value":
            return f"{value.number_value:.0f}"
        case "list_value":
            return tidy("\n".join(each.string_value for each in value.list_value.values))
        case "string_value" if spec.kind == OptionSpec.KIND_TIMESTAMP:
            return _local(value.string_value)
        case "string_value":
            return tidy(value.string_value)
        case _:
            return ""


def read(spec: OptionSpec, text: str) -> Value:
    """Return what a form holds as the API takes it; null, the default, where nothing says more.

    :raises ValueError: it is no value of the kind, in words for a person.
    """
    return _READERS.get(spec.kind, _text)(text)


def words(spec: OptionSpec, text: str) -> str:
    """Return what a form holds in words."""
    if spec.kind == OptionSpec.KIND_BOOLEAN:
        return "On" if text == ON else "Off"
    if spec.kind == OptionSpec.KIND_CHOICE:
        return choices(spec).get(text, text or "Empty")
    if spec.kind == OptionSpec.KIND_TIMESTAMP and text:
        return f"{text.replace('T', ' ')} UTC"
    return ", ".join(text.split("\n")) or "Empty"


def limits(spec: OptionSpec) -> str:
    """Return what a value may be, in a sentence; empty where the field itself shows it."""
    most = f"{spec.max_length:,}"
    match spec.kind:
        case OptionSpec.KIND_TEXT if spec.max_length:
            return f"At most {most} character{'' if spec.max_length == 1 else 's'}."
        case OptionSpec.KIND_INTEGER if spec.default_value.HasField("number_value"):
            return f"A whole number; empty means {text_of(spec, spec.default_value)}."
        case OptionSpec.KIND_INTEGER:
            return "A whole number."
        case OptionSpec.KIND_TIMESTAMP:
            return "The time is in UTC."
        case OptionSpec.KIND_TEXT_LIST:
            return f"One on each line, at most {most}." if spec.max_length else "One on each line."
        case _:
            return ""


def choices(spec: OptionSpec) -> Mapping[str, str]:
    """Return what people read for each allowed value."""
    titles = spec.choice_titles if len(spec.choice_titles) == len(spec.choices) else spec.choices
    return dict(zip(spec.choices, titles, strict=True))


def tidy(text: str) -> str:
    """Return a text as forms bring it back: one kind of line end, no blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _local(moment: str) -> str:
    """Return a time as fields for local times hold it, in UTC, to the second."""
    try:
        found = datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError):
        return moment
    return found.replace(tzinfo=None).isoformat(timespec="seconds")


def _text(text: str) -> Value:
    return Value(string_value=text)


def _choice(text: str) -> Value:
    return Value(string_value=text) if text else Value(null_value=NULL_VALUE)


def _boolean(text: str) -> Value:
    return Value(bool_value=text == ON)


def _integer(text: str) -> Value:
    if not text:
        return Value(null_value=NULL_VALUE)
    digits = text.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= _LONGEST_NUMBER):
        raise ValueError("Give a whole number, such as 10.")
    return Value(number_value=int(text))


def _timestamp(text: str) -> Value:
    if not text:
        return Value(null_value=NULL_VALUE)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Give a date and a time, such as 2026-10-01 12:00.") from None
    utc = found if found.tzinfo else found.replace(tzinfo=UTC)
    return Value(string_value=utc.isoformat())


def _texts(text: str) -> Value:
    made = Value()
    made.list_value.SetInParent()  # none is a list too
    made.list_value.extend([line.strip() for line in text.split("\n") if line.strip()])
    return made


_READERS: Final[Mapping[int, Callable[[str], Value]]] = {
    OptionSpec.KIND_BOOLEAN: _boolean,
    OptionSpec.KIND_INTEGER: _integer,
    OptionSpec.KIND_CHOICE: _choice,
    OptionSpec.KIND_TIMESTAMP: _timestamp,
    OptionSpec.KIND_TEXT_LIST: _texts,
}
