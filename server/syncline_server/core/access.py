"""Who calls, and what they may do where."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final


class Role(StrEnum):
    """What credentials may do in a workspace; each role includes the ones before it."""

    VIEWER = "VIEWER"  # read and watch
    OPERATOR = "OPERATOR"  # also change records and mappings, start and cancel runs
    ADMIN = "ADMIN"  # also connect, disconnect and change settings
    SERVICE = "SERVICE"  # a program of the operator's own: an admin, the only one that may span all

    def includes(self, other: "Role") -> bool:
        """Return whether whoever holds this role may do what the other one may."""
        return _RANKS[self] >= _RANKS[other]


_RANKS: Final = {Role.VIEWER: 1, Role.OPERATOR: 2, Role.ADMIN: 3, Role.SERVICE: 3}


class Credentials(StrEnum):
    """How a caller is known."""

    ACCESS_TOKEN = "ACCESS_TOKEN"  # noqa: S105 - a kind, no secret
    SIGNED_TOKEN = "SIGNED_TOKEN"  # noqa: S105 - likewise; an identity provider's
    CERTIFICATE = "CERTIFICATE"  # a client certificate
    LOCAL = "LOCAL"  # by being on this machine while no credentials are configured
    COMMAND = "COMMAND"  # by having a shell on the server's machine
    SYSTEM = "SYSTEM"  # the server itself


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What the person may do for whom a service calls: the call may do no more."""

    role: Role
    workspace: str = ""
    """The only workspace in which; empty is every one."""

    def of(self, held: Role) -> Role:
        """Return what is left of a role."""
        return self.role if held.includes(self.role) else held


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose credentials a call carries."""

    subject: str
    """Stable and unique; what a consent is bound to."""
    title: str
    """What people call the credentials."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """The role in each workspace, by the workspace's id."""
    everywhere: Role | None = None
    """The role in every other workspace; None is none."""
    credentials: Credentials = Credentials.ACCESS_TOKEN

    @cached_property
    def highest(self) -> Role | None:
        """The role that includes all that are held anywhere; None where there is none."""
        held = [*self.roles.values(), *([self.everywhere] if self.everywhere else [])]
        return max(held, key=_RANKS.__getitem__, default=None)

    @property
    def is_service(self) -> bool:
        """Whether it is a program of the operator's own, at least somewhere."""
        return self.everywhere is Role.SERVICE or Role.SERVICE in self.roles.values()

    def has(self, role: Role) -> bool:
        """Return whether this role, or one that includes it, is held anywhere."""
        return self.highest is not None and self.highest.includes(role)

    def role_in(self, workspace: str) -> Role | None:
        """Return the role that is held in a workspace; None where there is none."""
        return self.roles.get(workspace, self.everywhere)

    def within(self, limit: "Limit") -> "Identity":
        """Return the same caller with no more than a limit leaves of its roles."""
        if limit.workspace:
            held = self.role_in(limit.workspace)
            kept = {limit.workspace: limit.of(held)} if held else {}
            return replace(self, roles=kept, everywhere=None)
        roles = {workspace: limit.of(held) for workspace, held in self.roles.items()}
        everywhere = limit.of(self.everywhere) if self.everywhere else None
        return replace(self, roles=roles, everywhere=everywhere)

    def may(self, role: Role, workspace: str) -> bool:
        """Return whether this role, or one that includes it, is held in a workspace."""
        held = self.role_in(workspace)
        return held is not None and held.includes(role)


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """Credentials as they are stored: everything but the secret.

    Either a secret opens them, or a client certificate of a name.
    """

    id: str
    title: str
    role: Role
    workspaces: frozenset[str] | None
    """None is all of them."""
    token_hash: str = field(repr=False)
    """SHA-256 of the secret in hexadecimal digits; what is no such hash where there is none."""
    certificate: str = ""
    """URI or DNS name in the client certificate that opens them; empty where a secret does."""
    create_time: datetime
    expire_time: datetime | None = None
    """None never expires."""
    revoke_time: datetime | None = None

    @cached_property
    def identity(self) -> Identity:
        """Who carries this token."""
        return Identity(
            subject=self.id,
            title=self.title,
            roles=dict.fromkeys(self.workspaces or (), self.role),
            everywhere=self.role if self.workspaces is None else None,
            credentials=Credentials.CERTIFICATE if self.certificate else Credentials.ACCESS_TOKEN,
        )

    def is_good(self, now: datetime) -> bool:
        """Return whether the token opens anything now."""
        return self.revoke_time is None and (self.expire_time is None or now < self.expire_time)
