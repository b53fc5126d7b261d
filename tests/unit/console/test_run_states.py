"""Runs in plain words."""

from datetime import UTC, datetime, timedelta

import pytest

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import Run, RunCounts
from syncline_console.run_states import (
    asked,
    handled,
    is_active,
    lasted,
    outcomes,
    share,
    state_of,
)

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", [each for each in Run.State.values() if each])
def test_every_state_has_a_word_and_a_meaning(value: "Run.State") -> None:
    """No state that the API knows is unknown to a person."""
    found = state_of(Run(state=value))

    assert found.word != "Unknown"
    assert found.meaning.endswith(".")
    assert is_active(Run(state=value)) == (found.word in ("Waiting to start", "Running", "Paused"))


def test_state_of_a_newer_server_is_no_error() -> None:
    """A state that this console does not know is told as that."""
    assert state_of(Run(state=99)).word == "Unknown"  # type: ignore[arg-type]  # a newer server's


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (Run(trigger=Run.TRIGGER_MANUAL, requested_by="Mia"), "Mia"),
        (Run(trigger=Run.TRIGGER_MANUAL), "Somebody"),
        (Run(trigger=Run.TRIGGER_AUTOMATIC), "Automatic interval"),
        (Run(trigger=Run.TRIGGER_WEBHOOK), "A change in Xero"),
    ],
    ids=["person", "nobody", "automatic", "webhook"],
)
def test_who_asked_is_told(run: Run, said: str) -> None:
    """A person by name, and what starts by itself by what started it."""
    assert asked(run, "Xero") == said


def test_how_long_it_takes_goes_on_until_it_ends() -> None:
    """Until now while it is active, until its end afterwards, and nothing before it began."""
    run = Run()
    assert lasted(run, NOON) is None

    run.start_time.FromDatetime(NOON - timedelta(seconds=90))
    until_now = lasted(run, NOON)
    run.end_time.FromDatetime(NOON - timedelta(seconds=30))
    until_its_end = lasted(run, NOON)
    run.end_time.FromDatetime(NOON - timedelta(hours=1))
    backwards = lasted(run, NOON)

    assert [each and each.seconds for each in (until_now, until_its_end, backwards)] == [90, 60, 0]


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
        (RunCounts(fetched=5, total=4), Node.DIRECTION_PUSH, "4 of 4 taken up", 1000),
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

    assert outcomes(counts) == ["1,000 new", "2 as they were", "3 left out", "4 failed"]
    assert outcomes(RunCounts()) == []


def test_run_that_is_asked_to_end_is_stopping_until_it_has() -> None:
    """A cancelled one is told by how it ended."""
    run = Run(state=Run.STATE_RUNNING, cancel_requested=True)
    assert state_of(run).word == "Stopping"
    run.end_time.GetCurrentTime()
    run.state = Run.STATE_CANCELLED

    assert state_of(run).word == "Cancelled"
