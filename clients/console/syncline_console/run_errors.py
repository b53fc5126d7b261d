"""Why a run failed, in a person's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.rpc import error_details_pb2

from syncline.v1.run_pb2 import Run
from syncline_console.obstacles import KNOWN, Path, Way, way_past
from syncline_console.standing import Standing

_CHAIN: Final = ("MODULE_OFF", "PREREQUISITE_INCOMPLETE")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong, and what to do."""

    text: str
    steps: list[str]
    """What to do, where it is nothing on these pages."""
    obstacles: list[Way]
    """What has to be mended first, each with where."""


def trouble(run: Run, standing: Standing, path: Path) -> Trouble | None:
    """Return why a run failed or was cancelled by other than a person; None when it was not."""
    if not run.HasField("error"):
        return None
    found = _violations(run)
    obstacles = [
        way_past(each.type, each.subject, standing, path) for each in found if each.type in KNOWN
    ]
    steps = [each.description for each in found if each.type not in KNOWN]
    text = cause(run.error.message, [(each.type, each.description) for each in found])
    return Trouble(text=text, steps=steps, obstacles=obstacles)


def cause(message: str, blockers: Iterable[tuple[str, str]]) -> str:
    """Return why a run failed; what stood in its way is told beside it.

    :param message: of its error, which may repeat the blockers as callers of the API know them.
    :param blockers: reason and description of each.
    """
    is_repeated = any(
        reason in _CHAIN or (reason in KNOWN and description in message)
        for reason, description in blockers
    )
    return (
        "When its turn came, something it needs was not there any more." if is_repeated else message
    )


def _violations(run: Run) -> list[error_details_pb2.PreconditionFailure.Violation]:
    failure = error_details_pb2.PreconditionFailure()
    for detail in run.error.details:
        if detail.Is(failure.DESCRIPTOR):
            detail.Unpack(failure)
    return list(failure.violations)
