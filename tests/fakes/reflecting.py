"""Every method of the API as reflection shows it, and the places in its requests that hold text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from syncline_server.rpc.permissions import RULES

_STRUCT = "google.protobuf.Struct"
_TEXT = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)
_OPTIONS = ("phone_field", "freight_account_code", "invoices", "window")
"""Keys under which modules take texts."""
KEY, VALUE = "{key}", "{value}"

Place = tuple[str, ...]
"""Field names from the request down to a text; the first element of what repeats; for a map or a
struct, ``{key}`` or ``{value}`` after its name."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method of the API."""

    path: str
    """As it is called: ``/syncline.v1.RunService/GetRun``."""
    request: type[Message]
    response: type[Message]
    streams: bool
    """Whether it answers with a stream."""

    @property
    def name(self) -> str:
        """Its short name."""
        return self.path.rpartition("/")[2]

    @property
    def places(self) -> list[Place]:
        """Every place of its request that holds text."""
        return list(_places(self.request.DESCRIPTOR, ()))


def methods() -> list[Method]:
    """Return every method that is served, by path."""
    return [_method(path) for path in sorted(RULES)]


def _method(path: str) -> Method:
    service, _, name = path[1:].rpartition("/")
    found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    return Method(
        path=path,
        request=message_factory.GetMessageClass(found.input_type),
        response=message_factory.GetMessageClass(found.output_type),
        streams=found.server_streaming,
    )


def _places(
    kind: Descriptor, above: tuple[str, ...], seen: frozenset[str] = frozenset()
) -> Iterator[Place]:
    for field in kind.fields:
        place = (*above, field.name)
        if field.type in _TEXT:
            yield place
        elif field.message_type is None or field.message_type.full_name in seen:
            continue
        elif field.message_type.full_name == _STRUCT:
            yield from ((*place, KEY), (*place, VALUE))
        elif field.message_type.GetOptions().map_entry:
            yield (*place, KEY)
            if field.message_type.fields_by_name["value"].type in _TEXT:
                yield (*place, VALUE)
        else:
            yield from _places(field.message_type, place, seen | {kind.full_name})


def put(request: Message, place: Place, text: str) -> Message:
    """Return a copy of a request with a text at a place."""
    changed = type(request)()
    changed.CopyFrom(request)
    _put(changed, place, text)
    return changed


def _put(message: Any, place: Place, text: str) -> None:
    name, rest = place[0], place[1:]
    field = message.DESCRIPTOR.fields_by_name[name]
    if rest and rest[0] in (KEY, VALUE):
        _put_in_map(getattr(message, name), field, rest[0], text)
    elif rest:
        held = getattr(message, name)
        _put(_first(held) if field.is_repeated else held, rest, text)
    else:
        value = text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        if field.is_repeated:
            del getattr(message, name)[:]
            getattr(message, name).append(value)
        else:
            setattr(message, name, value)


def _first(repeated: Any) -> Any:
    return repeated[0] if repeated else repeated.add()


def _put_in_map(held: Any, field: FieldDescriptor, part: str, text: str) -> None:
    if field.message_type.full_name == _STRUCT:
        held.update({text: True} if part == KEY else dict.fromkeys(_OPTIONS, text))
        return
    value = field.message_type.fields_by_name["value"]
    if value.message_type is not None:
        held[text].SetInParent()
    elif value.type in _TEXT:
        held[text if part == KEY else "x-probe-signature"] = text
    else:
        held[text] = True


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Yield every text a message holds with ``Message.field`` of where it stands."""
    for field, value in message.ListFields():
        name = f"{message.DESCRIPTOR.name}.{field.name}"
        for each in _each(field, value):
            if isinstance(each, Message):
                yield from texts(each)
            elif isinstance(each, str):
                yield name, each


def _each(field: FieldDescriptor, value: Any) -> Iterator[Any]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        yield from value.keys()
        yield from value.values()
    elif field.is_repeated:
        yield from value
    else:
        yield value


_INDEX = re.compile(r"\[\d+\]")


def place_of(path: str) -> Place:
    """Return the place that a violation names: ``invoice.lines[0].quantity``."""
    return tuple(_INDEX.sub("", path).split("."))
