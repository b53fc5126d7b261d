"""What a person is told on top of the next page, after they did something."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from syncline_client import SynclineError, Unavailable
from syncline_client.errors import (
    Aborted,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    Refused,
    ResourceExhausted,
)
from syncline_console.templates import count

BUSY = "Too much is asked of Syncline at the moment."
_STALE = "Somebody else changed this meanwhile. Nothing was saved; look at it as it is now."
_SLOW = "The answer took too long. It may have happened all the same: look before you repeat it."
_MINUTE = timedelta(minutes=1)


class Tone(StrEnum):
    """How a notice is meant."""

    DONE = "done"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message to a person."""

    tone: Tone
    text: str
    details: tuple[str, ...] = ()
    """Shown as a list beneath it: what else happened, or what to do."""

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept until the next page."""
        return asdict(self)


def restored(kept: Mapping[str, Any]) -> Notice:
    """Return a notice that :meth:`Notice.stored` made."""
    return Notice(tone=Tone(kept["tone"]), text=kept["text"], details=tuple(kept["details"]))


def done(text: str, *details: str) -> Notice:
    """Return the notice of something that went well."""
    return Notice(tone=Tone.DONE, text=text, details=details)


def refusal(error: SynclineError) -> Notice:
    """Return what a failed call means for the person who asked: what was wrong, and what to do."""
    if isinstance(error, InvalidArgument):
        fields = tuple(f"{each.field}: {each.description}" for each in error.violations)
        return Notice(tone=Tone.ERROR, text="That could not be taken.", details=fields)
    if isinstance(error, FailedPrecondition):
        return _first(error)
    if isinstance(error, Aborted) and error.reason == "STALE_ETAG":
        return Notice(tone=Tone.WARNING, text=_STALE)
    if isinstance(error, DeadlineExceeded):
        return Notice(tone=Tone.WARNING, text=_SLOW)
    return Notice(tone=Tone.ERROR, text=_plainly(error))


def _first(error: FailedPrecondition) -> Notice:
    """Return what is to be done first; messages may say some of it already."""
    steps = (each.description for each in error.blockers if each.description not in error.message)
    return Notice(tone=Tone.ERROR, text=error.message, details=tuple(dict.fromkeys(steps)))


def wait(error: ResourceExhausted | Unavailable) -> int:
    """Return after how many seconds it is worth another try; a minute where nobody said."""
    return max(-(-(error.retry_after or _MINUTE) // timedelta(seconds=1)), 1)


def again(error: ResourceExhausted | Unavailable) -> str:
    """Return when to try again, as a sentence."""
    if not error.retry_after:
        return "Try again in a minute."
    return f"Try again in {count(wait(error), 'second')}."


def _plainly(error: SynclineError) -> str:
    if isinstance(error, PermissionDenied):
        return "You may not do this here. Ask an administrator of the workspace."
    if isinstance(error, ResourceExhausted):
        return f"{BUSY} {again(error)}"
    if isinstance(error, Refused):
        return error.message
    if isinstance(error, Unavailable):
        return f"Syncline does not answer at the moment. {again(error)}"
    return f"Something went wrong on our side. Operators find it by {error.request_id}."
