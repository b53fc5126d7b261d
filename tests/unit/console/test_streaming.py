import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from types import SimpleNamespace
from typing import Any

import pytest

from syncline_console.open_files import most_pages
from syncline_console.streaming import EventStream
from syncline_console.views.live import MOST_PAGES_OF_ONE, show

Message = MutableMapping[str, Any]


class Browser:
    """The other end of an answer.

    :param reads: how many messages it takes; it reads nothing after that.
    :param leaves: whether it is gone.
    """

    def __init__(self, *, reads: int = 1000, leaves: bool = False) -> None:
        self.got: list[Message] = []
        self._reads = reads
        self._leaves = leaves

    async def receive(self) -> Message:
        """Say that it is gone, or nothing for ever."""
        if not self._leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message, or leave it where it is."""
        if len(self.got) >= self._reads:
            await asyncio.Event().wait()
        self.got.append(message)


class Events:
    """Events without an end, or so many."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.sent = 0
        self.is_closed = False

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        """Yield them."""
        try:
            while self.sent != self.most:
                self.sent += 1
                yield b"event"
                await asyncio.sleep(0)
        finally:
            self.is_closed = True


async def answer(events: Events, browser: Browser, patience: float) -> None:
    """Answer a browser."""
    async with asyncio.timeout(20):
        await EventStream(events(), patience=patience)({}, browser.receive, browser.send)


def test_events_end_the_answer_in_order() -> None:
    """Once there is nothing more to say the answer is complete."""
    events, browser = Events(most=2), Browser()
    asyncio.run(answer(events, browser, 20))
    assert [each.get("more_body") for each in browser.got] == [None, True, True, False]


def test_page_that_does_not_read_is_cut_off() -> None:
    """Nothing is gathered for a page that does not take what was sent, and it does not stay."""
    events, browser = Events(), Browser(reads=3)
    asyncio.run(answer(events, browser, 0.01))
    assert events.is_closed
    assert events.sent == len(browser.got)


def test_page_that_leaves_is_followed_no_more() -> None:
    """Events end with the page they are for."""
    events, browser = Events(), Browser(leaves=True)
    asyncio.run(answer(events, browser, 20))
    assert events.is_closed or not events.sent


@pytest.mark.parametrize(
    ("pages", "own"), [(most_pages(), 0), (40, MOST_PAGES_OF_ONE)], ids=["all", "own"]
)
def test_one_page_too_many_comes_later(pages: int, own: int) -> None:
    """A console that is full, of one session or of all, says when to come back; no stream opens."""
    hub = SimpleNamespace(pages=pages, pages_of={"s": own}.__getitem__)
    visit: Any = SimpleNamespace(
        request=SimpleNamespace(method="GET", session={"id": "s"}),
        house=SimpleNamespace(hub=hub),
        find_title=lambda: "Xero",
    )
    refused = show(visit)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "60"
