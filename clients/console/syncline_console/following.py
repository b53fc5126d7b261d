"""What one open page is told, in order, for as long as somebody may look."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from syncline_console.clocks import ServerClock
from syncline_console.easel import Easel
from syncline_console.events import LOST, OVER, WELL, event
from syncline_console.fragments import CSRF_PLACE, Looker
from syncline_console.stations import Drawn, Station


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often a page is told something, in seconds."""

    beat: float = 5.0
    """How often it is looked at whether the person may still look; every other time the page hears
    the time, by which it knows that it is connected."""
    apart: float = 0.25
    """What happens within this time reaches the page together."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One open page."""

    shows: frozenset[str]
    """Ids of the live parts on it."""
    csrf: str
    looker: Callable[[], Looker | None]
    """Tells as whom the person looks now; None when they may look no longer."""
    turn: int | None = None
    """Up to which it has heard what is said; None is a new page, which wants no old news."""
    once: bool = False
    """Whether it wants to know how things stand, and nothing more."""


class Following:
    """Tells one page."""

    def __init__(
        self, page: Page, station: Station, easel: Easel, clock: ServerClock, pace: Pace
    ) -> None:
        self._page = page
        self._station = station
        self._easel = easel
        self._clock = clock
        self._pace = pace
        self._shown: Drawn = {}
        self._well = True
        self._seen = station.turns if page.turn is None else min(page.turn, station.turns)
        self._beats = 0

    async def events(self) -> AsyncGenerator[bytes, None]:
        """Yield what to send, until the person may look no longer or the console stops."""
        beat, now = 0.0, asyncio.get_running_loop().time
        looker = self._page.looker()
        while looker is not None and not self._station.closed:
            told = b""
            if now() >= beat:
                beat, told = now() + self._pace.beat, self._beat()
            told += await self._news(looker)
            if told:
                yield told
            if self._page.once and (self._shown or not self._well):
                break
            await asyncio.sleep(self._pace.apart if told else 0)
            await self._station.news(self._seen, max(beat - now(), 0))
            if now() >= beat:
                looker = self._page.looker()
        if not self._station.closed:
            yield OVER

    def _beat(self) -> bytes:
        self._beats += 1
        now = self._clock.milliseconds
        return event("clock", now, turn=self._seen) if self._beats % 2 else b""

    async def _news(self, looker: Looker) -> bytes:
        station = self._station
        news, self._seen = station.said_since(self._seen), station.turns
        said = b"".join(event("say", words, turn=self._seen) for words in news)
        state = b""
        if station.well is not self._well:
            self._well, self._shown = station.well, {}  # after a loss everything is told anew
            state = WELL if self._well else LOST
        parts = self._changes(await self._easel.drawn(station, looker)) if self._well else b""
        return state + parts.replace(CSRF_PLACE.encode(), self._page.csrf.encode()) + said

    def _changes(self, drawn: Drawn) -> bytes:
        """Return the parts that are not on the page as they are now, and remember them."""
        shows, shown = self._page.shows, self._shown
        changed = {id_: new for id_, new in drawn.items() if id_ in shows and new != shown.get(id_)}
        shown.update(changed)
        return b"".join(changed.values())
