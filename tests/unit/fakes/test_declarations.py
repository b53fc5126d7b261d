import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from declarations import Declaration, declarations


@pytest.fixture
def found() -> dict[str, Declaration]:
    """The declarations of a file with everything that can be nested, by name."""
    file = FileDescriptorProto(name="a.proto", package="p")
    outer = file.message_type.add(name="Outer")
    outer.field.add(name="size", number=1)
    outer.oneof_decl.add(name="choice")
    outer.oneof_decl.add(name="_size")
    outer.enum_type.add(name="Kind").value.add(name="KIND_BIG", number=1)
    outer.nested_type.add(name="MapEntry").options.map_entry = True
    outer.nested_type.add(name="Inner").field.add(name="deep", number=1)
    file.service.add(name="S").method.add(name="Get")
    locations = file.source_code_info.location
    locations.add(path=[4, 0], leading_comments=" About Outer.\n")
    locations.add(path=[4, 0, 3, 1, 2, 0], leading_comments=" About deep.\n")
    return {one.name: one for one in declarations(FileDescriptorSet(file=[file]))}


def test_everything_is_found_by_its_full_name(found: dict[str, Declaration]) -> None:
    """Nothing that a person wrote is left out, however deep."""
    assert sorted(found) == [
        "p.Outer",
        "p.Outer.Inner",
        "p.Outer.Inner.deep",
        "p.Outer.Kind",
        "p.Outer.Kind.KIND_BIG",
        "p.Outer.choice",
        "p.Outer.size",
        "p.S",
        "p.S.Get",
    ]


def test_comments_stay_with_what_they_are_about(found: dict[str, Declaration]) -> None:
    """A comment is found by its path, and no comment is the empty string."""
    assert found["p.Outer"].comment == "About Outer."
    assert found["p.Outer.Inner.deep"].comment == "About deep."
    assert found["p.Outer.size"].comment == ""


def test_parents_are_told_from_the_outside_in(found: dict[str, Declaration]) -> None:
    """A declaration knows what it stands in."""
    assert [parent.name for parent in found["p.Outer.Inner.deep"].parents] == ["Outer", "Inner"]
    assert found["p.Outer"].parents == ()
