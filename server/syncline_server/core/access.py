"""Who calls, and what they may do where."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What credentials may do in their workspaces; each role includes the ones before it."""

    VIEWER = "VIEWER"  # read and watch
    OPERATOR = "OPERATOR"  # also change records and mappings, start and cancel runs
    ADMIN = "ADMIN"  # also connect, disconnect and change settings
    SERVICE = "SERVICE"  # a program of the operator's own: an admin, the only one that may span all


_RANKS: Final = {Role.VIEWER: 1, Role.OPERATOR: 2, Role.ADMIN: 3, Role.SERVICE: 3}


class Credentials(StrEnum):
    """How a caller is known."""

    ACCESS_TOKEN = "ACCESS_TOKEN"  # noqa: S105 - a kind, no secret
    LOCAL = "LOCAL"  # by being on this machine while no credentials are configured
    COMMAND = "COMMAND"  # by having a shell on the server's machine
    SYSTEM = "SYSTEM"  # the server itself


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose credentials a call carries."""

    subject: str
    """Stable and unique; what a consent is bound to."""
    title: str
    """What people call the credentials."""
    role: Role
    workspaces: frozenset[str] | None
    """Where the role holds; None is everywhere."""
    credentials: Credentials = Credentials.ACCESS_TOKEN

    def has(self, role: Role) -> bool:
        """Return whether this role, or one that includes it, is held anywhere."""
        return _RANKS[self.role] >= _RANKS[role]

    def reaches(self, workspace: str) -> bool:
        """Return whether the role holds in a workspace."""
        return self.workspaces is None or workspace in self.workspaces


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """Credentials as they are stored: everything but the secret."""

    id: str
    title: str
    role: Role
    workspaces: frozenset[str] | None
    """None is all of them."""
    token_hash: str = field(repr=False)
    create_time: datetime
    expire_time: datetime | None = None
    """None never expires."""
    revoke_time: datetime | None = None

    @property
    def identity(self) -> Identity:
        """Who carries this token."""
        return Identity(
            subject=self.id, title=self.title, role=self.role, workspaces=self.workspaces
        )

    def is_good(self, now: datetime) -> bool:
        """Return whether the token opens anything now."""
        return self.revoke_time is None and (self.expire_time is None or now < self.expire_time)
