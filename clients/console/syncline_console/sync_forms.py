"""What a form on a sync's card asks for: fields of the options its module declares."""

from uuid import UUID, uuid5

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Value

from syncline.v1.integration_pb2 import Node, OptionSpec, TriggerSyncRequest
from syncline_console import options
from syncline_console.visit import Visit


class UnreadableFormError(Exception):
    """A field cannot be read; the message says which and what it takes, for a person."""


def request_of(visit: Visit, module: Node) -> TriggerSyncRequest:
    """Return the request that starts a module as a posted form asks for.

    What is left as the module has it is not named.

    :raises UnreadableFormError: a field is not what its option takes.
    """
    request = TriggerSyncRequest(
        connection=visit.connection,
        module=module.id,
        full_read=bool(visit.sent("full_read")),
        accept_collapse=bool(visit.sent("accept_collapse")),
    )
    for spec in module.options:
        wish = _read(visit, spec) if field_name(spec) in visit.form else None
        if wish is not None:
            request.custom.fields[spec.id].CopyFrom(wish)
    return request


def field_name(spec: OptionSpec) -> str:
    """Return the name of the field of an option."""
    return f"option-{spec.id}"


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
