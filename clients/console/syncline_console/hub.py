"""One watch of the server for each connection, however many pages look at it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from syncline.v1.integration_pb2 import Allowance
from syncline_console.clocks import ServerClock
from syncline_console.standing import Standing
from syncline_console.stations import Patience, Station, Watch


class Hub:
    """Watches what somebody looks at, with the console's own credentials.

    Its answers are shared: whoever hands one on has made sure before that the person may see that
    workspace. Use it on one event loop; :meth:`fresh`, :meth:`allowance` and :meth:`doubt` from
    any thread.
    """

    def __init__(self, watch: Watch, patience: Patience | None = None) -> None:
        self.clock = ServerClock()
        self.pages = 0
        """How many are open."""
        self._pages_of: Counter[str] = Counter()
        self._watch = watch
        self._patience = patience or Patience()
        self._stations: dict[str, Station] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    @property
    def watched(self) -> int:
        """How many connections are watched."""
        return len(self._stations)

    def pages_of(self, session: str) -> int:
        """Return how many pages of a session are open."""
        return self._pages_of[session]

    @contextmanager
    def at(self, name: str, session: str = "") -> Iterator[Station]:
        """Yield what follows a connection, for as long as a page of a session is open."""
        station = self._joined(name)
        station.pages += 1
        self.pages += 1
        self._pages_of[session] += 1
        try:
            yield station
        finally:
            station.pages -= 1
            self.pages -= 1
            self._pages_of[session] -= 1
            self._pages_of += Counter()  # forgets who has none
            if not station.pages and not self._closed:
                loop = asyncio.get_running_loop()
                self._leaving[name] = loop.call_later(self._patience.linger, self._leave, name)

    def fresh(self, name: str) -> Standing | None:
        """Return how a connection stands; None when that has to be asked."""
        station = self._stations.get(name)
        return station.fresh if station else None

    def allowance(
        self, name: str, organisation: str, ask: Callable[[], Allowance | None]
    ) -> Allowance | None:
        """Return how many calls the provider allows; for what is watched not asked every time.

        :param organisation: the one that is connected, as far as whoever asks has heard.
        """
        station = self._stations.get(name)
        return station.allowance(organisation, ask) if station else ask()

    def doubt(self, name: str) -> None:
        """Have a connection's state be asked for a moment: somebody is changing it."""
        station = self._stations.get(name)
        if station:
            station.doubt()

    def close(self) -> None:
        """End every page and every watch."""
        self._closed = True
        for timer in self._leaving.values():
            timer.cancel()
        for station in self._stations.values():
            station.close()
        for task in self._tasks.values():
            task.cancel()

    def _joined(self, name: str) -> Station:
        if name in self._leaving:
            self._leaving.pop(name).cancel()
        station = self._stations.get(name)
        if station is None:
            station = Station(name, self._watch, self.clock, self._patience, closed=self._closed)
            self._stations[name] = station
            if not self._closed:
                self._tasks[name] = asyncio.create_task(station.follow())
        return station

    def _leave(self, name: str) -> None:
        del self._leaving[name], self._stations[name]
        self._tasks.pop(name).cancel()
