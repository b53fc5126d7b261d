"""Declared options and settings on the wire, and their values."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from google.protobuf.struct_pb2 import NULL_VALUE, Struct
from google.protobuf.struct_pb2 import Value as JsonValue

from syncline.v1 import integration_pb2
from syncline_sdk import Option, OptionKind, Setting, Value

_MEASURED = (OptionKind.TEXT, OptionKind.TEXT_LIST)


def specs(options: Iterable[Option]) -> list[integration_pb2.OptionSpec]:
    """Return what callers are told about declared values."""
    return [_spec(option) for option in options]


def struct(values: Mapping[str, Value]) -> Struct:
    """Return values as a JSON object; those that are nothing are left out."""
    fields = {name: json_value(value) for name, value in values.items() if value is not None}
    return Struct(fields=fields)


def json_value(value: Value) -> JsonValue:
    """Return one value in its JSON form."""
    message = JsonValue()
    match value:
        case None:
            message.null_value = NULL_VALUE
        case bool():
            message.bool_value = value
        case int():
            message.number_value = value
        case datetime():
            message.string_value = value.isoformat().replace("+00:00", "Z")
        case tuple():
            message.list_value.SetInParent()  # adding nothing would leave the value unset
            message.list_value.extend(value)
        case _:
            message.string_value = value
    return message


def _spec(option: Option) -> integration_pb2.OptionSpec:
    rereads = isinstance(option, Setting) and option.full_read_on_change
    return integration_pb2.OptionSpec(
        id=option.name,
        title=option.title,
        kind=f"KIND_{option.kind}",
        default_value=json_value(option.default),
        choices=option.choices,
        max_length=option.max_length if option.kind in _MEASURED else 0,
        full_read_on_change=rereads,
        choice_titles=option.choice_titles,
        description=option.description,
    )
