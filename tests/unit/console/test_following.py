import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import jinja2
import pytest

from scripted_watch import NAME, ScriptedWatch, connected, failing, until
from syncline_console.easel import Easel
from syncline_console.following import Following, Pace, Page
from syncline_console.fragments import Fragment, Looker
from syncline_console.hub import Hub
from syncline_console.people import Role
from syncline_console.standing import Standing
from syncline_console.stations import Patience, Station

ADMIN = Looker(workspace="acme", provider="xero", role=Role.ADMIN)
VIEWER = Looker(workspace="acme", provider="xero", role=Role.VIEWER)
TEMPLATES = {
    "fragments/name.html": (
        '<p id="name">{{ standing.connection.organisation.display_name }}'
        '{% if looker.may("ADMIN") %}<button>Go</button>{% endif %}</p>'
    ),
    "fragments/form.html": '<form id="form"><input name="csrf" value="{{ csrf }}"></form>',
    "fragments/broken.html": "{{ 1 / 0 }}",
}
Told = tuple[str, Any]


class Desk:
    """A hub and an easel, of which a test may open pages."""

    def __init__(self) -> None:
        self.watch = ScriptedWatch()
        self.hub = Hub(self.watch, Patience(pauses=(0.0,), linger=0.0))
        self.drawn: list[str] = []
        """The organisation each time a name was drawn."""
        parts = [Fragment(id=each, gather=self._gather(each)) for each in ("name", "form")]
        parts.append(Fragment(id="broken", gather=lambda _standing, _looker: {}))
        templates = jinja2.Environment(autoescape=True, loader=jinja2.DictLoader(TEMPLATES))
        self.easel = Easel(templates, parts)

    def _gather(self, id_: str) -> Callable[[Standing, Looker], Mapping[str, Any]]:
        def gather(standing: Standing, _looker: Looker) -> Mapping[str, Any]:
            if id_ == "name":
                self.drawn.append(standing.connection.organisation.display_name)
            return {}

        return gather

    def follow(
        self,
        station: Station,
        *shows: str,
        looker: Callable[[], Looker | None] = lambda: ADMIN,
        csrf: str = "token",
        turn: int | None = None,
        once: bool = False,
        beat: float = 3600.0,
    ) -> AsyncGenerator[bytes, None]:
        """Return what a page is told."""
        page = Page(shows=frozenset(shows), csrf=csrf, looker=looker, turn=turn, once=once)
        pace = Pace(beat=beat, apart=0.0)
        return Following(page, station, self.easel, self.hub.clock, pace).events()


def told(sent: bytes) -> list[Told]:
    """Return the events a browser makes of what is sent (HTML standard, 9.2.6)."""
    found: list[Told] = []
    kind, data = "", []
    for line in sent.decode().splitlines():
        field, _, value = line.partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            data.append(value)
        elif not line:
            found.append((kind, json.loads("\n".join(data))))
            kind, data = "", []
        else:
            assert field == "id"
    return found


async def read(
    stream: AsyncGenerator[bytes, None], enough: Callable[[list[Told]], bool]
) -> list[Told]:
    """Return what is told, until it is enough."""
    found: list[Told] = []
    async with asyncio.timeout(20):
        while not enough(found):
            found += told(await anext(stream))
    return found


def kinds(found: list[Told]) -> list[str]:
    """Return what kinds of events there are, in their order."""
    return [kind for kind, _ in found]


def has(*wanted: str) -> Callable[[list[Told]], bool]:
    """Return whether all of these words are in what was told, in their order."""

    def enough(found: list[Told]) -> bool:
        rest = iter([f"{kind} {data}" for kind, data in found])
        return all(any(words in line for line in rest) for words in wanted)

    return enough


def test_page_hears_the_time_and_its_own_parts_first() -> None:
    """The clock comes at once, then every part the page shows and no other."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name")) as stream:
                found = await read(stream, has("Kauri"))
        assert kinds(found) == ["clock", "part"]

    asyncio.run(story())


def test_only_what_differs_is_sent() -> None:
    """An answer that changes one part sends that part alone; one that changes none sends none."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name", "form")) as stream:
                await read(stream, has("Kauri", "form"))
                desk.watch.tell(connected("Kauri"), connected("Kauri"))
                await until(lambda: station.turns > 2)
                desk.watch.tell(connected("Rimu"))
                found = await read(stream, has("Rimu"))
        assert [kind for kind in kinds(found) if kind != "say"] == ["part"]

    asyncio.run(story())


def test_what_is_drawn_is_shared_by_all_who_see_the_same() -> None:
    """Two administrators' pages and two forms' tokens take one drawing; a viewer takes another."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            one = desk.follow(station, "name", "form", csrf="token-of-one")
            two = desk.follow(station, "name", "form", csrf="token-of-two")
            three = desk.follow(station, "name", looker=lambda: VIEWER)
            async with aclosing(one), aclosing(two), aclosing(three):
                first = await read(one, has("Go", "token-of-one"))
                second = await read(two, has("Go", "token-of-two"))
                third = await read(three, has("Kauri"))
        assert desk.drawn == ["Kauri", "Kauri"]
        assert "token-of-two" not in str(first)
        assert "token-of-one" not in str(second)
        assert "Go" not in str(third)

    asyncio.run(story())


@pytest.mark.parametrize(
    "name",
    ["a\n\nevent: over\ndata: 1", "a\r\rdata: x\r\n", "a\u2028b\u0085c", "</p><script>x</script>"],
    ids=["feeds", "returns", "separators", "markup"],
)
def test_no_name_ends_an_event(name: str) -> None:
    """Line breaks and markup in a name stay within the one part they belong to, escaped."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected(name))
            async with aclosing(desk.follow(station, "name")) as stream:
                sent = b""
                while b"event: part" not in sent:
                    sent = await anext(stream)
        lines = sent.split(b"\n")
        assert b"\r" not in sent
        assert [line[:5] for line in lines if line] == [b"event", b"data:"] * (len(lines) // 3)
        html = json.loads(lines[lines.index(b"event: part") + 1][6:])
        assert str(html).startswith('<p id="name">a' if name[0] == "a" else '<p id="name">&lt;/p')

    asyncio.run(story())


def test_loss_is_told_and_everything_again_once_it_is_over() -> None:
    """A page hears of a loss, then that all is well, and then every part whether new or not."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name")) as stream:
                await read(stream, has("Kauri"))
                desk.watch.tell(failing(), failing())
                assert kinds(await read(stream, has("lost"))) == ["lost"]
                desk.watch.tell(connected("Kauri"))
                assert kinds(await read(stream, has("Kauri"))) == ["well", "part"]

    asyncio.run(story())


def test_stream_ends_with_the_right_to_look() -> None:
    """Once the session has ended or the role is gone, the page is told that it is over."""

    async def story() -> None:
        desk = Desk()
        lookers: list[Looker | None] = [ADMIN, ADMIN, None]
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            stream = desk.follow(station, "name", looker=lambda: lookers.pop(0), beat=0.0)
            found = [each async for sent in stream for each in told(sent)]
        assert found[-1] == ("over", "")
        assert not lookers

    asyncio.run(story())


def test_who_may_not_look_is_told_nothing() -> None:
    """Without a right to look at the start, nothing of the connection is sent."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            stream = desk.follow(station, "name", looker=lambda: None)
            assert [each async for each in stream] == [b'event: over\ndata: ""\n\n']

    asyncio.run(story())


def test_another_role_is_drawn_for() -> None:
    """Somebody who becomes a viewer sees what viewers see, without opening the page again."""

    async def story() -> None:
        desk = Desk()
        lookers = [ADMIN]
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            stream = desk.follow(station, "name", looker=lambda: lookers[-1], beat=0.0)
            async with aclosing(stream):
                await read(stream, has("Go"))
                lookers.append(VIEWER)
                assert "Go" not in str((await read(stream, has("part")))[-1])

    asyncio.run(story())


def test_one_answer_is_enough_for_who_asks_once() -> None:
    """A page without a stream of its own is told how things stand, and that it is over."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            stream = desk.follow(station, "name", once=True)
            found = [each async for sent in stream for each in told(sent)]
        assert kinds(found) == ["clock", "part", "over"]

    asyncio.run(story())


def test_a_part_that_cannot_be_drawn_takes_no_other_along() -> None:
    """One broken part is left out; the others are sent."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "broken", "name", "form")) as stream:
                found = await read(stream, has("Kauri", "form"))
        assert kinds(found) == ["clock", "part", "part"]

    asyncio.run(story())


def test_a_stopping_console_ends_pages_without_sending_them_away() -> None:
    """The stream of a console that stops ends without a word, so that the page comes back."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name")) as stream:
                await read(stream, has("Kauri"))
                desk.hub.close()
                assert [each async for each in stream] == []

    asyncio.run(story())


def test_what_happened_is_said_once_to_each_page() -> None:
    """Pages that were open hear it in words; one that is opened later does not."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name")) as stream:
                await read(stream, has("Kauri"))
                desk.watch.tell(connected("Rimu"))
                found = await read(stream, has("say"))
                assert ("say", "Connected to Rimu") in found
                async with aclosing(desk.follow(station, "name")) as later:
                    assert kinds(await read(later, has("Rimu"))) == ["clock", "part"]

    asyncio.run(story())


def test_page_that_comes_back_hears_what_it_missed() -> None:
    """What happened while a page was between two streams is said, and nothing it has heard."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"), connected("Rimu"))
            await until(lambda: station.turns == 2)
            heard = station.turns
            desk.watch.tell(connected("Totara"))
            await until(lambda: station.turns > heard)
            async with aclosing(desk.follow(station, "name", turn=heard)) as stream:
                found = await read(stream, has("say"))
        assert [words for kind, words in found if kind == "say"] == ["Connected to Totara"]

    asyncio.run(story())


def test_page_of_a_console_before_hears_no_more_than_there_is() -> None:
    """A number from before a restart, which counted further, is no news and no harm."""

    async def story() -> None:
        desk = Desk()
        with desk.hub.at(NAME) as station:
            desk.watch.tell(connected("Kauri"))
            async with aclosing(desk.follow(station, "name", turn=10**6)) as stream:
                await read(stream, has("Kauri"))
                desk.watch.tell(connected("Rimu"))
                assert ("say", "Connected to Rimu") in await read(stream, has("say"))

    asyncio.run(story())
