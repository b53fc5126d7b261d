import pytest

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import Run, RunCounts
from syncline_console.run_words import handled, outcome, share, state_tone, state_word


@pytest.mark.parametrize(
    ("counts", "direction", "words", "thousandths"),
    [
        (RunCounts(), Node.DIRECTION_PULL, "0 read", 0),
        (RunCounts(fetched=1200), Node.DIRECTION_PULL, "1,200 read", 0),
        (
            RunCounts(fetched=1200, total=20000, failed=3),
            Node.DIRECTION_PULL,
            "1,200 of 20,000 read, 3 failed",
            60,
        ),
        (RunCounts(fetched=5, total=4), Node.DIRECTION_PUSH, "5 of 4 taken up", 1000),
    ],
    ids=["nothing", "no-total", "some", "more-than-told"],
)
def test_progress_is_told_in_words_and_as_a_share(
    counts: RunCounts, direction: int, words: str, thousandths: int
) -> None:
    """While the total is unknown there is no share; it never exceeds the whole."""
    assert (handled(counts, direction), share(counts)) == (words, thousandths)


def test_outcome_names_what_there_is() -> None:
    """Zeros are left out."""
    counts = RunCounts(created=1000, unchanged=2, skipped=3, failed=4)

    assert outcome(counts) == "1,000 new, 2 as they were, 3 left out, 4 failed"
    assert outcome(RunCounts()) == ""


@pytest.mark.parametrize("state", Run.State.values())
def test_every_state_has_a_word_and_a_tone(state: int) -> None:
    """No run is shown without them, of whatever state a newer server may tell."""
    run = Run(state=state)

    assert state_word(run)
    assert state_tone(run) in {"good", "wait", "bad", "info", "mute"}
    assert (state_word(run) == "Unknown") == (state == Run.STATE_UNSPECIFIED)


def test_run_that_is_asked_to_end_is_stopping_until_it_has() -> None:
    """A cancelled one is told by how it ended."""
    run = Run(state=Run.STATE_RUNNING, cancel_requested=True)
    assert state_word(run) == "Stopping"
    run.end_time.GetCurrentTime()
    run.state = Run.STATE_CANCELLED

    assert state_word(run) == "Cancelled"
