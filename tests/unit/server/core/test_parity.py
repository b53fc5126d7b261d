from decimal import Decimal

from syncline_server.core.parity import (
    MOST_NAMED,
    Difference,
    Sides,
    added_up,
    counted,
    differences,
    titled,
)


def sides(
    here: dict[str, str | None],
    there: dict[str, str],
    left_out: tuple[str, ...] = (),
    *,
    complete: bool = False,
) -> Sides:
    """Return both sides of some items."""
    return Sides(noun="Items", here=here, there=there, left_out=left_out, complete=complete)


def test_same_records_differ_in_nothing() -> None:
    """Both sides hold the same records with the same content."""
    same = {"a": "1", "b": "2"}

    assert differences(sides({**same}, same, complete=True)) == []


def test_missing_unlike_and_further_records_are_three_differences() -> None:
    """Each says how many there are on either side, and which they are."""
    found = differences(
        sides({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "x", "d": "4"}, complete=True)
    )

    assert found == [
        Difference("Items here that the provider has", "3", "2", ("c",)),
        Difference("Items with the same values", "2", "1", ("b",)),
        Difference("Items of the provider", "2", "3", ("d",)),
    ]


def test_further_records_count_only_where_the_provider_told_all() -> None:
    """A sample says nothing about the others."""
    assert differences(sides({"a": "1"}, {"a": "1", "d": "4"})) == []


def test_what_changed_or_cannot_be_read_says_nothing() -> None:
    """It is neither missing nor unlike nor further."""
    found = differences(
        sides({"a": "1", "b": "2"}, {"b": "x", "c": "3"}, ("a", "b", "c"), complete=True)
    )

    assert found == []


def test_what_is_read_anew_anyway_is_not_compared() -> None:
    """A record without a content here has to be there, and that is all."""
    both = sides({"a": None, "b": None}, {"a": "1"})

    assert both.compared == []
    assert differences(both) == [Difference("Items here that the provider has", "2", "1", ("b",))]


def test_few_records_are_named() -> None:
    """The figures tell all, the names the first of them."""
    (found,) = differences(sides({str(place): "1" for place in range(30)}, {}))

    assert (found.local, found.provider, len(found.ids)) == ("30", "0", MOST_NAMED)


def test_count_within_its_bounds_is_right() -> None:
    """What changed since the last run, or could not be stored, may make the difference."""
    assert counted("Active contacts", 10, (9, 12), 9) == []
    assert counted("Active contacts", 10, (9, 12), 12) == []
    assert counted("Active contacts", 10, (9, 12), 13) == [
        Difference("Active contacts", "10", "13")
    ]


def test_sums_differ_key_by_key() -> None:
    """A key that one side lacks is nothing there."""
    local = {"NZD": Decimal("10.00"), "AUD": Decimal(5)}

    assert added_up("Amount due in", local, {"NZD": Decimal("10.00")}) == [
        Difference("Amount due in AUD", "5", "0")
    ]


def test_records_are_called_by_their_titles() -> None:
    """The rest of a difference stays."""
    difference = Difference("Items", "1", "0", ("a",))

    assert titled([difference], str.upper) == (Difference("Items", "1", "0", ("a",), ("A",)),)
