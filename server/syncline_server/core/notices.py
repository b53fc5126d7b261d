"""What is told to whoever watches: look again. Rows stay the truth; a notice carries no state."""

from collections.abc import Callable
from dataclasses import dataclass

from syncline_server.core.names import Connection


@dataclass(frozen=True)
class ConnectionChanged:
    """Something a watcher of this connection sees has changed: state, settings, chain, cooldown."""

    connection: Connection


@dataclass(frozen=True)
class RunChanged:
    """A run has moved or counted on."""

    connection: Connection
    run_id: str


@dataclass(frozen=True)
class WorkspaceChanged:
    """There is news in a workspace's feed of changes."""

    workspace: str


@dataclass(frozen=True)
class AnythingChanged:
    """Notices may have been lost: whatever is watched may have changed."""


Notice = ConnectionChanged | RunChanged | WorkspaceChanged | AnythingChanged

Notify = Callable[[Notice], None]
"""Takes a notice after the change has committed; never blocks and never raises."""
