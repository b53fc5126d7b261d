"""Whose a field is: the provider's while its sync is on and the record is mapped, else ours."""

from collections.abc import Callable
from dataclasses import dataclass

from syncline_sdk import RecordKind
from syncline_server.core.names import Connection


@dataclass(frozen=True, kw_only=True)
class Master:
    """The provider that owns records of one kind in one workspace now."""

    connection: Connection
    provider_title: str
    organisation_id: str
    module: str
    module_title: str
    fields: frozenset[str]
    """Names of our fields it owns on a mapped record."""


FindMaster = Callable[[str, RecordKind], Master | None]
"""Finds the master of a workspace's records of one kind: the connected provider whose pull module
for that kind is on; None while it is off or nothing is connected."""
