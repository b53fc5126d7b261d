"""What tells candidates apart."""

from syncline.v1.mapping_pb2 import RECORD_MAPPING_STATE_AMBIGUOUS
from syncline_console.record_pairs import Ours, Theirs, compare


def theirs(**more: str) -> Theirs:
    """Return an ambiguous contact."""
    values = {"title": "Rimu Ltd", "code": "R1", "email": "", **more}
    return Theirs(
        id="c1",
        is_active=True,
        state=RECORD_MAPPING_STATE_AMBIGUOUS,
        ours="",
        ours_title="",
        ours_code="",
        candidates=(),
        is_detached=False,
        review_reason="",
        etag="",
        **values,
    )


def ours(name: str, code: str = "", phone: str = "", person: str = "") -> Ours:
    """Return a customer."""
    facts = (("Name", name), ("Code", code), ("Phone", phone), ("Contact person", person))
    return Ours(name="", title=name, facts=facts, mapped_to="", is_active=True)


def marks(*candidates: Ours, fit: bool = True) -> list[dict[str, str]]:
    """Return the mark of each fact, by label, of each candidate."""
    found = compare(theirs(), candidates, fit=fit)
    return [{each.label: each.mark for each in facts} for facts in found]


def test_candidates_are_held_against_the_contact_and_each_other() -> None:
    """What the contact has is the same or differs; what it has not tells candidates apart."""
    found = marks(ours("RIMU  ltd", "R1", "555 1"), ours("Rimu", "R2", "555 2"))

    assert found == [
        {"Name": "same", "Code": "same", "Phone": "apart"},
        {"Name": "other", "Code": "other", "Phone": "apart"},
    ]


def test_what_nobody_has_is_left_out() -> None:
    """A value that all share is not marked, and one that none has takes no room."""
    found = marks(ours("Rimu", "", "555 1"), ours("Rimu", "", "555 1"))

    assert found == [{"Name": "other", "Phone": ""}] * 2


def test_what_one_lacks_tells_it_apart() -> None:
    """A missing code is no other code, but candidates can be told by it."""
    found = marks(ours("Rimu Ltd", "R1"), ours("Rimu Ltd", ""))

    assert [each["Code"] for each in found] == ["same", "apart"]


def test_search_results_say_only_what_is_the_same() -> None:
    """Among many that do not fit, differences are no news."""
    found = marks(ours("Rimu Ltd", "X", "1"), ours("Kauri", "R1", "2"), fit=False)

    assert found == [
        {"Name": "same", "Code": "", "Phone": ""},
        {"Name": "", "Code": "same", "Phone": ""},
    ]


def test_nothing_found_is_nothing_compared() -> None:
    """Without candidates there is nothing to show."""
    assert compare(theirs(), [], fit=False) == []
