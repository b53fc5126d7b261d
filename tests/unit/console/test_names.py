import pytest

from syncline_console.names import in_line, is_seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Kauri", True),
        ("🍕", True),
        ("ضريبة", True),
        (".", True),
        ("", False),
        (" \t\u00a0\u3000", False),
        ("\u200b\u202e\u2066", False),
        ("\u2800\u3164\u115f", False),
        ("\u0301", False),
        ("\u200bA", True),
    ],
    ids=[
        "letters",
        "emoji",
        "right-to-left",
        "dot",
        "nothing",
        "blanks",
        "controls",
        "fillers",
        "mark-alone",
        "letter-behind-control",
    ],
)
def test_names_that_show_nothing_are_told(text: str, *, seen: bool) -> None:
    """A name counts as seen when a reader sees anything of it."""
    assert is_seen(text) is seen


def test_name_in_a_line_is_cut_and_isolated() -> None:
    """It is on one line, short, and cannot turn around what stands beside it."""
    assert in_line("Kauri\n  Ltd") == "\u2068Kauri Ltd\u2069"
    assert in_line("x" * 500, 10) == "\u2068" + "x" * 9 + "…\u2069"
    assert in_line("\u3164") == "(blank name)"
