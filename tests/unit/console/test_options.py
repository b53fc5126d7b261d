import pytest
from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Value

from syncline.v1.integration_pb2 import OptionSpec
from syncline_console import options

TEXT = OptionSpec(kind=OptionSpec.KIND_TEXT)
FLAG = OptionSpec(kind=OptionSpec.KIND_BOOLEAN)
NUMBER = OptionSpec(kind=OptionSpec.KIND_INTEGER)
CHOICE = OptionSpec(
    kind=OptionSpec.KIND_CHOICE, choices=["A", "B"], choice_titles=["First", "Second"]
)
TIME = OptionSpec(kind=OptionSpec.KIND_TIMESTAMP)
LIST = OptionSpec(kind=OptionSpec.KIND_TEXT_LIST)
NOTHING = Value(null_value=NULL_VALUE)


def texts(*values: str) -> Value:
    """Return a list as the API has it."""
    found = Value(list_value=ListValue())
    found.list_value.extend(values)
    return found


@pytest.mark.parametrize(
    ("spec", "value", "text", "words"),
    [
        pytest.param(TEXT, Value(string_value="200"), "200", "200", id="text"),
        pytest.param(TEXT, Value(string_value=""), "", "Empty", id="empty text"),
        pytest.param(FLAG, Value(bool_value=True), "true", "On", id="on"),
        pytest.param(FLAG, Value(bool_value=False), "", "Off", id="off"),
        pytest.param(NUMBER, Value(number_value=-12), "-12", "-12", id="number"),
        pytest.param(NUMBER, Value(number_value=0), "0", "0", id="zero"),
        pytest.param(NUMBER, NOTHING, "", "Empty", id="no number"),
        pytest.param(CHOICE, Value(string_value="B"), "B", "Second", id="choice"),
        pytest.param(CHOICE, NOTHING, "", "Empty", id="no choice"),
        pytest.param(
            TIME,
            Value(string_value="2026-10-01T12:00:00+00:00"),
            "2026-10-01T12:00:00",
            "2026-10-01 12:00:00 UTC",
            id="time",
        ),
        pytest.param(TIME, NOTHING, "", "Empty", id="no time"),
        pytest.param(LIST, texts("a", "b"), "a\nb", "a, b", id="list"),
        pytest.param(LIST, texts(), "", "Empty", id="empty list"),
    ],
)
def test_a_value_goes_to_text_and_back(
    spec: OptionSpec, value: Value, text: str, words: str
) -> None:
    """What the API has, a form holds as text, reads back as the same, and people read in words."""
    assert options.text_of(spec, value) == text
    assert options.read(spec, text) == value
    assert options.words(spec, text) == words


def test_times_are_held_in_utc() -> None:
    """A time with another offset is moved; one without any is in UTC."""
    stored = Value(string_value="2026-10-01T14:00:00.5+02:00")

    assert options.text_of(TIME, stored) == "2026-10-01T12:00:00"
    assert options.read(TIME, "2026-10-01T14:00+02:00").string_value == "2026-10-01T14:00:00+02:00"
    assert options.read(TIME, "2026-10-01 12:00").string_value == "2026-10-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("spec", "text", "words"),
    [
        pytest.param(NUMBER, "ten", "whole number", id="words"),
        pytest.param(NUMBER, "1e3", "whole number", id="exponent"),
        pytest.param(NUMBER, "-", "whole number", id="sign"),
        pytest.param(NUMBER, "9" * 16, "whole number", id="huge"),
        pytest.param(NUMBER, "٣", "whole number", id="other digits"),
        pytest.param(TIME, "tomorrow", "date and a time", id="no time"),
    ],
)
def test_what_is_no_value_says_what_would_be(spec: OptionSpec, text: str, words: str) -> None:
    """The refusal is a sentence for a person."""
    with pytest.raises(ValueError, match=words):
        options.read(spec, text)


def test_choices_without_titles_are_read_as_they_are() -> None:
    """A plugin that gives no titles, or as many as it has not choices, shows the values."""
    plain = OptionSpec(kind=OptionSpec.KIND_CHOICE, choices=["A", "B"])
    odd = OptionSpec(kind=OptionSpec.KIND_CHOICE, choices=["A", "B"], choice_titles=["First"])

    assert options.choices(CHOICE) == {"A": "First", "B": "Second"}
    assert options.choices(plain) == options.choices(odd) == {"A": "A", "B": "B"}


def test_texts_come_back_from_forms_as_they_went() -> None:
    """Browsers send other line ends and people leave blanks; neither is a change."""
    stored = Value(string_value=" a\nb ")

    assert options.text_of(TEXT, stored) == options.tidy("a\r\nb\r\n") == "a\nb"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(
            OptionSpec(kind=OptionSpec.KIND_TEXT, max_length=2000),
            "At most 2,000 characters.",
            id="text",
        ),
        pytest.param(
            OptionSpec(kind=OptionSpec.KIND_TEXT, max_length=1), "At most 1 character.", id="letter"
        ),
        pytest.param(NUMBER, "A whole number.", id="number"),
        pytest.param(
            OptionSpec(kind=OptionSpec.KIND_INTEGER, default_value=Value(number_value=10)),
            "A whole number; empty means 10.",
            id="number with a default",
        ),
        pytest.param(TIME, "The time is in UTC.", id="time"),
        pytest.param(
            OptionSpec(kind=OptionSpec.KIND_TEXT_LIST, max_length=50),
            "One on each line, at most 50.",
            id="list",
        ),
        pytest.param(CHOICE, "", id="choice"),
        pytest.param(FLAG, "", id="flag"),
    ],
)
def test_what_a_value_may_be_is_said_before(spec: OptionSpec, words: str) -> None:
    """Limits are told beside the field, not only when something was refused."""
    assert options.limits(spec) == words
