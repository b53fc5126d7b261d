"""Tells which changes of an API break somebody: the rules of AIP-180, per file.

Nothing may be removed, renumbered, retyped, or moved to another file (generated Python imports
would break). Adding is fine.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from declarations import Declaration, declarations


def breaking_changes(before: FileDescriptorSet, after: FileDescriptorSet) -> list[str]:
    """Return a sentence for each change from ``before`` to ``after`` that breaks somebody."""
    kept = {(found.file, found.name): found for found in declarations(after)}
    return [
        sentence
        for old in declarations(before)
        for sentence in _judge(old, kept.get((old.file, old.name)))
    ]


def _judge(old: Declaration, new: Declaration | None) -> Iterator[str]:
    if new is None or type(new.element) is not type(old.element):
        yield f"{old.name} is gone from {old.file}"
        return
    was, now = _contract(old), _contract(new)
    for what, value in was.items():
        if now[what] != value:
            yield f"{old.name}: {what} was {value!r}, is {now[what]!r}"


def _contract(declared: Declaration) -> dict[str, object]:
    """Return what others rely on about one declaration, in words."""
    element = declared.element
    if isinstance(element, FieldDescriptorProto):
        return _field_contract(declared, element)
    if isinstance(element, EnumValueDescriptorProto):
        return {"number": element.number}
    if isinstance(element, MethodDescriptorProto):
        return {
            "request": element.input_type,
            "response": element.output_type,
            "request stream": element.client_streaming,
            "response stream": element.server_streaming,
        }
    return {}


def _field_contract(declared: Declaration, field: FieldDescriptorProto) -> dict[str, object]:
    message = declared.parents[-1]
    oneofs = getattr(message, "oneof_decl", ())
    return {
        "number": field.number,
        "type": FieldDescriptorProto.Type.Name(field.type),
        "type name": field.type_name,
        "label": FieldDescriptorProto.Label.Name(field.label),
        "JSON name": field.json_name,
        "oneof": oneofs[field.oneof_index].name if field.HasField("oneof_index") else "",
        "redaction": field.options.debug_redact,
    }
