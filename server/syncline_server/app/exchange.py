"""Wiring those who watch with what changes here and in other processes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from syncline_server.app.outside import Outside
from syncline_server.config import Config
from syncline_server.engine.notices import Listener, Teller
from syncline_server.rpc.seats import Seats
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.storage.database import Database

_INTERVAL: Final = timedelta(minutes=1)
"""After which a change in another process is seen though its notice was lost."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The hub of a server and, on PostgreSQL, its two ends to the other processes."""

    hub: Hub
    teller: Teller | None = None
    listener: Listener | None = None

    def start(self) -> None:
        """Begin."""
        self.hub.start()
        if self.teller and self.listener:
            self.teller.start()
            self.listener.start()

    def stop(self) -> None:
        """Hear nothing more, and tell the others what is left; the hub is stopped before."""
        if self.teller and self.listener:
            self.listener.stop()
            self.teller.stop()


def build_exchange(config: Config, outside: Outside, database: Database) -> Exchange:
    """Wire it."""
    seats = Seats(most=config.watch_streams, most_of_one=config.watch_streams_per_caller)
    if database.is_sqlite:
        return Exchange(hub=Hub(Pace(), seats=seats))
    process = outside.make_id()
    teller = Teller(database, process)
    hub = Hub(Pace(interval=_INTERVAL), teller.tell, seats)
    return Exchange(
        hub=hub, teller=teller, listener=Listener(config.database_url, process, hub.hear)
    )
