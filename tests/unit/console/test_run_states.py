"""Runs in plain words."""

from datetime import UTC, datetime, timedelta

import pytest

from syncline.v1.run_pb2 import Run
from syncline_console.run_states import asked, is_active, lasted, progress_text, state_of

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
    ("counts", "said"),
    [
        ({"total": 2500, "fetched": 1200}, "1,200 of 2,500 records"),
        ({"total": 10, "fetched": 4, "created": 3, "failed": 3}, "6 of 10 records"),
        ({"total": 5, "fetched": 9}, "5 of 5 records"),
        ({"fetched": 1}, "1 record"),
    ],
    ids=["read", "settled", "more-than-all", "of-unknown"],
)
def test_progress_is_told_in_records(counts: dict[str, int], said: str) -> None:
    """What is handled, of how many where that is known, never more than all."""
    assert progress_text(Run(counts=counts)) == said
