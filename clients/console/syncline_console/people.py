"""Who uses the console, and what they may do in which workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person may do in a workspace; each role includes the ones before it."""

    VIEWER = "VIEWER"  # look
    OPERATOR = "OPERATOR"  # also map, push, start and cancel runs
    ADMIN = "ADMIN"  # also connect, disconnect and change settings

    def includes(self, other: "Role") -> bool:
        """Return whether whoever holds this role may do what the other one may."""
        return _RANKS[self] >= _RANKS[other]


_RANKS: Final = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in."""

    id: str
    """Stable; what the audit trail names them by. 1 to 100 printable ASCII characters."""
    title: str
    """What people call them."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """The role in each workspace, by the workspace's id."""
    everywhere: Role | None = None
    """The role in every other workspace; None is none."""

    @property
    def highest(self) -> Role | None:
        """The role that includes all that are held anywhere; None where there is none."""
        held = [*self.roles.values(), *([self.everywhere] if self.everywhere else [])]
        return max(held, key=_RANKS.__getitem__, default=None)

    @property
    def has_several(self) -> bool:
        """Whether there may be another workspace to go to."""
        return self.everywhere is not None or len(self.roles) > 1

    def role_in(self, workspace: str) -> Role | None:
        """Return the role that is held in a workspace; None where there is none."""
        return self.roles.get(workspace, self.everywhere)


def packed(roles: Mapping[str, Role]) -> dict[str, list[str]]:
    """Return roles in little room: the workspaces of each role, by its first letter."""
    found: dict[str, list[str]] = {}
    for workspace, role in sorted(roles.items()):
        found.setdefault(role.value[0], []).append(workspace)
    return found


def unpacked(kept: Mapping[str, list[str]]) -> dict[str, Role]:
    """Return the roles that :func:`packed` put together."""
    by_letter = {role.value[0]: role for role in Role}
    return {
        workspace: by_letter[letter]
        for letter, workspaces in kept.items()
        for workspace in workspaces
    }
