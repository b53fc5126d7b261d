"""Waking watchers when a cooldown ends, so that a page's button comes back by itself."""

from datetime import datetime

from syncline_server.core.clock import Clock
from syncline_server.core.names import Connection, Scope
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.engine.timetable import Timetable
from syncline_server.storage import cooldowns
from syncline_server.storage.database import Database


class CooldownWatch:
    """Sets a timer for every cooldown that is running; the row stays the truth."""

    def __init__(
        self, database: Database, timetable: Timetable, clock: Clock, notify: Notify
    ) -> None:
        self._database = database
        self._timetable = timetable
        self._clock = clock
        self._notify = notify

    def start(self) -> None:
        """Set a timer for everything that cools down now."""
        for scope, end in cooldowns.running(self._database, self._clock()):
            self.set(scope, end)

    def set(self, scope: Scope, end: datetime) -> None:
        """Tell whoever watches this connection when the cooldown ends."""
        self._timetable.at(end, f"cooldown/{scope}", lambda: self._tell(scope.connection))

    def _tell(self, connection: Connection) -> None:
        self._notify(ConnectionChanged(connection))
