"""What somebody who waits for a provider is told when there is no way to it, or it refuses."""

from syncline_sdk import AccessLost, RecordRejected, RunFailed
from syncline_server.core import readiness
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.names import Connection


def refused(connection: Connection, title: str, why: RecordRejected | RunFailed) -> Exception:
    """Return the refusal by the provider, with its reason."""
    action = why.action if isinstance(why, RunFailed) else ""
    blocker = Blocker(
        reason=Reason.PROVIDER_REFUSED,
        subject=why.code,
        title=title,
        description=f"{why.message} {action}".strip(),
    )
    metadata = {"owner": str(connection), "provider_message": why.message}
    return FailedPrecondition(f"{title} refused: {why.message}", [blocker], metadata)


def closed(
    connection: Connection, title: str, why: Exception, *, connected: bool
) -> FailedPrecondition | None:
    """Return the refusal when there is no way to the provider any more; None when there is.

    :param connected: whether the connection is still the one it was begun on.
    """
    if isinstance(why, AccessLost):
        return reconnect_required(connection, title, why.message)
    return None if connected else not_connected(connection, title)


def reconnect_required(connection: Connection, title: str, message: str) -> FailedPrecondition:
    """Return the refusal when the provider has ended our access."""
    found = readiness.access_lost(connection, title)
    return FailedPrecondition(message or found.description, [found])


def not_connected(connection: Connection, title: str) -> FailedPrecondition:
    """Return the refusal when the connection is not the one it was any more."""
    blocker = Blocker(
        reason=Reason.NOT_CONNECTED,
        subject=str(connection),
        title=title,
        description="The connection was changed meanwhile. Look at it, then repeat.",
    )
    message = f"{title} was disconnected or connected anew meanwhile."
    return FailedPrecondition(message, [blocker])
