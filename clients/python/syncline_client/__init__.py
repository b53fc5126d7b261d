"""The Python client of Syncline.

::

    import syncline_client
    from syncline.v1 import integration_pb2

    with syncline_client.connect("localhost:8443", token=token) as client:
        request = integration_pb2.TriggerSyncRequest(
            connection="workspaces/acme/connections/xero", module="contacts"
        )
        try:
            run = client.integrations.TriggerSync(request).run
        except syncline_client.FailedPrecondition as refused:
            for blocker in refused.blockers:
                print(blocker.description)

Messages and stubs are the generated ones in ``syncline.v1``; this package adds a channel that is
set up well, and errors as exceptions.
"""

from syncline_client._channel import InsecureToken, Tls
from syncline_client._client import Client, connect
from syncline_client._explaining import explain_status
from syncline_client._following import follow_changes
from syncline_client._person import on_behalf_of
from syncline_client._watches import Watches
from syncline_client.errors import (
    Aborted,
    AlreadyExists,
    Blocker,
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Refused,
    ResourceExhausted,
    ServerFault,
    SynclineError,
    Unauthenticated,
    Unavailable,
    Violation,
)

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Blocker",
    "Cancelled",
    "Client",
    "DeadlineExceeded",
    "FailedPrecondition",
    "InsecureToken",
    "InvalidArgument",
    "NotFound",
    "PermissionDenied",
    "Refused",
    "ResourceExhausted",
    "ServerFault",
    "SynclineError",
    "Tls",
    "Unauthenticated",
    "Unavailable",
    "Violation",
    "Watches",
    "connect",
    "explain_status",
    "follow_changes",
    "on_behalf_of",
]
