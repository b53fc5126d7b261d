import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_sdk import Option, OptionKind
from syncline_server.core import option_values
from syncline_server.core.errors import InvalidArgument
from syncline_server.storage import options as stored

DECLARED = {
    option.name: option
    for option in (
        Option(name="text", title="Text", kind=OptionKind.TEXT, max_length=5),
        Option(name="flag", title="Flag", kind=OptionKind.BOOLEAN, default=True),
        Option(name="number", title="Number", kind=OptionKind.INTEGER, default=7),
        Option(name="choice", title="Choice", kind=OptionKind.CHOICE, choices=("A", "B")),
        Option(name="instant", title="Instant", kind=OptionKind.TIMESTAMP),
        Option(name="texts", title="Texts", kind=OptionKind.TEXT_LIST, max_length=2),
    )
}


def check(name: str, raw: object) -> object:
    """Return what one given value becomes."""
    return option_values.checked(DECLARED, {name: raw}, "options")[name]


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("text", "five!", "five!"),
        ("text", "", ""),
        ("flag", False, False),
        ("number", 3, 3),
        ("number", 3.0, 3),
        ("number", -(2**60), -(2**60)),
        ("choice", "B", "B"),
        ("instant", "2026-10-01T12:00:00Z", datetime(2026, 10, 1, 12, tzinfo=UTC)),
        ("instant", "2026-10-01T12:00:00+13:00", datetime(2026, 9, 30, 23, tzinfo=UTC)),
        ("texts", ["a", "b"], ("a", "b")),
        ("texts", [], ()),
        ("text", None, None),
    ],
)
def test_fitting_value_is_taken(name: str, raw: object, value: object) -> None:
    """A value of the declared kind arrives in the form modules see."""
    assert check(name, raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "description"),
    [
        ("text", "sixsix", "must be text of at most 5 characters"),
        ("text", 5, "must be text of at most 5 characters"),
        ("flag", "true", "must be true or false"),
        ("flag", 1, "must be true or false"),
        ("number", 1.5, "must be a whole number"),
        ("number", True, "must be a whole number"),
        ("number", "1", "must be a whole number"),
        ("number", float("inf"), "must be a whole number"),
        ("number", float("nan"), "must be a whole number"),
        ("choice", "C", "must be one of A, B"),
        ("choice", ["A"], "must be one of A, B"),
        ("instant", "yesterday", "must be an RFC 3339 timestamp"),
        ("instant", 20261001.0, "must be an RFC 3339 timestamp"),
        ("instant", "2026-10-01T12:00:00", "must be an RFC 3339 timestamp with its offset"),
        ("instant", "0001-01-01T00:00:00+14:00", "must lie between the years 1 and 9999 in UTC"),
        ("texts", "ab", "must be a list of texts"),
        ("texts", [1], "must be a list of texts"),
        ("texts", ["a", "b", "c"], "must have at most 2 elements"),
        ("colour", "red", "is not declared; known are: choice, flag, instant, number, text, texts"),
    ],
)
def test_unfitting_value_is_a_violation(name: str, raw: object, description: str) -> None:
    """A value that does not fit is refused with its path and what would be right."""
    with pytest.raises(InvalidArgument) as refused:
        check(name, raw)

    (violation,) = refused.value.violations
    assert violation.field == f"options.{name}"
    assert violation.description.endswith(description)


def test_all_violations_are_told_at_once() -> None:
    """Every value that does not fit is named in one refusal."""
    with pytest.raises(InvalidArgument) as refused:
        option_values.checked(DECLARED, {"flag": 1, "text": "ok", "gone": 1}, "options")

    assert [each.field for each in refused.value.violations] == ["options.flag", "options.gone"]


def test_defaults_fill_what_is_missing() -> None:
    """A module sees a value for everything it declares."""
    filled = option_values.filled(DECLARED, {"number": 1, "flag": None})

    assert filled == {
        "text": None,
        "flag": True,
        "number": 1,
        "choice": None,
        "instant": None,
        "texts": None,
    }


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=5),
        "flag": st.booleans(),
        "number": st.integers(),
        "choice": st.sampled_from(["A", "B"]),
        "instant": st.datetimes(
            min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
            max_value=datetime(9998, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=13))]),
        ),
        "texts": st.lists(st.text(), max_size=2),
    },
)


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_checked_values_survive_storage(given_values: dict[str, object]) -> None:
    """What was checked is read back from its column as it was, again and again."""
    values = option_values.checked(DECLARED, given_values, "options")

    assert stored.from_json(stored.to_json(values)) == values
    assert option_values.checked(DECLARED, values, "options") == values


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(sorted(DECLARED)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4
    ),
)
def test_anything_is_taken_or_refused(name: str, raw: object) -> None:
    """Whatever a caller sends is a value or a violation, never a crash."""
    with contextlib.suppress(InvalidArgument):
        check(name, raw)
