"""Connections: which person let the app into which organisation."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One person's connection of the app to one organisation."""

    connection_id: str
    auth_event_id: str
    user_id: str
    tenant_id: str
    created: datetime
    updated: datetime
    live: bool = True

    def live_for(self, user_id: str) -> bool:
        """Return whether this is a live connection of that person."""
        return self.live and self.user_id == user_id


class Connections:
    """All connections, removed ones included so that they can come back."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._lock = threading.Lock()
        self._known: dict[str, Connection] = {}

    def connect(
        self, user_id: str, tenant_id: str, auth_event_id: str, now: datetime, switches: Switches
    ) -> Connection:
        """Connect, connect again, or confirm what is connected."""
        with self._lock:
            before = self._of(user_id, tenant_id)
            after = self._renewed(before, auth_event_id, now, switches) or Connection(
                connection_id=self._mint.guid(),
                auth_event_id=auth_event_id,
                user_id=user_id,
                tenant_id=tenant_id,
                created=now,
                updated=now,
            )
            if before is not None:
                del self._known[before.connection_id]
            self._known[after.connection_id] = after
            return after

    def _renewed(
        self, before: Connection | None, auth_event_id: str, now: datetime, switches: Switches
    ) -> Connection | None:
        if before is None:
            return None
        if before.live and switches.reconsent_keeps_auth_event:
            return before
        if not before.live and not switches.reconnect_keeps_connection_id:
            return None
        return replace(before, auth_event_id=auth_event_id, updated=now, live=True)

    def _of(self, user_id: str, tenant_id: str) -> Connection | None:
        for connection in self._known.values():
            if connection.user_id == user_id and connection.tenant_id == tenant_id:
                return connection
        return None

    def listed(self, user_id: str) -> list[Connection]:
        """Return a person's live connections, oldest first."""
        with self._lock:
            return [found for found in self._known.values() if found.live_for(user_id)]

    def reaches(self, user_id: str, tenant_id: str) -> bool:
        """Return whether a person's tokens open the organisation."""
        return any(found.tenant_id == tenant_id for found in self.listed(user_id))

    def get(self, connection_id: str) -> Connection | None:
        """Return the live connection with this id, or None."""
        found = self._known.get(connection_id.lower())
        return found if found is not None and found.live else None

    def names(self, other_id: str) -> bool:
        """Return whether an id is known, but not as a connection's own id."""
        with self._lock:
            return any(
                other_id.lower() in (found.tenant_id, found.auth_event_id)
                for found in self._known.values()
            )

    def disconnect(self, connection_id: str) -> None:
        """End one connection; it may come back later."""
        with self._lock:
            found = self._known[connection_id]
            self._known[connection_id] = replace(found, live=False)

    def disconnect_user(self, user_id: str) -> None:
        """End all connections of a person."""
        for found in self.listed(user_id):
            self.disconnect(found.connection_id)

    def everything(self) -> list[Connection]:
        """Return all connections, removed ones too, for the state file and the control API."""
        with self._lock:
            return list(self._known.values())

    def restore(self, connections: Iterable[Connection]) -> None:
        """Take in what `everything` returned."""
        with self._lock:
            self._known = {found.connection_id: found for found in connections}
