"""Erasing a workspace: what is refused before, and while it lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.model import ConnectionRow, ConnectionState


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """One erasure of a workspace; afterwards its receipt."""

    id: str
    workspace: str
    requested_by: str
    """The caller's stable id."""
    request_time: datetime
    row_counts: Mapping[str, int] = field(default_factory=dict)
    """How many rows of each table were deleted so far."""
    finish_time: datetime | None = None

    @property
    def leaves_remains(self) -> bool:
        """Whether rows were deleted, which may linger in files; tokens stay as rows."""
        return bool(self.row_counts.keys() - {"access_tokens"})

    def with_counts(self, more: Mapping[str, int]) -> Mapping[str, int]:
        """Return the counts with these added; tables of which nothing was deleted are left out."""
        known = dict(self.row_counts)
        for table, count in more.items():
            if count:
                known[table] = known.get(table, 0) + count
        return known


def refuse_connected(workspace: str, rows: Sequence[ConnectionRow]) -> None:
    """Refuse to erase a workspace while a connection still has access, or is about to.

    :raises FailedPrecondition: naming each such connection.
    """
    blockers = [
        Blocker(
            reason=Reason.WORKSPACE_CONNECTED,
            subject=str(row.key),
            title=row.key.provider,
            description=f"Disconnect {row.key.provider} first, which gives its access back.",
        )
        for row in rows
        if row.state is not ConnectionState.NOT_CONNECTED or row.candidates_grant_id
    ]
    if blockers:
        named = ", ".join(blocker.subject for blocker in blockers)
        message = f"workspaces/{workspace} is still connected: disconnect {named} first."
        raise FailedPrecondition(message, blockers)


def under_way(workspace: str) -> FailedPrecondition:
    """Return the refusal of everything else while a workspace is being erased."""
    name = f"workspaces/{workspace}"
    message = f"{name} is being erased."
    blocker = Blocker(
        reason=Reason.WORKSPACE_ERASING,
        subject=name,
        title=workspace,
        description="Wait until it is finished: its id may be used again then.",
    )
    return FailedPrecondition(message, [blocker])
