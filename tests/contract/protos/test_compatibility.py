from collections.abc import Callable
from types import ModuleType

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from compatibility import breaking_changes

OLD = FileDescriptorProto(name="a.proto", package="p", syntax="proto3")
OLD.message_type.add(name="Thing")
OLD.message_type[0].field.add(name="size", number=1, type=5, label=1, json_name="size")
OLD.enum_type.add(name="Kind").value.add(name="KIND_BIG", number=1)
OLD.service.add(name="S").method.add(name="Get", input_type=".p.Thing", output_type=".p.Thing")


def thing(file: FileDescriptorProto) -> DescriptorProto:
    """Return the one message of the example."""
    return file.message_type[0]


def size(file: FileDescriptorProto) -> FieldDescriptorProto:
    """Return the one field of the example."""
    return thing(file).field[0]


def changed(change: Callable[[FileDescriptorProto], object]) -> list[str]:
    """Return what breaks when this is done to the example."""
    new = FileDescriptorProto()
    new.CopyFrom(OLD)
    change(new)
    return breaking_changes(FileDescriptorSet(file=[OLD]), FileDescriptorSet(file=[new]))


def into_oneof(file: FileDescriptorProto) -> None:
    """Put the field into a oneof."""
    thing(file).oneof_decl.add(name="choice")
    size(file).oneof_index = 0


def test_nothing_that_was_released_is_broken(api: FileDescriptorSet, generator: ModuleType) -> None:
    """Whatever worked with the baseline works with the .proto files as they are."""
    baseline = FileDescriptorSet.FromString(generator.BASELINE.read_bytes())
    assert baseline.file
    assert breaking_changes(baseline, api) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda file: setattr(file, "name", "b.proto"), id="moved to another file"),
        pytest.param(lambda file: file.message_type.pop(), id="message removed"),
        pytest.param(lambda file: thing(file).field.pop(), id="field removed"),
        pytest.param(lambda file: setattr(size(file), "name", "width"), id="field renamed"),
        pytest.param(lambda file: setattr(size(file), "number", 2), id="field renumbered"),
        pytest.param(lambda file: setattr(size(file), "type", 3), id="field retyped"),
        pytest.param(lambda file: setattr(size(file), "label", 3), id="field repeated"),
        pytest.param(lambda file: setattr(size(file), "json_name", "w"), id="JSON name changed"),
        pytest.param(into_oneof, id="field moved into a oneof"),
        pytest.param(lambda file: file.enum_type[0].value.pop(), id="value removed"),
        pytest.param(lambda file: setattr(file.enum_type[0].value[0], "number", 2), id="value"),
        pytest.param(lambda file: file.service[0].method.pop(), id="method removed"),
        pytest.param(
            lambda file: setattr(file.service[0].method[0], "server_streaming", True),
            id="answer became a stream",
        ),
        pytest.param(
            lambda file: setattr(file.service[0].method[0], "output_type", ".p.Other"),
            id="answer retyped",
        ),
    ],
)
def test_a_breaking_change_is_found(change: Callable[[FileDescriptorProto], object]) -> None:
    """Each way of breaking somebody is told, by the name of what it breaks."""
    found = changed(change)
    assert found
    assert all(sentence.startswith("p.") for sentence in found)


def test_additions_break_nobody() -> None:
    """New files, messages, fields, values and methods are welcome."""

    def grow(file: FileDescriptorProto) -> None:
        file.message_type.add(name="Other")
        thing(file).field.add(name="colour", number=2, type=9, label=1)
        file.enum_type[0].value.add(name="KIND_SMALL", number=2)
        file.service[0].method.add(name="List", input_type=".p.Other", output_type=".p.Other")

    assert changed(grow) == []
