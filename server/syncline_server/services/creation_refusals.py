"""What somebody who creates a record is told when the provider does not do it."""

from datetime import timedelta

import httpx

from syncline_sdk import (
    OutcomeUnknown,
    PluginError,
    RecordRejected,
    RetryLater,
    RunFailed,
)
from syncline_server.core import names
from syncline_server.core.creation import Creation
from syncline_server.core.errors import (
    Aborted,
    Reason,
    Unavailable,
)
from syncline_server.core.names import Connection
from syncline_server.services.creation_hand import COLLECTIONS
from syncline_server.services.provider_refusals import closed, refused


def under_way(creation: Creation) -> Aborted:
    """Return the refusal while somebody else creates it, or something of its code or name."""
    workspace = creation.organisation.workspace
    name = names.record(workspace, COLLECTIONS[creation.kind], creation.record_id)
    message = f"{name} is being created with this id, code or name; repeat in a minute."
    return Aborted(Reason.CREATION_ACTIVE, message, name)


def unknown(title: str, left: timedelta) -> Unavailable:
    """Return the refusal while nobody can tell whether it was created.

    :param title: what people call the provider.
    :param left: until it can be told.
    """
    message = (
        f"{title} did not say whether it was created. Repeat the same request: it is looked for"
        " before anything is sent again."
    )
    return Unavailable(Reason.OUTCOME_UNKNOWN, message, left or None)


def nothing_created(
    connection: Connection, title: str, why: Exception, *, connected: bool
) -> Exception:
    """Return the refusal when the provider holds nothing for certain.

    What is none of a plugin's errors is our bug, or the plugin's, and stays what it is.

    :param connected: whether the connection is still the one it was begun on.
    """
    if isinstance(why, RecordRejected | RunFailed):
        return refused(connection, title, why)
    if not isinstance(why, PluginError | httpx.HTTPError):
        return why
    message = why.message if isinstance(why, RetryLater | OutcomeUnknown) else ""
    after = why.after if isinstance(why, RetryLater) else None
    message = f"{message or f'{title} cannot be asked now.'} Nothing was created; repeat later."
    unavailable = Unavailable(Reason.PROVIDER_UNAVAILABLE, message, after)
    return closed(connection, title, why, connected=connected) or unavailable
