"""What a run does and came to, in words."""

from typing import Final

from syncline.v1.integration_pb2 import Node
from syncline.v1.run_pb2 import Run, RunCounts

_STATES: Final = {
    Run.STATE_QUEUED: ("Waiting to start", "info"),
    Run.STATE_RUNNING: ("Running", "info"),
    Run.STATE_WAITING: ("Paused", "wait"),
    Run.STATE_SUCCEEDED: ("Succeeded", "good"),
    Run.STATE_PARTIAL: ("With issues", "wait"),
    Run.STATE_FAILED: ("Failed", "bad"),
    Run.STATE_CANCELLED: ("Cancelled", "mute"),
}
_PARTS: Final = (
    ("created", "new"),
    ("updated", "changed"),
    ("unchanged", "as they were"),
    ("skipped", "left out"),
    ("failed", "failed"),
)


def state_word(run: Run) -> str:
    """Return how far a run is."""
    return "Stopping" if _is_stopping(run) else _STATES.get(run.state, ("Unknown", "mute"))[0]


def state_tone(run: Run) -> str:
    """Return the tone of a badge for it."""
    return "wait" if _is_stopping(run) else _STATES.get(run.state, ("Unknown", "mute"))[1]


def _is_stopping(run: Run) -> bool:
    return run.cancel_requested and not run.HasField("end_time")


def handled(counts: RunCounts, direction: int) -> str:
    """Return how far a run is: ``1,200 of 20,000 read, 3 failed``."""
    verb = "taken up" if direction == Node.DIRECTION_PUSH else "read"
    total = f" of {counts.total:,}" if counts.total else ""
    failed = f", {counts.failed:,} failed" if counts.failed else ""
    return f"{counts.fetched:,}{total} {verb}{failed}"


def share(counts: RunCounts) -> int:
    """Return how much of a run is done, in thousandths; 0 while that is not known."""
    return min(counts.fetched * 1000 // counts.total, 1000) if counts.total else 0


def outcome(counts: RunCounts) -> str:
    """Return what became of the records of a run: ``100 new, 20 changed``."""
    parts = [f"{number:,} {word}" for field, word in _PARTS if (number := getattr(counts, field))]
    return ", ".join(parts)
