"""What a person is told after the provider sent them back: pure, no HTTP, no gRPC.

Nothing here repeats what came in the query, an id or a token; names of organisations are the only
outside words, and templates escape them.
"""

from dataclasses import dataclass
from typing import Final

from syncline.v1.integration_pb2 import Connection
from syncline_client import SynclineError, Unavailable
from syncline_console.notices import Notice, Tone

GO_BACK: Final = "You can close this page and go back to where you started."
_AGAIN: Final = "Go back to where you started and connect again."
_GIVE_WAY: Final = (
    "Disconnect it in the other workspace first, or connect again and approve another organisation."
)
_ASK_OPERATOR: Final = "Ask an operator to check its registration there, then connect again."
_MEND_IT: Final = "An operator must look at SYNCLINE_CONSOLE_TOKEN, then connect again."


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What is said on a page of its own, to whoever came back without being signed in here."""

    status: int
    """The HTTP status."""
    title: str
    paragraphs: tuple[str, ...]
    choices: tuple[str, ...] = ()
    """Names to show as a list, after the first paragraph."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why nothing was connected."""

    status: int = 409
    title: str = "Not connected"
    what: str
    step: str = "Connect again."
    """What to do on the page of the connection, where there is a button for it."""
    elsewhere: str = _AGAIN
    """What to do on any other page."""

    def landing(self) -> Landing:
        """Return it as a page."""
        said = (self.what, self.elsewhere)
        return Landing(status=self.status, title=self.title, paragraphs=said)

    def notice(self) -> Notice:
        """Return it as a notice on the page of the connection."""
        details = (self.step,)
        return Notice(tone=Tone.WARNING, text=f"{self.title}. {self.what}", details=details)


INCOMPLETE: Final = Failure(
    status=400,
    title="This address is not complete",
    what="It lacks what the accounting system sends along after an approval.",
)
SUPERSEDED: Final = Failure(
    what="You began to connect once more after this approval was asked for, and the newest counts.",
    step="Finish it where you began it, or connect again.",
)
"""Two tabs of one browser: the second has taken the place of the first."""
USED: Final = Failure(
    title="This approval was used already",
    what="Perhaps this page was loaded twice. If it said Connected before, you are done.",
    step="Otherwise connect again.",
    elsewhere="Otherwise go back to where you started and connect again.",
)
UNKNOWN: Final = Failure(
    what="This approval does not belong to a connection that was started here, in this browser."
)
NOBODY: Final = Failure(
    status=403,
    what="Nobody is signed in here any more, so nothing was connected.",
    step="Sign in again, then connect again.",
    elsewhere="Sign in again, then connect again.",
)
"""Somebody may connect in their own name alone."""
NOT_YOURS: Final = Failure(
    status=403,
    what="Only an administrator of the workspace may connect it.",
    step="Ask one to connect it.",
    elsewhere="Ask one to connect it.",
)
_REFUSALS: Final = {
    "CONSENT_DENIED": Failure(what="Access was not approved, so nothing was connected."),
    "CONSENT_FAILED": Failure(
        what="The accounting system did not complete the approval, so nothing was connected."
    ),
    "STATE_UNKNOWN": UNKNOWN,
    "STATE_EXPIRED": Failure(what="The approval took longer than ten minutes."),
    "STATE_USED": USED,
    "ORGANISATION_TAKEN": Failure(
        what=(
            "Another workspace is connected to this organisation. One organisation can serve one"
            " workspace only."
        ),
        step=_GIVE_WAY,
        elsewhere=_GIVE_WAY,
    ),
    "PROVIDER_MISCONFIGURED": Failure(
        status=502,
        what="This server is not set up to connect to the accounting system.",
        step=_ASK_OPERATOR,
        elsewhere=_ASK_OPERATOR,
    ),
    "INVALID_FIELD": INCOMPLETE,  # no provider sends that
}
SPENT: Final = frozenset(
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
_NOT_ALLOWED: Final = Failure(
    status=502,
    what="The console's own credentials were refused.",
    step=_MEND_IT,
    elsewhere=_MEND_IT,
)
_AWAY: Final = Failure(
    status=503,
    what="Syncline or the accounting system does not answer at the moment.",
    step="Wait a minute and connect again.",
    elsewhere="Wait a minute, go back to where you started and connect again.",
)
_OURS: Final = Failure(status=502, what="Something went wrong on our side.")


def failure(error: SynclineError, *, of_person: bool = False) -> Failure:
    """Return why a consent could not be completed.

    :param of_person: whether it was completed on behalf of somebody who is signed in.
    """
    if of_person and error.reason == "PERMISSION_DENIED":
        return NOT_YOURS
    if error.reason in _REFUSALS:
        return _REFUSALS[error.reason]
    if error.reason in ("CREDENTIALS_MISSING", "CREDENTIALS_INVALID", "PERMISSION_DENIED"):
        return _NOT_ALLOWED
    return _AWAY if isinstance(error, Unavailable) else _OURS


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
