from datetime import timedelta

import grpc
import pytest

from syncline.v1.integration_pb2 import Node, OptionSpec
from syncline_client import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    SynclineError,
    Unavailable,
    Violation,
)
from syncline_client.errors import Blocker, DeadlineExceeded, Explanation
from syncline_console.notices import Notice
from syncline_console.sync_refusals import refused_plan, refused_start

CONTACTS = Node(id="contacts", title="Contacts", options=[OptionSpec(id="depth", title="Depth")])
SECONDS = timedelta(seconds=42.2)


def failing(kind: type[SynclineError], reason: str, **details: object) -> SynclineError:
    """Return an error as the client raises it."""
    code = grpc.StatusCode.FAILED_PRECONDITION
    return kind(
        Explanation(code=code, message="The server's words.", reason=reason, metadata={}, **details)  # type: ignore[arg-type]  # a test's own words
    )


def said(notice: Notice) -> str:
    """Return all a notice says."""
    return " ".join([notice.text, *notice.details])


def blocked(reason: str) -> SynclineError:
    """Return the refusal for one blocker."""
    blocker = Blocker(reason=reason, subject="contacts", description="Do as the server says.")
    return failing(FailedPrecondition, reason, blockers=(blocker,))


REFUSALS = {
    "not-connected": (
        blocked("NOT_CONNECTED"),
        "Contacts cannot start yet. Do as the server says.",
    ),
    "provider": (blocked("PROVIDER_REFUSED"), "The server's words. Do as the server says."),
    "no-steps": (failing(FailedPrecondition, "NEW_ONE"), "The server's words."),
    "no-plan": (blocked("NOT_PLANNABLE"), "The server's words. Do as the server says."),
    "active": (
        failing(Aborted, "RUN_ACTIVE", resource="workspaces/acme/runs/r1"),
        "Contacts is running already (run r1). Wait until it has ended, or cancel it.",
    ),
    "cooldown": (
        failing(ResourceExhausted, "COOLDOWN", retry_after=SECONDS),
        "Contacts was started a moment ago. Try again in 43 seconds.",
    ),
    "quota": (
        failing(ResourceExhausted, "QUOTA"),
        "Others are finding out what a sync would do right now. Try again in a minute.",
    ),
    "rate": (
        failing(ResourceExhausted, "RATE_LIMITED", retry_after=timedelta(milliseconds=1)),
        "Too much is asked of Syncline at the moment. Try again in 1 second.",
    ),
    "gone": (failing(NotFound, "RESOURCE_NOT_FOUND"), "There is no sync called Contacts any more."),
    "reused": (
        failing(AlreadyExists, "REQUEST_ID_REUSED"),
        "This page was out of date. Nothing was started; start it again.",
    ),
    "field": (
        failing(
            InvalidArgument,
            "INVALID_FIELD",
            violations=(
                Violation(field="custom.depth", description="must be a number"),
                Violation(field="full_read", description="does not fit"),
            ),
        ),
        "Contacts was not started. Depth: must be a number full_read: does not fit",
    ),
    "role": (
        failing(PermissionDenied, "PERMISSION_DENIED"),
        "You may not do this here. Ask an administrator of the workspace.",
    ),
    "down": (
        failing(Unavailable, "DATABASE_UNAVAILABLE"),
        "Syncline does not answer at the moment. Try again in a minute.",
    ),
}


@pytest.mark.parametrize(("error", "text"), REFUSALS.values(), ids=REFUSALS.keys())
def test_each_refusal_says_what_to_do(error: SynclineError, text: str) -> None:
    """Whatever is refused, a person reads why and what now, for a start and for a plan."""
    assert said(refused_start(error, CONTACTS)) == text
    assert said(refused_plan(error, CONTACTS)) == text


def test_plan_that_takes_too_long_has_changed_nothing() -> None:
    """A start that takes too long may have happened, a plan cannot have."""
    error = failing(DeadlineExceeded, "")

    assert "Nothing was changed." in said(refused_plan(error, CONTACTS))
    assert "look before you repeat it" in said(refused_start(error, CONTACTS))
