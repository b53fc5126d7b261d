from datetime import timedelta

import grpc
import pytest

from syncline.v1.integration_pb2 import Connection, Node, OptionSpec
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
from syncline_console.advice import Guide
from syncline_console.fragments import Looker
from syncline_console.notices import Notice
from syncline_console.people import Role
from syncline_console.standing import Standing
from syncline_console.sync_refusals import refused_plan, refused_start

CONTACTS = Node(id="contacts", title="Contacts", options=[OptionSpec(id="depth", title="Depth")])
SECONDS = timedelta(seconds=42.2)


def failing(kind: type[SynclineError], reason: str, **details: object) -> SynclineError:
    """Return an error as the client raises it."""
    code = grpc.StatusCode.FAILED_PRECONDITION
    return kind(
        Explanation(code=code, message="The server's words.", reason=reason, metadata={}, **details)  # type: ignore[arg-type]  # a test's own words
    )


def guide() -> Guide:
    """Return what turns blockers into words."""
    standing = Standing(
        connection=Connection(provider_title="Xero"), modules=[CONTACTS], toggles=[]
    )
    return Guide(
        standing=standing, looker=Looker(workspace="acme", provider="xero", role=Role.OPERATOR)
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
        "Contacts cannot start yet. First: Connect Xero.",
    ),
    "reconnect": (
        blocked("RECONNECT_REQUIRED"),
        "Contacts cannot start yet. First: Reconnect Xero.",
    ),
    "provider": (blocked("PROVIDER_REFUSED"), "The server's words. Do as the server says."),
    "no-steps": (failing(FailedPrecondition, "NEW_ONE"), "The server's words."),
    "no-plan": (
        blocked("NOT_PLANNABLE"),
        "What Contacts would do cannot be shown beforehand. Start it to see.",
    ),
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
    assert said(refused_start(error, CONTACTS, guide)) == text
    assert said(refused_plan(error, CONTACTS, guide)) == text


def test_plan_that_takes_too_long_has_changed_nothing() -> None:
    """A start that takes too long may have happened, a plan cannot have."""
    error = failing(DeadlineExceeded, "")

    assert "Nothing was changed." in said(refused_plan(error, CONTACTS, guide))
    assert "look before you repeat it" in said(refused_start(error, CONTACTS, guide))


def test_standing_is_asked_for_only_where_it_is_needed() -> None:
    """A refusal that is no blocker needs no further call."""

    def nobody() -> Guide:
        raise AssertionError

    assert refused_start(failing(ResourceExhausted, "COOLDOWN"), CONTACTS, nobody).details
