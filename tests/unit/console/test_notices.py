"""What a failed call means for a person."""

import grpc
import pytest

from syncline_client import FailedPrecondition
from syncline_client.errors import Blocker, Explanation
from syncline_console.notices import refusal


def failure(message: str, *blockers: Blocker) -> FailedPrecondition:
    """Return a refusal for what stands in the way."""
    code = grpc.StatusCode.FAILED_PRECONDITION
    told = Explanation(code=code, message=message, metadata={}, blockers=blockers)
    return FailedPrecondition(told)


@pytest.mark.parametrize(
    "reason", ["NOT_CONNECTED", "RECONNECT_REQUIRED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE"]
)
def test_steps_are_in_words_of_pages(reason: str) -> None:
    """The API names its calls; a person is told what to do on the overview, once."""
    use = "Use StartConnection."
    blockers = (Blocker(reason=reason, subject=each, description=use) for each in "ab")

    notice = refusal(failure(f"It cannot run. {use}", *blockers))

    assert notice.text == "That cannot be done yet."
    (step,) = notice.details
    assert "overview" in step
    assert "StartConnection" not in step


def test_what_only_the_server_knows_is_told_as_it_tells_it() -> None:
    """A message that says more is kept, and so is a step of a reason of its own."""
    changed = Blocker(reason="NOT_CONNECTED", subject="a", description="Look at it.")
    other = Blocker(reason="TOGGLE_LOCKED", subject="b", description="Turn Sync Items off first.")

    notice = refusal(failure("Xero was connected anew meanwhile.", changed, other))

    assert notice.text == "Xero was connected anew meanwhile."
    assert notice.details[1] == "Turn Sync Items off first."
