"""What a form on a sync's card asks for: fields of the options its module declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID, uuid5

from google.protobuf.json_format import MessageToDict

from syncline.v1.integration_pb2 import Node, OptionSpec, TriggerSyncRequest
from syncline_console.visit import Visit

Wish: TypeAlias = str | bool | int | list[str]


class UnreadableFormError(Exception):
    """A field cannot be read; the message says which and what it takes, for a person."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a person wants a module to run."""

    full_read: bool = False
    accept_collapse: bool = False
    options: Mapping[str, Wish]
    """Those that are not left as the module has them."""


def wishes_of(visit: Visit, module: Node) -> Wishes:
    """Return what a posted form asks for.

    :raises UnreadableFormError: a field is not what its option takes.
    """
    found = {
        spec.id: wish
        for spec in module.options
        if field_name(spec) in visit.form and (wish := _read(visit, spec)) is not None
    }
    return Wishes(
        full_read=bool(visit.sent("full_read")),
        accept_collapse=bool(visit.sent("accept_collapse")),
        options=found,
    )


def field_name(spec: OptionSpec) -> str:
    """Return the name of the field of an option."""
    return f"option-{spec.id}"


def trigger_request(connection: str, module: str, wishes: Wishes) -> TriggerSyncRequest:
    """Return the request that starts a module so."""
    request = TriggerSyncRequest(
        connection=connection,
        module=module,
        full_read=wishes.full_read,
        accept_collapse=wishes.accept_collapse,
    )
    if wishes.options:
        request.custom.update(wishes.options)
    return request


def with_id(request: TriggerSyncRequest, drawn: str) -> TriggerSyncRequest:
    """Return a request under the id its form was drawn with.

    Other wishes are another request: who reads everything is not answered with a run that does not.

    :raises UnreadableFormError: it is none of our ids.
    """
    try:
        found = UUID(drawn)
    except ValueError:
        raise UnreadableFormError("That form was not complete. Start it again here.") from None
    wishes = TriggerSyncRequest()
    wishes.CopyFrom(request)
    wishes.ClearField("connection")
    wishes.ClearField("module")
    said = str(sorted(MessageToDict(wishes).items()))
    request.request_id = str(uuid5(found, said) if wishes.ByteSize() else found)
    return request


def _read(visit: Visit, spec: OptionSpec) -> Wish | None:
    """Return what was filled in; None where the module's own is to be taken."""
    text = visit.sent(field_name(spec))
    match spec.kind:
        case OptionSpec.KIND_BOOLEAN:
            wanted = "on" in visit.all_sent(field_name(spec))
            return None if wanted == is_on(spec) else wanted
        case OptionSpec.KIND_TEXT_LIST:
            lines = [line.strip() for line in text.splitlines()]
            return [line for line in lines if line] or None
        case _ if text in ("", shown_value(spec)):
            return None
        case OptionSpec.KIND_INTEGER:
            return _integer(spec, text)
        case OptionSpec.KIND_TIMESTAMP:
            return _timestamp(spec, text)
        case _:
            return text


def _integer(spec: OptionSpec, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UnreadableFormError(f"{spec.title} must be a whole number.") from None


def _timestamp(spec: OptionSpec, text: str) -> str:
    """Return a time of a form, which is in UTC, as the API takes it."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableFormError(f"{spec.title} must be a date and a time.") from None
    return when.replace(tzinfo=when.tzinfo or UTC).isoformat().replace("+00:00", "Z")


def shown_value(spec: OptionSpec) -> str:
    """Return what a field holds at first: what the module takes when nothing is given."""
    value = MessageToDict(spec.default_value)
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_on(spec: OptionSpec) -> bool:
    """Return whether a box is ticked at first."""
    return spec.default_value.bool_value
