"""The table of permissions is held against what the API says of itself."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from declarations import Declaration
from syncline_server.rpc.permissions import RULES
from syncline_server.rpc.server import SERVICES

Comments: TypeAlias = Mapping[str, str]
IN_A_WORKSPACE = "workspaces/{workspace}"
GIVEN = "Given by the server on creation"
"""What is said of a name that a caller cannot choose, so that it is not read on creation."""
COLLECTIONS = ("name", "parent", "connection", "customer", "product", "tax_code", "invoices")
"""What fields are called that hold resource names, wherever they are."""


@pytest.fixture(scope="module")
def comments(declared: list[Declaration]) -> Comments:
    """What is said of each field, in one line, by its full name."""
    return {each.name: " ".join(each.comment.split()) for each in declared}


def methods() -> Iterator[MethodDescriptor]:
    """Yield every method of every service of the package that this process knows."""
    pool = descriptor_pool.Default()
    for name in {service.file.name for service in SERVICES}:
        for service in pool.FindFileByName(name).services_by_name.values():
            yield from service.methods


def texts(
    message: Descriptor, path: tuple[str, ...] = (), seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, FieldDescriptor]]:
    """Yield every text a request may hold, with the path to it, at any depth."""
    for field in message.fields:
        steps = (*path, field.name)
        if field.type == field.TYPE_STRING:
            yield ".".join(steps), field
        elif field.type == field.TYPE_MESSAGE and field.message_type.full_name not in seen:
            inner = field.message_type
            yield from texts(inner, steps, seen | {inner.full_name})


def is_read(method: MethodDescriptor, field: FieldDescriptor, comments: Comments) -> bool:
    """Return whether the server reads what a caller puts into a field."""
    said = comments.get(field.full_name, "")
    creates = method.name.startswith(("Create", "Import"))
    return not said.startswith("Output only") and not (creates and GIVEN in said)


def names_in(method: MethodDescriptor, comments: Comments) -> set[str]:
    """Return the paths of a request to what its comments call resource names of a workspace."""
    return {
        path
        for path, field in texts(method.input_type)
        if IN_A_WORKSPACE in comments.get(field.full_name, "") and is_read(method, field, comments)
    }


def test_every_method_declares_its_role() -> None:
    """A method that nobody put into the table fails here, and would never be served."""
    declared = {f"/{each.containing_service.full_name}/{each.name}" for each in methods()}

    assert RULES.keys() == declared
    assert all(rule.role is not None for rule in RULES.values())


def test_every_resource_name_is_looked_at(comments: Comments) -> None:
    """Whatever a request calls a name in a workspace is among the paths of the method's rule."""
    lacking = {
        each.name: missed
        for each in methods()
        if (missed := names_in(each, comments) - set(rule_of(each)))
    }

    assert lacking == {}


def test_every_path_is_said_to_be_a_name(comments: Comments) -> None:
    """What the table looks at is described as a resource name, so that the API and it agree."""
    undescribed = {
        each.name: missed
        for each in methods()
        if (missed := set(rule_of(each)) - names_in(each, comments))
    }

    assert undescribed == {}


def test_fields_called_like_resources_are_looked_at(comments: Comments) -> None:
    """A field of a telling name is looked at, whatever its comment forgets to say."""
    lacking = {
        each.name: missed
        for each in methods()
        if (
            missed := {
                path
                for path, field in texts(each.input_type)
                if field.name in COLLECTIONS and is_read(each, field, comments)
            }
            - set(rule_of(each))
        )
    }

    assert lacking == {}


def rule_of(method: MethodDescriptor) -> tuple[str, ...]:
    """Return the paths a method's rule looks at."""
    return RULES[f"/{method.containing_service.full_name}/{method.name}"].paths
