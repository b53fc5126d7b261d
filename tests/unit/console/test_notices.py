"""What a failed call means for a person."""

import grpc

from syncline_client import FailedPrecondition
from syncline_client.errors import Blocker, Explanation
from syncline_console.notices import refusal


def failure(message: str, *blockers: Blocker) -> FailedPrecondition:
    """Return a refusal for what stands in the way."""
    code = grpc.StatusCode.FAILED_PRECONDITION
    told = Explanation(code=code, message=message, metadata={}, blockers=blockers)
    return FailedPrecondition(told)


def test_what_a_message_says_already_is_not_said_twice() -> None:
    """Messages may tell all there is to do, or some of it; the rest is told once."""
    blockers = (
        Blocker(reason="MODULE_OFF", subject=each, description=f"Turn {each} on.") for each in "abb"
    )

    notice = refusal(failure("It cannot run yet. Turn a on.", *blockers))

    assert (notice.text, notice.details) == ("It cannot run yet. Turn a on.", ("Turn b on.",))


def test_what_only_the_server_knows_is_told_as_it_tells_it() -> None:
    """A message that says more is kept, and so is a step of a reason of its own."""
    changed = Blocker(reason="NOT_CONNECTED", subject="a", description="Look at it.")
    other = Blocker(reason="TOGGLE_LOCKED", subject="b", description="Turn Sync Items off first.")

    notice = refusal(failure("Xero was connected anew meanwhile.", changed, other))

    assert notice.text == "Xero was connected anew meanwhile."
    assert notice.details[1] == "Turn Sync Items off first."
