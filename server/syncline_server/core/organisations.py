"""Whose books a provider's records are in."""

from collections.abc import Callable
from typing import NamedTuple

from syncline_server.core.model import Run
from syncline_server.core.names import Connection


class Organisation(NamedTuple):
    """One organisation of a provider as one workspace knows it; the key of all its rows."""

    workspace: str
    provider: str
    id: str

    @property
    def connection(self) -> Connection:
        """The connection by which the workspace reaches it."""
        return Connection(self.workspace, self.provider)


FindOrganisation = Callable[[Connection], Organisation | None]
"""Finds the organisation a connection points to, or the one it pointed to last; None when it never
did. Mappings and links are shown for it also while nothing is connected."""


def of_run(run: Run) -> Organisation:
    """Return the organisation a run works on."""
    connection = run.scope.connection
    return Organisation(connection.workspace, connection.provider, run.organisation_id)
