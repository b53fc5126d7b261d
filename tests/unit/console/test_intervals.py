import pytest
from google.protobuf.duration_pb2 import Duration

from syncline_console import intervals


@pytest.mark.parametrize(
    ("seconds", "text", "words"),
    [
        pytest.param(0, "", "Off", id="off"),
        pytest.param(300, "5 minutes", "Every 5 minutes", id="usual"),
        pytest.param(3600, "1 hours", "Every hour", id="hour"),
        pytest.param(86_400, "1 days", "Every day", id="day"),
        pytest.param(60, "1 minutes", "Every minute", id="one"),
        pytest.param(5400, "90 minutes", "Every 90 minutes", id="no whole hours"),
        pytest.param(172_800, "2 days", "Every 2 days", id="days"),
        pytest.param(90, "90 seconds", "Every 90 seconds", id="no whole minutes"),
        pytest.param(2_592_000, "30 days", "Every 30 days", id="longest"),
    ],
)
def test_an_interval_goes_to_text_and_back(seconds: int, text: str, words: str) -> None:
    """The text is in the largest unit that fits, reads back as the same, and has plain words."""
    assert intervals.text_of(Duration(seconds=seconds)) == text
    assert intervals.read(text) == Duration(seconds=seconds)
    assert intervals.words(text) == words


@pytest.mark.parametrize("text", [each for each in intervals.USUAL if each])
def test_what_is_offered_is_its_own_text(text: str) -> None:
    """A usual interval that is stored is found again in the list."""
    assert intervals.text_of(intervals.read(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("59 seconds", "from 1 minute to 30 days", id="short"),
        pytest.param("0 hours", "from 1 minute to 30 days", id="none"),
        pytest.param("721 hours", "from 1 minute to 30 days", id="long"),
        pytest.param("999999999999999999 days", "whole number", id="huge"),
        pytest.param("-5 minutes", "whole number", id="negative"),
        pytest.param("½ hours", "whole number", id="half"),
        pytest.param("٣ hours", "whole number", id="other digits"),
        pytest.param(" hours", "whole number", id="no number"),
        pytest.param("5 ", "minutes, hours or days", id="no unit"),
        pytest.param("own", "whole number", id="nothing"),
    ],
)
def test_what_is_no_interval_says_what_would_be(text: str, words: str) -> None:
    """The refusal is a sentence for a person."""
    with pytest.raises(ValueError, match=words):
        intervals.read(text)
