"""What hundreds of open pages cost the console, and how long a change takes to reach them."""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self, TypeVar

import httpx
from bs4 import BeautifulSoup
from figures import Figure
from lab import Lab
from processes import cpu_seconds, resident_bytes
from sizes import Sizes

from local_stack import LocalStack
from syncline_console.views.live import MOST_PAGES_OF_ONE, PACE
from syncline_demo.story.workspace import Workspace

T = TypeVar("T")
_MILLISECONDS = 1000
_KILOBYTE = 1000
_A_SECOND = 3
"""Changes on one connection; a page is told four times a second at most, so none is merged."""
_A_SECOND_IN_ALL = 40
"""Of the hundred calls a second that a caller may make."""
_SPREADS = (1, 20, 500)
_SILENCE = 3.0
"""Seconds without an event after which everything that was sent has arrived."""


class Change(NamedTuple):
    """One call that changed a connection: when it began and when it was answered."""

    connection: int
    begun: float
    ended: float

    def is_merged_with(self, other: Self) -> bool:
        """Return whether both may have come so soon after one another that a page is told once.

        Either was made somewhere between its call and its answer.
        """
        return (
            self.connection == other.connection
            and self.begun <= other.ended + PACE.apart
            and other.begun <= self.ended + PACE.apart
        )


@dataclass
class Page:
    """One open page, read as fast as it is sent."""

    connection: int
    arrivals: list[float] = field(default_factory=list)
    """When each part came that was another than before."""
    reading: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int, cookie: str) -> None:
        """Open it in a browser with this cookie; return once it has its first part."""
        reader, writer = await asyncio.open_connection(host, port)
        path = f"/workspaces/shop{self.connection}/integrations/xero/live?shows=toggles"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n"
        writer.write(head.encode())
        while not (await reader.readline()).startswith(b"event: part"):
            pass
        self.reading = asyncio.create_task(self._read(reader, writer))

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"event: part"):
                    self.arrivals.append(time.perf_counter())
        finally:
            writer.close()

    async def close(self) -> None:
        """Leave."""
        if self.reading:
            self.reading.cancel()
            await asyncio.gather(self.reading, return_exceptions=True)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Pages of one console, spread evenly over some connections."""

    stack: LocalStack
    pages: list[Page]
    connections: int
    toggled: dict[int, bool] = field(default_factory=dict)

    def __str__(self) -> str:
        spread = "one connection" if self.connections == 1 else f"{self.connections} connections"
        return f"{len(self.pages)} pages of {spread}"

    async def used(self, meanwhile: Awaitable[T]) -> tuple[T, float]:
        """Return what something comes to, and the share of a core the console takes meanwhile."""
        console = self.stack.process_id("console")
        used, begin = cpu_seconds(console), time.perf_counter()
        result = await meanwhile
        return result, (cpu_seconds(console) - used) / (time.perf_counter() - begin)

    async def change(self, changing: int, seconds: float) -> list[Change]:
        """Change the first so many connections in turn; return what was changed."""
        pause = 1 / min(_A_SECOND * changing, _A_SECOND_IN_ALL)
        calls, begin = [], time.perf_counter()
        for number in range(int(seconds / pause)):
            await asyncio.sleep(max(begin + number * pause - time.perf_counter(), 0))
            connection = number % changing
            self.toggled[connection] = is_on = not self.toggled.get(connection, False)
            call = asyncio.to_thread(_changed, self.stack, connection, is_on=is_on)
            calls.append(asyncio.create_task(call))
        return [await call for call in calls]

    async def quiet(self) -> None:
        """Return when nothing has arrived for a while."""
        seen = -1
        while seen != (seen := self._arrived()):  # noqa: ASYNC110 - silence is no event
            await asyncio.sleep(_SILENCE)

    def _arrived(self) -> int:
        return sum(len(page.arrivals) for page in self.pages)

    def waits(self, changes: Sequence[Change]) -> list[float]:
        """Return the seconds from each call to each page of its connection, the shortest first.

        Of two changes that a busy machine makes at once a page may hear nothing: one undoes the
        other.

        :raises RuntimeError: a page heard nothing of a change that stood alone.
        """
        heard = (
            (change, next((at for at in page.arrivals if at > change.begun), None))
            for change in changes
            for page in self.pages
            if page.connection == change.connection
        )
        waits = []
        for change, at in heard:
            if at is not None:
                waits.append(at - change.begun)
            elif not any(change.is_merged_with(each) for each in changes if each is not change):
                raise RuntimeError(f"a page of connection {change.connection} missed its change")
        return sorted(waits)


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield memory and processor time of the console, and how long changes take to each page."""
    for spread in dict.fromkeys(min(each, sizes.open_pages) for each in _SPREADS):
        with lab.server() as stack:
            stack.start("console")
            yield from asyncio.run(_measured(stack, sizes, spread))


async def _measured(stack: LocalStack, sizes: Sizes, spread: int) -> Sequence[Figure]:
    pages = [Page(number % spread) for number in range(sizes.open_pages)]
    crowd = Crowd(stack=stack, pages=pages, connections=spread)
    listen, console = stack.settings.console, stack.process_id("console")
    first = Page(spread)  # what the first page of all makes, the others share
    await first.open(listen.host, listen.port, _signed_in(stack))
    before = resident_bytes(console)
    for number, page in enumerate(pages):
        if number % MOST_PAGES_OF_ONE == 0:
            cookie = _signed_in(stack)
        await page.open(listen.host, listen.port, cookie)
    each = (resident_bytes(console) - before) / len(pages) / _KILOBYTE
    _, idle = await crowd.used(asyncio.sleep(sizes.idle_seconds))
    found = [
        Figure(name=f"{crowd}: memory of the console for each page", measured=each, unit="kB"),
        Figure(name=f"{crowd}: share of a core, idle", measured=idle * 100, unit="%"),
    ]
    for changing in dict.fromkeys((1, spread)):
        found += await _told(crowd, changing, sizes.change_seconds)
    for page in (first, *pages):
        await page.close()
    return found


async def _told(crowd: Crowd, changing: int, seconds: float) -> Iterator[Figure]:
    changes, share = await crowd.used(crowd.change(changing, seconds))
    await crowd.quiet()
    waits = crowd.waits(changes)
    which = "one changes" if changing == 1 else "all change"
    rate = f"{len(changes) / seconds:.3g} changes a second to {len(waits):,} pages in all"
    figures = [
        Figure(
            name=f"{crowd}, {which}: to the page, {name}",
            measured=waits[int(place * (len(waits) - 1))] * _MILLISECONDS,
            unit="ms",
            told=rate,
        )
        for name, place in (("p50", 0.5), ("p99", 0.99))
    ]
    share_name = f"{crowd}, {which}: share of a core"
    return iter([*figures, Figure(name=share_name, measured=share * 100, unit="%")])


def _signed_in(stack: LocalStack) -> str:
    """Return the cookie of somebody who is signed in."""
    origin = f"http://localhost:{stack.settings.console.port}"
    with httpx.Client(base_url=origin, trust_env=False, headers={"Origin": origin}) as http:
        form = BeautifulSoup(http.get("/sign-in").text, "html.parser")
        (token,) = form.select("[name=csrf]")
        admin = stack.admin
        sent = {"csrf": token["value"], "name": admin.name, "password": admin.password}
        answer = http.post("/sign-in", data=sent)
        if not answer.is_redirect:
            raise RuntimeError(answer.status_code)
        return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


def _changed(stack: LocalStack, connection: int, *, is_on: bool) -> Change:
    begin = time.perf_counter()
    Workspace(client=stack.client, id=f"shop{connection}").set_toggles(contacts=is_on)
    return Change(connection, begin, time.perf_counter())
