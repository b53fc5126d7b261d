from datetime import UTC, datetime

from google.protobuf.json_format import MessageToDict

from syncline.v1 import integration_pb2
from syncline_sdk import Option, OptionKind, Setting
from syncline_server.rpc.messages.option import specs, struct


def test_every_kind_of_value_has_its_json_form() -> None:
    """Values come as JSON; those that are nothing are left out."""
    values = {
        "text": "a",
        "flag": False,
        "count": 3,
        "since": datetime(2026, 10, 1, 12, tzinfo=UTC),
        "names": ("b", "c"),
        "nothing": None,
    }

    assert MessageToDict(struct(values)) == {
        "text": "a",
        "flag": False,
        "count": 3.0,
        "since": "2026-10-01T12:00:00Z",
        "names": ["b", "c"],
    }


def test_declarations_tell_kind_default_and_limits() -> None:
    """A limit is told only where it limits, a default of nothing is null."""
    text = Option(name="note", title="Note", kind=OptionKind.TEXT)
    choice = Setting(
        name="field",
        title="Field",
        kind=OptionKind.CHOICE,
        choices=("A", "B"),
        choice_titles=("First", "Second"),
        description="Which of them.",
        default="A",
        full_read_on_change=True,
    )

    note, field = specs((text, choice))

    assert (note.kind, note.max_length) == (integration_pb2.OptionSpec.KIND_TEXT, 200)
    assert note.default_value.WhichOneof("kind") == "null_value"
    assert (field.max_length, list(field.choices), field.full_read_on_change) == (
        0,
        ["A", "B"],
        True,
    )
    assert (list(field.choice_titles), field.description) == (["First", "Second"], "Which of them.")
    assert (list(note.choice_titles), note.description) == ([], "")


def test_a_default_of_no_names_is_an_empty_list() -> None:
    """An empty list is a value: without a kind, grpcurl cannot print the whole answer."""
    names = Option(name="names", title="Names", kind=OptionKind.TEXT_LIST, default=())

    (spec,) = specs((names,))

    assert spec.default_value.WhichOneof("kind") == "list_value"
