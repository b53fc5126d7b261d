"""What a person is told after the provider sent them back: pure, no HTTP, no gRPC.

Nothing here repeats what came in the query, an id or a token; names of organisations are the only
outside words, and :mod:`syncline_console.pages` escapes them.
"""

from dataclasses import dataclass

from syncline.v1.integration_pb2 import Connection
from syncline_client import SynclineError, Unavailable

GO_BACK = "You can close this page and go back to where you started."


@dataclass(frozen=True, kw_only=True)
class Landing:
    """The content of one page."""

    status: int
    """The HTTP status."""
    title: str
    paragraphs: tuple[str, ...]
    choices: tuple[str, ...] = ()
    """Names to show as a list, after the first paragraph."""


INCOMPLETE = Landing(
    status=400,
    title="This address is not complete",
    paragraphs=(
        "It lacks what the accounting system sends along after an approval.",
        "Go back to where you started and connect again.",
    ),
)
UNKNOWN_PAGE = Landing(
    status=404, title="There is no such page", paragraphs=("Go back to where you started.",)
)

_AGAIN = "Go back to where you started and connect again."
_REFUSALS = {
    "CONSENT_DENIED": ("Not connected", "Access was not approved, so nothing was connected."),
    "CONSENT_FAILED": (
        "Not connected",
        "The accounting system did not complete the approval, so nothing was connected.",
    ),
    "STATE_UNKNOWN": (
        "Not connected",
        "This approval does not belong to a connection that was started here, in this browser.",
    ),
    "STATE_EXPIRED": ("Not connected", "The approval took longer than ten minutes."),
    "STATE_USED": (
        "This approval was used already",
        "Perhaps this page was loaded twice. If it said Connected before, you are done.",
    ),
    "ORGANISATION_TAKEN": (
        "Not connected",
        (
            "Another workspace is connected to this organisation. One organisation can serve one"
            " workspace only."
        ),
    ),
}
SPENT = frozenset(
    {
        "STATE_EXPIRED",
        "STATE_USED",
        "CONSENT_DENIED",
        "CONSENT_FAILED",
        "ORGANISATION_TAKEN",
        "PROVIDER_MISCONFIGURED",
        "PROVIDER_UNAVAILABLE",
    }
)
"""Reasons after which the state is good for nothing. STATE_UNKNOWN is none: anybody can bring that
about in somebody else's browser."""
_NEXT_STEPS = {
    "STATE_USED": "Otherwise go back to where you started and connect again.",
    "ORGANISATION_TAKEN": (
        "Disconnect it in the other workspace first, or connect again and approve another"
        " organisation."
    ),
}
_NOT_ALLOWED = (
    "The console's own credentials were refused. An operator must look at"
    " SYNCLINE_CONSOLE_TOKEN, then connect again."
)


_NOT_BY_YOU = (
    "The account that is signed in here may not connect this workspace. Ask an administrator of the"
    " workspace. Where nobody is signed in, an operator must look at SYNCLINE_CONSOLE_TOKEN."
)


def connected(connection: Connection) -> Landing:
    """Return the page for a consent that was completed: connected, or organisations to choose."""
    if connection.candidates:
        return _to_choose(connection)
    name = connection.organisation.display_name or "your organisation"
    title = connection.provider_title or "the accounting system"
    return Landing(
        status=200,
        title="Connected",
        paragraphs=(f"This workspace is now connected to {name} in {title}.", GO_BACK),
    )


def _to_choose(connection: Connection) -> Landing:
    return Landing(
        status=200,
        title="Choose an organisation",
        paragraphs=(
            "You approved several organisations. A workspace connects to one of them:",
            (
                "Go back to where you started and choose it there. Callers of the API find the"
                " candidates with GetConnection and choose with SelectOrganisation."
            ),
        ),
        choices=tuple(candidate.display_name for candidate in connection.candidates),
    )


def failed(error: SynclineError) -> Landing:
    """Return the page for a consent that could not be completed."""
    if error.reason in _REFUSALS:
        title, what = _REFUSALS[error.reason]
        step = _NEXT_STEPS.get(error.reason, _AGAIN)
        return Landing(status=409, title=title, paragraphs=(what, step))
    if error.reason == "INVALID_FIELD":  # no provider sends that
        return INCOMPLETE
    if error.reason == "PERMISSION_DENIED":
        return Landing(status=403, title="Not connected", paragraphs=(_NOT_BY_YOU, _AGAIN))
    if error.reason in ("CREDENTIALS_MISSING", "CREDENTIALS_INVALID"):
        return Landing(status=502, title="Not connected", paragraphs=(_NOT_ALLOWED,))
    if isinstance(error, Unavailable):
        what = "Syncline or the accounting system does not answer at the moment."
        step = "Wait a minute, go back to where you started and connect again."
        return Landing(status=503, title="Not connected", paragraphs=(what, step))
    return Landing(
        status=502,
        title="Not connected",
        paragraphs=("Something went wrong on our side.", _AGAIN),
    )
