"""Holding requests to the limits that the .proto files state (https://protovalidate.com).

What depends on more than one field, on what is stored, or on time, is for whoever handles the call.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from protovalidate import FieldPathElementPb as Element

from syncline_server.core.errors import InvalidArgument, Violation

_MASK: Final = "update_mask"
_ALWAYS_READ: Final = {"name", "etag"}
"""What an update reads of its resource, whatever its mask says."""
_WHOLE: Final = "request"
_LARGE: Final = 32 * 1024
"""Bytes; an invoice of 200 lines has fewer."""
_NAMES: Final = "^workspaces/"
_PARTS: Final = (
    ("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "{workspace}"),
    ("[a-z][a-z0-9_]{0,62}", "{provider}"),
    ("(-|[A-Za-z0-9][A-Za-z0-9._~-]{0,99})", "{id}"),
    ("[A-Za-z0-9][A-Za-z0-9._~-]{0,99}", "{id}"),
    (r"|^[^/\x00]{1,100}$", " or a bare id"),
    ("^", ""),
    ("$", ""),
)
SHAPES: Final[Mapping[str, str]] = {
    "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$": (
        "1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends"
    ),
    "^[!-~]([ -~]{0,126}[!-~])?$": "1 to 128 printable ASCII characters, no space at either end",
    r"^\s*(-?[0-9]{1,30}(\.[0-9]{1,30})?)?\s*$": "a decimal number such as 12.50",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a calendar date such as 2026-10-01",
    "^([!-~]{22,200})?$": "22 to 200 printable ASCII characters without blanks, or empty",
    "^[A-Z]{3}$": "an ISO 4217 code such as NZD",
}
"""The patterns of the .proto files that are not of resource names, in words."""

Say = Callable[[Any, FieldDescriptor], str]
"""Tells what would be right, by the value of the rule and the field that breaks it."""


class Unreadable:
    """Stands for a request whose bytes are no message of its type."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def reading(deserialize: Any) -> Callable[[bytes], Message | Unreadable]:
    """Return a deserialiser that never fails: gRPC would end the call with a bare INTERNAL.

    :param deserialize: ``FromString`` of a message.
    """

    def read(data: bytes) -> Message | Unreadable:
        try:
            message: Message = deserialize(data)
        except DecodeError:
            return Unreadable(deserialize.__self__.DESCRIPTOR.full_name)
        return message

    return read


def refuse_unreadable(request: Message | Unreadable) -> None:
    """Refuse bytes that are no request.

    :raises InvalidArgument: naming the message that was expected.
    """
    if isinstance(request, Unreadable):
        said = f"must be a {request.type_name} in protobuf's encoding, at most 100 levels deep"
        raise InvalidArgument([Violation(field=_WHOLE, description=said)])


def validate(request: Message) -> None:
    """Hold a request to what is stated of its fields; an update only in what its mask names.

    :raises InvalidArgument: with every violation; with the first where the request is so large that
        telling all of them could take longer than anybody should be able to make us work.
    """
    if not protovalidate.collect_violations(request, fail_fast=True):
        return
    is_large = request.ByteSize() > _LARGE
    found = protovalidate.collect_violations(_as_read(request), fail_fast=is_large)
    if violations := list(dict.fromkeys(_told(request, found))):
        raise InvalidArgument(violations)


def _as_read(request: Message) -> Message:
    """Return a request as the server reads it: without what the masks of updates leave out."""
    read: Any = type(request)()
    read.CopyFrom(request)
    for each in (read, *getattr(read, "requests", ())):
        if _MASK in each.DESCRIPTOR.fields_by_name:
            _leave_out(each)
    return read  # type: ignore[no-any-return]  # as it was made


def _leave_out(update: Any) -> None:
    named = {path.partition(".")[0] for path in update.update_mask.paths}
    if not named or "*" in named:
        return
    for field, resource in update.ListFields():
        if field.message_type and field.name != _MASK:
            for part, _value in resource.ListFields():
                if part.name not in named | _ALWAYS_READ:
                    resource.ClearField(part.name)


def _told(request: Message, found: Sequence[protovalidate.Violation]) -> Iterator[Violation]:
    # What is said of a whole message comes behind what is said of its fields.
    for each in sorted(found, key=lambda violation: not violation.proto.field):
        yield _violation(request, each, _elements(each))


def _elements(found: protovalidate.Violation) -> Sequence[Element]:
    """Return the way to the field; empty where the message itself is wrong."""
    return tuple(found.proto.field.elements) if found.proto.field else ()


def _violation(
    request: Message, found: protovalidate.Violation, elements: Sequence[Element]
) -> Violation:
    if not elements:
        said = found.proto.message
        return Violation(field=_first_name(said), description=said)
    rule, field = found.proto.rule_id, _field(request, elements)
    if rule not in _SAYINGS:
        # A rule in CEL is called after the field within the message that it is about.
        within = field.message_type and rule in field.message_type.fields_by_name
        path = f"{_path(elements)}.{rule}" if within else _path(elements)
        return Violation(field=path, description=found.proto.message)
    description = _SAYINGS[rule](found.rule_value, field)
    if found.proto.for_key:
        description = f"has a key that {description}"
    return Violation(field=_path(elements), description=description)


def _first_name(message: str) -> str:
    """Return the first field that a rule over a whole message names: ``one of code, error ...``."""
    named = re.search(r"one of (\w+)", message)
    return named[1] if named else _WHOLE


def _field(request: Message, elements: Sequence[Element]) -> FieldDescriptor:
    message: Any = request.DESCRIPTOR
    for element in elements[:-1]:
        message = message.fields_by_name[element.field_name].message_type
    field: FieldDescriptor = message.fields_by_name[elements[-1].field_name]
    return field


def _path(elements: Sequence[Element]) -> str:
    return ".".join(map(_step, elements))


def _step(element: Element) -> str:
    if element.subscript is None:
        return element.field_name
    value = element.subscript.value
    place = f"[{value}]" if element.subscript.field == "index" else f".{value}"
    return element.field_name + place


def _shape(pattern: str) -> str:
    if not pattern.startswith(_NAMES):
        return SHAPES.get(pattern, f"of the form {pattern}")
    for regex, words in _PARTS:
        pattern = pattern.replace(regex, words)
    return pattern


def _values(_rule: object, field: FieldDescriptor) -> str:
    enum: Any = field.enum_type
    known = ", ".join(value.name for value in enum.values if value.number)
    return f"must be one of {known}"


_SAYINGS: Final[Mapping[str, Say]] = {
    "required": lambda _rule, _field: "is required",
    "string.max_len": lambda most, _field: f"must have at most {most} characters",
    "string.not_contains": lambda _rule, _field: "must not contain the character U+0000",
    "string.pattern": lambda pattern, _field: f"must be {_shape(pattern)}",
    "string.uuid": lambda _rule, _field: "must be a UUID, such as uuidgen makes",
    "bytes.min_len": lambda _rule, _field: "is required",
    "bytes.max_len": lambda most, _field: f"must have at most {most:,} bytes",
    "repeated.min_items": lambda _rule, _field: "is required",
    "repeated.max_items": lambda most, _field: f"must have at most {most} elements",
    "map.max_pairs": lambda most, _field: f"must have at most {most} entries",
    "int32.gte": lambda _rule, _field: "must not be negative",
    "enum.defined_only": _values,
    "enum.not_in": _values,
}
"""Our words for the rules we use; protovalidate's own tell the rest."""
