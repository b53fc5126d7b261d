import asyncio
import threading
from datetime import timedelta
from itertools import count

import grpc
import pytest

from scripted_watch import END, NAME, ScriptedWatch, connected, failing, until
from syncline.v1.integration_pb2 import Allowance, Node
from syncline_client import ResourceExhausted
from syncline_client.errors import Explanation
from syncline_console.hub import Hub
from syncline_console.stations import Patience, Station

QUICK = Patience(pauses=(0.0,), linger=0.0, doubt=0.0)


def organisation(station: Station) -> str:
    """Return to what the connection is connected, as far as the station has heard."""
    return station.standing.connection.organisation.display_name if station.standing else ""


def test_pages_share_one_watch() -> None:
    """However many pages look at a connection, it is watched once and all of them hear it."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME) as one, hub.at(NAME) as other:
            watch.tell(connected("Kauri"))
            await until(lambda: organisation(one) == organisation(other) == "Kauri")
            assert watch.opened == [NAME]
            assert hub.pages == 2
        hub.close()

    asyncio.run(story())


def test_connections_are_watched_apart() -> None:
    """What is said of one connection reaches the pages of that one alone."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        other = "workspaces/globex/connections/xero"
        with hub.at(NAME) as acme, hub.at(other) as globex:
            watch.tell(connected("Rimu"), name=other)
            await until(lambda: organisation(globex) == "Rimu")
            assert acme.standing is None
        hub.close()

    asyncio.run(story())


def test_watch_ends_a_little_after_the_last_page() -> None:
    """A connection nobody looks at any more is let go of."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME):
            await until(lambda: bool(watch.opened))
        assert hub.watched == 1
        await until(lambda: watch.ended == 1)
        assert hub.watched == 0

    asyncio.run(story())


def test_who_goes_on_to_another_page_finds_the_same_watch() -> None:
    """Leaving a page and opening another one of the same connection opens no second watch."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        for _ in range(3):
            with hub.at(NAME):
                await until(lambda: bool(watch.opened))
                for _ in range(10):
                    await asyncio.sleep(0)  # as long as a timer that was left running would take
                assert hub.watched == 1
        assert watch.opened == [NAME]
        hub.close()

    asyncio.run(story())


def test_an_end_in_order_is_nobodys_loss() -> None:
    """A server that ends a stream is watched again, and no page is told of a loss."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME) as station:
            watch.tell(connected("Kauri"), END, connected("Rimu"))
            seen = []
            while organisation(station) != "Rimu":
                seen.append(station.well)
                await asyncio.sleep(0)
            assert all(seen)
            assert len(watch.opened) == 2
        hub.close()

    asyncio.run(story())


def test_a_server_that_stays_away_is_lost_and_comes_back() -> None:
    """Two failures in a row tell the pages; the next answer tells them that all is well."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME) as station:
            watch.tell(connected("Kauri"), failing(), failing())
            await until(lambda: not station.well)
            assert station.fresh is None
            watch.tell(connected("Rimu"))
            await until(lambda: station.well)
            assert organisation(station) == "Rimu"
        hub.close()

    asyncio.run(story())


def test_a_server_that_says_nothing_is_given_up() -> None:
    """A watch without a first answer is ended and made again."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, Patience(pauses=(0.0,), first_answer=0.0))
        with hub.at(NAME) as station:
            await until(lambda: watch.ended > 1)
            assert not station.well
        hub.close()

    asyncio.run(story())


def test_whatever_breaks_is_tried_again() -> None:
    """A watch that fails as none should is made again like any other."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME) as station:
            watch.tell(TypeError("broken"), connected("Kauri"))
            await until(lambda: organisation(station) == "Kauri")
        hub.close()

    asyncio.run(story())


def test_a_throttling_server_is_left_alone() -> None:
    """A server that names a time is not asked before it."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        refused = ResourceExhausted(
            Explanation(
                code=grpc.StatusCode.RESOURCE_EXHAUSTED,
                message="later",
                reason="QUOTA",
                metadata={},
                retry_after=timedelta(hours=1),
            )
        )
        with hub.at(NAME) as station:
            watch.tell(refused, connected("Kauri"))
            await until(lambda: not station.well)
            for _ in range(100):
                await asyncio.sleep(0)
            assert watch.opened == [NAME]
        hub.close()

    asyncio.run(story())


def test_only_what_is_certain_is_fresh() -> None:
    """Before the first answer, and after something was changed here, the server is asked."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, Patience(pauses=(3600.0,)))
        assert hub.fresh(NAME) is None
        with hub.at(NAME):
            assert hub.fresh(NAME) is None
            watch.tell(connected("Kauri"))
            await until(lambda: hub.fresh(NAME) is not None)
            hub.doubt(NAME)
            assert hub.fresh(NAME) is None
        hub.close()

    asyncio.run(story())


def test_an_ended_stream_is_not_fresh() -> None:
    """What a stream said before it ended has to be asked again."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, Patience(pauses=(3600.0,), doubt=0.0))
        with hub.at(NAME):
            watch.tell(connected("Kauri"))
            await until(lambda: hub.fresh(NAME) is not None)
            watch.tell(END)
            await until(lambda: hub.fresh(NAME) is None)
        hub.close()

    asyncio.run(story())


def test_a_stopping_console_asks() -> None:
    """What was watched is not taken for what is, once nothing is watched any more."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME):
            watch.tell(connected("Kauri"))
            await until(lambda: hub.fresh(NAME) is not None)
            hub.close()
            assert hub.fresh(NAME) is None

    asyncio.run(story())


def test_a_stopping_console_lets_go() -> None:
    """Closing ends every watch and tells every page; later pages are told at once."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        with hub.at(NAME) as station:
            await until(lambda: bool(watch.opened))
            hub.close()
            await until(lambda: watch.ended == 1)
            assert station.closed
        with hub.at("workspaces/globex/connections/xero") as late:
            assert late.closed

    asyncio.run(story())


def test_the_servers_clock_is_taken_from_a_cooldown() -> None:
    """When a cooldown ends, less what is left of it, is what time it is at the server."""

    async def story() -> None:
        watch = ScriptedWatch()
        hub = Hub(watch, QUICK)
        node = Node(id="contacts")
        node.cooldown_end_time.FromSeconds(1_000_120)
        node.cooldown_remaining.FromTimedelta(timedelta(seconds=119.5))
        with hub.at(NAME) as station:
            watch.tell(connected("Kauri", node))
            await until(lambda: organisation(station) == "Kauri")
            assert 1_000_000_500 <= hub.clock.milliseconds < 1_000_100_000
        hub.close()

    asyncio.run(story())


def test_pages_of_a_session_are_counted() -> None:
    """Those of other sessions, and those that were closed, are not among them."""

    async def story() -> None:
        hub = Hub(ScriptedWatch(), QUICK)
        with hub.at(NAME, "mine"), hub.at(NAME, "theirs"):
            with hub.at("workspaces/globex/connections/xero", "mine"):
                assert (hub.pages_of("mine"), hub.pages_of("theirs")) == (2, 1)
            assert hub.pages_of("mine") == 1
        assert hub.pages_of("mine") == 0
        hub.close()

    asyncio.run(story())


def test_calls_left_are_asked_once_in_a_while() -> None:
    """What no watch tells is asked once for all pages; anew of another organisation or a change."""

    async def story() -> None:
        watch, asked = ScriptedWatch(), count(1)
        hub = Hub(watch, Patience(allowance=3600.0))

        def ask() -> Allowance:
            return Allowance(minute_remaining=next(asked))

        def left(organisation: str) -> int:
            found = hub.allowance(NAME, organisation, ask)
            return found.minute_remaining if found else 0

        assert [left("kauri"), left("kauri")] == [1, 2]
        with hub.at(NAME):
            assert [left("kauri"), left("kauri")] == [3, 3]
            assert [left("rimu"), left("rimu")] == [4, 4]
            hub.doubt(NAME)
            assert [left("rimu"), left("rimu")] == [5, 5]
        hub.close()

    asyncio.run(story())


def test_calls_left_that_were_asked_before_a_change_are_not_kept_behind_it() -> None:
    """An answer that was on its way while something was changed is asked for anew."""

    async def story() -> None:
        hub, asked = Hub(ScriptedWatch(), Patience(allowance=3600.0)), count(1)

        def ask() -> Allowance:
            return Allowance(minute_remaining=next(asked))

        def overtaken() -> Allowance:
            found = ask()
            hub.doubt(NAME)
            return found

        with hub.at(NAME):
            assert hub.allowance(NAME, "kauri", overtaken) == Allowance(minute_remaining=1)
            assert hub.allowance(NAME, "kauri", ask) == Allowance(minute_remaining=2)
        hub.close()

    asyncio.run(story())


@pytest.mark.parametrize("patience", [0.0, 3600.0], ids=["none", "all"])
def test_calls_left_are_asked_for_once_however_many_want_to_know(patience: float) -> None:
    """Who comes while they are asked for has the same answer, or goes without before long."""

    async def story() -> None:
        hub, asked = Hub(ScriptedWatch(), Patience(allowance=3600.0, others=patience)), count(1)
        found: list[Allowance | None] = []

        def ask() -> Allowance:
            return Allowance(minute_remaining=next(asked))

        def slowly() -> Allowance:
            second.start()
            second.join(0.1)  # it asks by then, if it does
            return ask()

        second = threading.Thread(target=lambda: found.append(hub.allowance(NAME, "kauri", ask)))
        with hub.at(NAME):
            found.append(hub.allowance(NAME, "kauri", slowly))
            second.join()
        hub.close()
        assert Allowance(minute_remaining=1) in found
        assert Allowance(minute_remaining=2) not in found

    asyncio.run(story())


@pytest.mark.parametrize("steps", range(4))
def test_who_leaves_just_when_something_happens_has_left(steps: int) -> None:
    """A page that is given up while it wakes for news is given up, however far it has woken."""

    async def story() -> None:
        hub = Hub(ScriptedWatch(), QUICK)
        with hub.at(NAME) as station:
            waiting = asyncio.create_task(station.news(station.turns, 3600.0))
            await asyncio.sleep(0)  # it waits
            await asyncio.sleep(0)
            station.close()
            for _ in range(steps):
                await asyncio.sleep(0)
            was_there = waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled() is was_there
        hub.close()

    asyncio.run(story())
