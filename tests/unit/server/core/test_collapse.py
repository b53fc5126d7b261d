import pytest

from syncline_sdk import RecordKind
from syncline_server.core.collapse import collapse_issue, is_collapse


@pytest.mark.parametrize(
    ("known", "kept", "collapsed"),
    [
        (0, 0, False),
        (2, 0, False),
        (3, 0, True),
        (3, 1, False),
        (9, 1, False),
        (10, 4, True),
        (10, 5, False),
        (100_000, 49_999, True),
        (100_000, 50_000, False),
    ],
)
def test_most_of_many_or_all_of_several_is_too_much(
    known: int, kept: int, *, collapsed: bool
) -> None:
    """A few records may go; all of three or more may not, nor more than half of ten or more."""
    assert is_collapse(known, kept) is collapsed


def test_issue_says_both_counts_and_what_to_do() -> None:
    """Its code is stable, and it concerns no record in particular."""
    issue = collapse_issue("xero", RecordKind.CONTACT, 30, 2)

    assert issue.code == "XERO_LIST_COLLAPSED"
    assert "2 of the 30 contacts" in issue.message
    assert "accept_collapse" in issue.action
    assert (issue.record_id, issue.record_name) == ("", "")
