"""One watched connection: what the server said last, and whether it still says anything."""

import asyncio
import contextlib
import logging
import random
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from syncline.v1.integration_pb2 import Allowance, WatchConnectionResponse
from syncline_client import ResourceExhausted, SynclineError, Unavailable
from syncline_console.announcing import changes
from syncline_console.clocks import ServerClock
from syncline_console.fragments import Looker
from syncline_console.standing import Standing

Watch = Callable[[str], AsyncGenerator[WatchConnectionResponse, None]]
"""Follows a connection by its resource name; raises :class:`syncline_client.SynclineError`."""
Drawn = dict[str, bytes]
"""Live parts by id, each as the event that brings it to a page."""
_MOST_SAID: Final = 10
"""Of what has happened at once, nobody wants to hear more."""
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long things may take, in seconds."""

    first_answer: float = 10.0
    """After which a watch that says nothing is given up; the server answers at once."""
    pauses: tuple[float, ...] = _PAUSES
    """Before each attempt in a row; the last one before all others. Each is spread by a half."""
    linger: float = 30.0
    """How long a connection is watched after its last page: who goes on to another comes back."""
    doubt: float = 3.0
    """How long after somebody's own change it may be missing in what is watched."""
    allowance: float = 10.0
    """How old the number of calls that the provider allows may be, which no watch tells."""
    others: float = 1.0
    """How long to wait for that number while somebody else asks for it."""


@dataclass(frozen=True)
class _Told:
    """How many calls a provider allowed to an organisation, and until when that is believed."""

    organisation: str
    allowance: Allowance | None
    until: float


@dataclass(eq=False)
class _Asked:
    """What no watch tells, as it was asked for last."""

    told: _Told | None = None
    """One value, since others read at the same time."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Whose it is asks; others wait for the answer."""


@dataclass(eq=False)
class Station:
    """One connection; lives on one event loop, and may be read from any thread.

    :param name: its resource name.
    """

    name: str
    watch: Watch
    clock: ServerClock
    patience: Patience
    standing: Standing | None = None
    """What was said last; None before the first answer."""
    well: bool = True
    """Whether the server can be asked, as far as is known."""
    closed: bool = False
    """Whether the console stops."""
    turns: int = 0
    """Counts what has happened."""
    pages: int = 0
    drawn: dict[Looker, asyncio.Task[Drawn]] = field(default_factory=dict)
    """What :attr:`standing` looks like, to each who shares it."""
    _happened: asyncio.Event = field(default_factory=asyncio.Event)
    _said: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_MOST_SAID))
    _hears: bool = False
    _failures: int = 0
    """Attempts in a row that brought nothing."""
    _doubted_until: float = 0.0
    _asked: _Asked = field(default_factory=_Asked)
    """Another one after each doubt: who asked just before it notes the answer in the old one."""

    @property
    def fresh(self) -> Standing | None:
        """How the connection stands now; None when that is not certain."""
        hears = self._hears and not self.closed
        return self.standing if hears and time.monotonic() >= self._doubted_until else None

    def doubt(self) -> None:
        """Believe nothing for a moment: somebody changes something, and reads it at once."""
        self._doubted_until = time.monotonic() + self.patience.doubt
        self._asked = _Asked()

    def allowance(self, organisation: str, ask: Callable[[], Allowance | None]) -> Allowance | None:
        """Return how many calls the provider allows, as it was asked a moment ago at most.

        However many want to know at once, one asks; it may take long, and :meth:`doubt` never waits
        for it.

        :param organisation: the provider's id of the one it is about: another one has its own.
        :param ask: tells it; None where it is not known, which counts as long as any answer.
        """
        asked = self._asked
        if not asked.turn.acquire(timeout=self.patience.others):
            return None  # a page is as good without, and a thread is worth more
        try:
            told, now = asked.told, time.monotonic()
            if told is None or told.organisation != organisation or now >= told.until:
                told = asked.told = _Told(organisation, ask(), now + self.patience.allowance)
            return told.allowance
        finally:
            asked.turn.release()

    async def news(self, seen: int, seconds: float) -> None:
        """Return when more has happened than was seen, or when the time is up."""
        if self.turns != seen:
            return
        with contextlib.suppress(TimeoutError):
            # Not wait_for, which before Python 3.12 loses a cancellation that meets the news: the
            # page of somebody who left would be kept.
            async with asyncio.timeout(seconds):
                await self._happened.wait()

    def close(self) -> None:
        """Tell every page that it is over."""
        self.closed = True
        self._turn()

    async def follow(self) -> None:
        """Watch for as long as anybody looks; whatever breaks is tried again."""
        while True:
            wanted = await self._attempt()
            self._hears = False
            self._failures += 1
            # An end in order, or a restart that takes a moment, is nobody's worry.
            if self._failures > 1 or self.standing is None:
                self._lose()
            await asyncio.sleep(max(wanted, self._pause()))

    async def _attempt(self) -> float:
        """Watch until it ends or breaks; return the seconds the server wants to be left alone."""
        try:
            async with aclosing(self._answers()) as answers:
                async for answer in answers:
                    self._hear(answer)
        except TimeoutError:
            self._note("no answer")
        except SynclineError as error:
            self._note(f"{error.reason or error.code.name} {error.request_id}")
            after = isinstance(error, ResourceExhausted | Unavailable) and error.retry_after
            return after.total_seconds() if after else 0.0
        except Exception:  # noqa: BLE001 - a watch that ended would show old things for ever
            _log.exception("watch: broken")
        return 0.0

    async def _answers(self) -> AsyncGenerator[WatchConnectionResponse, None]:
        async with aclosing(self.watch(self.name)) as answers:
            async with asyncio.timeout(self.patience.first_answer):
                first = await anext(answers, None)
            if first is not None:
                yield first
            async for answer in answers:
                yield answer

    def said_since(self, turn: int) -> list[str]:
        """Return what there was to say about what has happened since, the oldest first."""
        return [words for when, words in self._said if when > turn]

    def _hear(self, answer: WatchConnectionResponse) -> None:
        before, self.standing = (
            self.standing,
            Standing(connection=answer.connection, modules=answer.modules, toggles=answer.toggles),
        )
        self.clock.hear(self.standing)
        self.drawn = {}
        self.well = self._hears = True
        self._failures = 0
        self._turn()
        said = changes(before, self.standing) if before else []
        self._said.extend((self.turns, words) for words in said)

    def _lose(self) -> None:
        if self.well:
            self.well = False
            self._turn()

    def _turn(self) -> None:
        self.turns += 1
        self._happened.set()
        self._happened = asyncio.Event()

    def _note(self, why: str) -> None:
        if not self._failures:  # an outage is one line a connection, however often it is tried
            _log.warning("watch: %s", why)

    def _pause(self) -> float:
        pauses = self.patience.pauses
        usual = pauses[min(self._failures, len(pauses)) - 1]
        return usual * random.uniform(0.5, 1.5)  # noqa: S311 - spreads, protects nothing
