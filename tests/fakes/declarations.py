"""Walks what .proto files declare, each declaration with its comment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    OneofDescriptorProto,
    ServiceDescriptorProto,
)

Element: TypeAlias = (
    DescriptorProto
    | EnumDescriptorProto
    | EnumValueDescriptorProto
    | FieldDescriptorProto
    | MethodDescriptorProto
    | OneofDescriptorProto
    | ServiceDescriptorProto
)
Path: TypeAlias = tuple[int, ...]

# Where each kind of child is kept in its parent: field numbers of descriptor.proto, which are also
# what the paths of source locations are made of.
CHILDREN: dict[type, tuple[tuple[int, str], ...]] = {
    FileDescriptorProto: ((4, "message_type"), (5, "enum_type"), (6, "service")),
    DescriptorProto: ((2, "field"), (3, "nested_type"), (4, "enum_type"), (8, "oneof_decl")),
    EnumDescriptorProto: ((2, "value"),),
    ServiceDescriptorProto: ((2, "method"),),
}


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One thing a .proto file declares."""

    file: str
    name: str
    """Full name with the package, for example ``syncline.v1.Run.State.STATE_QUEUED``."""
    comment: str
    """The comment above it, stripped; empty without."""
    element: Element
    parents: tuple[Element, ...]
    """What it is declared in, outermost first; empty at the top of a file."""


def declarations(files: FileDescriptorSet) -> Iterator[Declaration]:
    """Yield every declaration of these files, without what the compiler makes up itself."""
    for file in files.file:
        comments = {
            tuple(location.path): location.leading_comments.strip()
            for location in file.source_code_info.location
        }
        for path, name, parents, element in _walk(file, (), file.package, ()):
            yield Declaration(
                file=file.name,
                name=name,
                comment=comments.get(path, ""),
                element=element,
                parents=parents,
            )


def _walk(
    parent: FileDescriptorProto | Element, path: Path, name: str, parents: tuple[Element, ...]
) -> Iterator[tuple[Path, str, tuple[Element, ...], Element]]:
    """Yield everything below ``parent``: path, full name, what it is declared in, itself."""
    for number, attribute in CHILDREN.get(type(parent), ()):
        children: Sequence[Element] = getattr(parent, attribute)
        for index, child in enumerate(children):
            if _made_up(child):
                continue
            below = (*path, number, index)
            full_name = f"{name}.{child.name}"
            yield below, full_name, parents, child
            yield from _walk(child, below, full_name, (*parents, child))


def _made_up(element: Element) -> bool:
    """Return whether protoc made this itself: a map's entry, the oneof of an optional field."""
    if isinstance(element, DescriptorProto):
        return element.options.map_entry
    return isinstance(element, OneofDescriptorProto) and element.name.startswith("_")
