"""What a form on a sync's card asks for: fields of the options its module declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Value

from syncline.v1.integration_pb2 import Node, OptionSpec, TriggerSyncRequest
from syncline_console import options
from syncline_console.visit import Visit


class UnreadableFormError(Exception):
    """A field cannot be read; the message says which and what it takes, for a person."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a person wants a module to run."""

    full_read: bool = False
    accept_collapse: bool = False
    options: Mapping[str, Value]
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
    for option, value in wishes.options.items():
        request.custom.fields[option].CopyFrom(value)
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


def text_at_first(spec: OptionSpec) -> str:
    """Return what a field holds at first: what the module takes when nothing is given."""
    return options.text_of(spec, spec.default_value)


def _read(visit: Visit, spec: OptionSpec) -> Value | None:
    """Return what was filled in; None where the module's own is to be taken."""
    text = options.tidy(visit.all_sent(field_name(spec))[-1])  # before a ticked box stands an empty
    if text == text_at_first(spec):
        return None
    try:
        found = options.read(spec, text)
    except ValueError as error:
        raise UnreadableFormError(f"{spec.title}: {error}") from None
    return None if found.HasField("null_value") else found
