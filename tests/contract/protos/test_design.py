import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from declarations import Declaration, Element

E = TypeVar("E", bound=Element)
THIRD_PERSON = re.compile(r"^[A-Z][a-z]+s\b")
SECRETS = {"authorization_url", "code", "state", "body", "headers"}
"""Fields of the OAuth messages that let somebody in, and of webhooks."""


def all_of(declared: list[Declaration], kind: type[E]) -> Iterator[tuple[Declaration, E]]:
    """Yield the declarations of one kind."""
    for found in declared:
        if isinstance(found.element, kind):
            yield found, found.element


def fields_of(message: DescriptorProto) -> dict[str, FieldDescriptorProto]:
    """Return a message's fields by name."""
    return {field.name: field for field in message.field}


def upper_snake(camel: str) -> str:
    """Return ``RunState`` as ``RUN_STATE``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).upper()


def test_package_is_the_folder(api: FileDescriptorSet) -> None:
    """One package, ending in a major version, in the folder of its name."""
    assert {file.package for file in api.file} == {"syncline.v1"}
    assert all(re.fullmatch(r"syncline/v1/[a-z_]+\.proto", file.name) for file in api.file)
    assert {file.syntax for file in api.file} == {"proto3"}


def test_imports_are_our_own_or_well_known(api: FileDescriptorSet) -> None:
    """Nobody needs more than protobuf's types, google.rpc and protovalidate to compile the API."""
    allowed = (
        "google/protobuf/",
        "google/rpc/status.proto",
        "buf/validate/validate.proto",
        "syncline/v1/",
    )
    imported = {name for file in api.file for name in file.dependency}
    assert [name for name in imported if not name.startswith(allowed)] == []


def test_a_service_has_its_file_and_comes_first(root: Path, api: FileDescriptorSet) -> None:
    """A file has at most one service, called like the file, above its messages."""
    for file in api.file:
        if not file.service:
            continue
        (service,) = file.service
        noun = Path(file.name).stem.title().replace("_", "")
        assert service.name == f"{noun}Service"
        text = (root / "protos" / file.name).read_text()
        assert text.index("\nservice ") < text.index("\nmessage ")


def test_everything_has_a_comment(declared: list[Declaration]) -> None:
    """Every service, method, message, field, oneof, enum and value says what it is."""
    assert [found.name for found in declared if not found.comment] == []


def test_comments_are_sentences(declared: list[Declaration]) -> None:
    """A comment ends as a sentence does."""
    assert [found.name for found in declared if not found.comment.endswith(".")] == []


def test_methods_are_described_in_the_third_person(declared: list[Declaration]) -> None:
    """A method's comment begins with what it does: "Returns", "Lists", "Starts"."""
    methods = all_of(declared, MethodDescriptorProto)
    assert [found.name for found, _ in methods if not THIRD_PERSON.match(found.comment)] == []


@pytest.mark.parametrize("word", ["Required", "Output only"])
def test_required_and_output_only_come_first(declared: list[Declaration], word: str) -> None:
    """Where a comment says so at all, its first words do."""
    wrong = [
        found.name
        for found, _ in all_of(declared, FieldDescriptorProto)
        if f"{word}." in found.comment and not found.comment.startswith(f"{word}. ")
    ]
    assert wrong == []


def test_names_and_parents_are_required(declared: list[Declaration]) -> None:
    """A request that names a resource or its parent says that it must."""
    wrong = [
        found.name
        for found, field in all_of(declared, FieldDescriptorProto)
        if found.parents[-1].name.endswith("Request")
        and field.name in {"name", "parent"}
        and not found.comment.startswith("Required. ")
    ]
    assert wrong == []


def test_enums_begin_unspecified(declared: list[Declaration]) -> None:
    """The zero of an enum is its own name and UNSPECIFIED, and every value has the prefix."""
    for found, enum in all_of(declared, EnumDescriptorProto):
        prefix = upper_snake(enum.name)
        assert (enum.value[0].name, enum.value[0].number) == (f"{prefix}_UNSPECIFIED", 0)
        assert all(value.name.startswith(f"{prefix}_") for value in enum.value), found.name


def test_no_enum_is_called_status(declared: list[Declaration]) -> None:
    """States are called State; Status is google.rpc's."""
    assert [
        f.name for f, enum in all_of(declared, EnumDescriptorProto) if "Status" in enum.name
    ] == []


def test_methods_have_requests_and_responses_of_their_own(declared: list[Declaration]) -> None:
    """``GetRun`` takes ``GetRunRequest`` and gives ``GetRunResponse``, in the same package."""
    for found, method in all_of(declared, MethodDescriptorProto):
        stem = f".syncline.v1.{method.name}"
        types = (method.input_type, method.output_type)
        assert types == (f"{stem}Request", f"{stem}Response"), found.name
        assert not method.client_streaming


def test_requests_are_used_once(declared: list[Declaration]) -> None:
    """No two methods of the API share a name, and so no two share a request."""
    counted = Counter(method.name for _, method in all_of(declared, MethodDescriptorProto))
    assert [name for name, times in counted.items() if times > 1] == []


def test_requests_stand_in_their_services_order(api: FileDescriptorSet) -> None:
    """Requests and responses are in the service's file, in the order of its methods."""
    for file in api.file:
        for service in file.service:
            wanted = [f"{m.name}{end}" for m in service.method for end in ("Request", "Response")]
            order = [m.name for m in file.message_type if m.name in set(wanted)]
            assert order == wanted


def test_lists_are_paged(declared: list[Declaration]) -> None:
    """Every List takes page_size and page_token, and gives records and next_page_token."""
    messages = {found.name: message for found, message in all_of(declared, DescriptorProto)}
    lists = [m for _, m in all_of(declared, MethodDescriptorProto) if m.name.startswith("List")]
    assert lists
    for method in lists:
        request = fields_of(messages[method.input_type[1:]])
        response = fields_of(messages[method.output_type[1:]])
        assert request["page_size"].type == FieldDescriptorProto.TYPE_INT32
        assert request["page_token"].type == FieldDescriptorProto.TYPE_STRING
        assert response["next_page_token"].type == FieldDescriptorProto.TYPE_STRING
        assert next(iter(response.values())).label == FieldDescriptorProto.LABEL_REPEATED


def test_page_sizes_say_their_default_and_limit(declared: list[Declaration]) -> None:
    """Everybody reads the same numbers: 50, and 1,000."""
    sizes = [f for f, field in all_of(declared, FieldDescriptorProto) if field.name == "page_size"]
    assert all("0 means 50; more than 1,000 counts" in found.comment for found in sizes)


def test_no_binary_fractions(declared: list[Declaration]) -> None:
    """Money, quantities and rates are decimal strings: no float or double anywhere."""
    fractions = {FieldDescriptorProto.TYPE_FLOAT, FieldDescriptorProto.TYPE_DOUBLE}
    fields = all_of(declared, FieldDescriptorProto)
    assert [found.name for found, field in fields if field.type in fractions] == []


def test_times_and_dates_are_told_apart(declared: list[Declaration]) -> None:
    """``_time`` and only that is a Timestamp; ``_date`` is a calendar date and says its format."""
    for found, field in all_of(declared, FieldDescriptorProto):
        timestamp = field.type_name == ".google.protobuf.Timestamp"
        assert field.name.endswith("_time") == timestamp, found.name
        if field.name.endswith("_date"):
            assert field.type == FieldDescriptorProto.TYPE_STRING
            assert "`YYYY-MM-DD`" in found.comment, found.name


def test_fields_are_lower_snake_case(declared: list[Declaration]) -> None:
    """No part of a name begins with a digit, so that it reads the same in every language."""
    for found, field in all_of(declared, FieldDescriptorProto):
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*", field.name), found.name


def test_a_resource_begins_with_its_name(declared: list[Declaration]) -> None:
    """A message that has a ``name`` has it as its first field."""
    for found, message in all_of(declared, DescriptorProto):
        if "name" in fields_of(message):
            assert (message.field[0].name, message.field[0].number) == ("name", 1), found.name
    patterns = [
        found
        for found, field in all_of(declared, FieldDescriptorProto)
        if field.name in {"name", "parent"}
    ]
    assert [
        found.name for found in patterns if "`workspaces/{workspace}" not in found.comment
    ] == []


def test_numbers_are_dense(declared: list[Declaration]) -> None:
    """Fields are numbered from 1 in the order they stand in, so that a reader sees what is new."""
    for found, message in all_of(declared, DescriptorProto):
        numbers = [field.number for field in message.field]
        assert all(after > before for before, after in pairwise([0, *numbers])), found.name


def test_updates_take_a_mask(declared: list[Declaration]) -> None:
    """Every Update has an update_mask, and what it updates has an etag."""
    messages = {found.name: message for found, message in all_of(declared, DescriptorProto)}
    for _, method in all_of(declared, MethodDescriptorProto):
        if method.name.startswith("Update"):
            request = messages[method.input_type[1:]]
            mask = fields_of(request)["update_mask"]
            assert mask.type_name == ".google.protobuf.FieldMask"
            assert "etag" in fields_of(messages[request.field[0].type_name[1:]])


def test_secrets_are_marked(declared: list[Declaration]) -> None:
    """What lets somebody in is redacted by everything that prints messages."""
    for found, field in all_of(declared, FieldDescriptorProto):
        if found.parents[-1].name in {
            "StartConnectionResponse",
            "CompleteConnectionRequest",
            "DeliverWebhookRequest",
        }:
            assert field.options.debug_redact == (field.name in SECRETS), found.name


def test_values_are_named_once_per_scope(declared: list[Declaration]) -> None:
    """A value's name is unique among its siblings whatever its case, as JSON readers expect."""
    names = [found.name.lower() for found, _ in all_of(declared, EnumValueDescriptorProto)]
    assert len(set(names)) == len(names)


def test_there_are_five_services(declared: list[Declaration]) -> None:
    """The services are those of the documentation."""
    assert {service.name for _, service in all_of(declared, ServiceDescriptorProto)} == {
        "IntegrationService",
        "MappingService",
        "RecordService",
        "RunService",
        "WebhookService",
    }
