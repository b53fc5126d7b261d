"""Resource names: how things are called on the wire, and back."""

import re
from dataclasses import dataclass

_WORKSPACE = r"workspaces/(?P<workspace>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
_PROVIDER = r"connections/(?P<provider>[a-z][a-z0-9_]{0,62})"
_ID = r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}"


@dataclass(frozen=True, order=True)
class Connection:
    """The connection of one workspace to one provider, by name."""

    workspace: str
    provider: str

    def __str__(self) -> str:
        return f"workspaces/{self.workspace}/connections/{self.provider}"


@dataclass(frozen=True, order=True)
class Scope:
    """What a cooldown and an active run are unique for: one module of one connection."""

    connection: Connection
    module: str

    def __str__(self) -> str:
        return f"{self.connection}/modules/{self.module}"


def workspace_of(name: str) -> str | None:
    """Return the workspace any resource name lies in, or None when it is no such name."""
    match = re.match(_WORKSPACE + r"(?:/|$)", name)
    return match["workspace"] if match else None


def parse_workspace(name: str) -> str | None:
    """Parse ``workspaces/{workspace}``; None when it is not that."""
    match = re.fullmatch(_WORKSPACE, name)
    return match["workspace"] if match else None


def parse_connection(name: str) -> Connection | None:
    """Parse ``workspaces/{workspace}/connections/{provider}``; None when it is not that."""
    match = re.fullmatch(f"{_WORKSPACE}/{_PROVIDER}", name)
    return Connection(match["workspace"], match["provider"]) if match else None


def parse_under_connection(name: str, collection: str) -> tuple[Connection, str] | None:
    """Parse ``{connection}/{collection}/{id}`` to the connection and the id; None if it is not."""
    match = re.fullmatch(f"{_WORKSPACE}/{_PROVIDER}/{collection}/(?P<id>{_ID})", name)
    return (Connection(match["workspace"], match["provider"]), match["id"]) if match else None


def parse_settings(name: str) -> Connection | None:
    """Parse ``{connection}/settings``; None when it is not that."""
    match = re.fullmatch(f"{_WORKSPACE}/{_PROVIDER}/settings", name)
    return Connection(match["workspace"], match["provider"]) if match else None


def parse_record(name: str, collection: str) -> tuple[str, str] | None:
    """Parse ``workspaces/{workspace}/{collection}/{id}`` to workspace and id; None if it is not.

    :param collection: ``runs``, ``customers``, ``products``, ``taxCodes``, ``invoices``.
    """
    match = re.fullmatch(f"{_WORKSPACE}/{collection}/(?P<id>{_ID})", name)
    return (match["workspace"], match["id"]) if match else None


def record(workspace: str, collection: str, identifier: str) -> str:
    """Return the name of a record of a workspace."""
    return f"workspaces/{workspace}/{collection}/{identifier}"
