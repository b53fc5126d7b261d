import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline_server.core.matching import CREATE, Decision, Keys, Outcome, key, match

WORDS = st.sampled_from(["", "a", "b", "c"])
RECORDS = st.lists(
    st.builds(Keys, st.uuids().map(str), st.lists(WORDS, max_size=2).map(tuple), WORDS, WORDS),
    max_size=6,
    unique_by=lambda record: record.id,
)


def one(theirs: Keys, *ours: Keys) -> Decision:
    """Return the decision for one record."""
    return match([theirs], ours)[theirs.id]


@pytest.mark.parametrize("text", ["Kerr Ltd", " kerr  LTD ", "KERR\tltd"])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    """Names that differ in case and spaces alone are the same."""
    assert key(text) == "kerr ltd"


@pytest.mark.parametrize(
    ("ours", "decision"),
    [
        ([Keys("a", ("k",))], Decision(Outcome.MAP, ("a",))),
        ([Keys("a", email="e")], Decision(Outcome.MAP, ("a",))),
        ([Keys("a", name="n")], Decision(Outcome.MAP, ("a",))),
        ([Keys("a", name="n"), Keys("b", ("k2",))], Decision(Outcome.MAP, ("b",))),
        ([Keys("a", email="e"), Keys("b", name="n")], Decision(Outcome.MAP, ("a",))),
        ([Keys("b", ("k",)), Keys("a", ("k2",))], Decision(Outcome.AMBIGUOUS, ("a", "b"))),
        ([Keys("b", email="e"), Keys("a", email="e")], Decision(Outcome.AMBIGUOUS, ("a", "b"))),
        ([Keys("a", ("x",), "y", "z")], CREATE),
        ([], CREATE),
    ],
)
def test_first_level_that_fits_decides(ours: list[Keys], decision: Decision) -> None:
    """Code before e-mail before name; two at that level are ambiguous."""
    assert one(Keys("t", ("k", "k2"), "e", "n"), *ours) == decision


def test_empty_keys_recognise_nothing() -> None:
    """A record without code and e-mail is not one of ours that has neither."""
    assert one(Keys("t"), Keys("a")) == CREATE


def test_two_records_that_want_one_of_ours_are_both_ambiguous() -> None:
    """Two claims on one record of ours are a person's to settle."""
    theirs = [Keys("t", ("k",)), Keys("u", name="n"), Keys("v", name="z")]

    decisions = match(theirs, [Keys("a", ("k",), name="n")])

    contested = Decision(Outcome.AMBIGUOUS, ("a",))
    assert decisions == {"t": contested, "u": contested, "v": CREATE}


@given(theirs=RECORDS, ours=RECORDS)
def test_no_record_of_ours_is_ever_given_away_twice(theirs: list[Keys], ours: list[Keys]) -> None:
    """Whatever comes, each record gets one decision and none of ours is mapped twice."""
    decisions = match(theirs, ours)

    mapped = [each.ids[0] for each in decisions.values() if each.outcome is Outcome.MAP]
    assert set(decisions) == {record.id for record in theirs}
    assert len(mapped) == len(set(mapped))


@given(theirs=RECORDS, ours=RECORDS, data=st.data())
def test_order_of_records_does_not_matter(
    theirs: list[Keys], ours: list[Keys], data: st.DataObject
) -> None:
    """The same records in another order are decided alike."""
    shuffled = data.draw(st.permutations(ours))

    assert match(theirs, ours) == match(theirs[::-1], shuffled)
