"""Why a run failed, in a person's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from google.rpc import error_details_pb2

from syncline.v1.run_pb2 import Run
from syncline_console.advice import Advice, Guide

_GROUND: Final = ("NOT_CONNECTED", "RECONNECT_REQUIRED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong, and what to do."""

    text: str
    advice: Sequence[Advice]


def trouble(run: Run, guide: Guide) -> Trouble | None:
    """Return why a run failed or was cancelled by other than a person; None when it was not."""
    if not run.HasField("error"):
        return None
    found = _violations(run)
    text = run.error.message
    if any(_is_repeated(each, text) for each in found):
        text = "When its turn came, something it needs was not there any more."
    advice = [guide.about(each.type, each.subject, each.description) for each in found]
    return Trouble(text=text, advice=advice)


def _is_repeated(found: error_details_pb2.PreconditionFailure.Violation, message: str) -> bool:
    """Return whether a message tells what was in the way, as it does before a run begins."""
    return found.type in _GROUND and found.description in message


def _violations(run: Run) -> list[error_details_pb2.PreconditionFailure.Violation]:
    """Return what has to be done: errors of every kind say so, our own faults too."""
    failure = error_details_pb2.PreconditionFailure()
    for detail in run.error.details:
        if detail.Is(failure.DESCRIPTOR):
            detail.Unpack(failure)
    return list(failure.violations)
