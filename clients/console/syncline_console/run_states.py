"""Runs in plain words: how one stands, who asked for it, what it came to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from google.protobuf.duration_pb2 import Duration

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import Run, RunCounts

ACTIVE: Final = (Run.STATE_QUEUED, Run.STATE_RUNNING, Run.STATE_WAITING)
"""States of a run that has not ended."""


@dataclass(frozen=True, kw_only=True)
class State:
    """How a run stands."""

    word: str
    tone: str
    """Class of its badge."""
    meaning: str
    """In a sentence."""


_STATES: Final = {
    Run.STATE_QUEUED: State(word="Waiting to start", tone="info", meaning="It starts in a moment."),
    Run.STATE_RUNNING: State(word="Running", tone="info", meaning="It is at work now."),
    Run.STATE_WAITING: State(
        word="Paused", tone="wait", meaning="It is parked, and goes on by itself."
    ),
    Run.STATE_SUCCEEDED: State(
        word="Succeeded", tone="good", meaning="It reached the end, and every record was processed."
    ),
    Run.STATE_PARTIAL: State(
        word="With issues",
        tone="wait",
        meaning="It reached the end. Some records could not be processed; they are listed below.",
    ),
    Run.STATE_FAILED: State(
        word="Failed",
        tone="bad",
        meaning="It could not reach the end. What it stored before that stays.",
    ),
    Run.STATE_CANCELLED: State(
        word="Cancelled", tone="mute", meaning="It was stopped. What it stored before that stays."
    ),
}
_PARTS: Final = (
    ("created", "new"),
    ("updated", "changed"),
    ("unchanged", "as they were"),
    ("skipped", "left out"),
    ("failed", "failed"),
)
_UNKNOWN: Final = State(word="Unknown", tone="mute", meaning="This page does not know more.")
_STOPPING: Final = State(
    word="Stopping", tone="wait", meaning="It ends as soon as it reaches a safe place."
)


def state_of(run: Run) -> State:
    """Return how a run stands."""
    if is_active(run) and run.cancel_requested:
        return _STOPPING
    return _STATES.get(run.state, _UNKNOWN)


def is_active(run: Run) -> bool:
    """Return whether it has not ended."""
    return run.state in ACTIVE


def asked(run: Run, provider: str) -> str:
    """Return who asked for a run.

    :param provider: what people call the provider.
    """
    if run.trigger == Run.TRIGGER_AUTOMATIC:
        return "Automatic interval"
    if run.trigger == Run.TRIGGER_WEBHOOK:
        return f"A change in {provider}"
    return run.requested_by or "Somebody"


def counted(run: Run, direction: "Node.Direction") -> list[str]:
    """Return what a run has handled so far, one phrase for each count that is not 0."""
    fetched = run.counts.fetched
    return [f"{fetched:,} {_verb(direction)}", *outcomes(run.counts)] if fetched else []


def outcomes(counts: RunCounts) -> list[str]:
    """Return what became of records, one phrase for each count that is not 0: ``12 changed``."""
    return [f"{number:,} {word}" for field, word in _PARTS if (number := getattr(counts, field))]


def handled(counts: RunCounts, direction: "Node.Direction") -> str:
    """Return how far a run is: ``1,200 of 20,000 read, 3 failed``."""
    done = min(counts.fetched, counts.total) if counts.total else counts.fetched
    total = f" of {counts.total:,}" if counts.total else ""
    failed = f", {counts.failed:,} failed" if counts.failed else ""
    return f"{done:,}{total} {_verb(direction)}{failed}"


def share(counts: RunCounts) -> int:
    """Return how much of a run is done, in thousandths; 0 while that is not known."""
    return min(counts.fetched * 1000 // counts.total, 1000) if counts.total else 0


def lasted(run: Run, now: datetime) -> Duration | None:
    """Return how long it took, or has taken until now; None when it never began."""
    if not run.HasField("start_time"):
        return None
    end = run.end_time.ToDatetime(UTC) if run.HasField("end_time") else now
    length = Duration()
    length.FromTimedelta(max(end - run.start_time.ToDatetime(UTC), end - end))
    return length


def _verb(direction: "Node.Direction") -> str:
    return "taken up" if direction == Node.DIRECTION_PUSH else "read"
