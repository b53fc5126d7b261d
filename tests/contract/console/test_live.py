"""Open pages: what they hear, and when they hear no more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import grpc
import pytest
from starlette.applications import Starlette

from browsing import Surfer
from databases import SqliteTemplate
from fake_provider import FAKE
from open_page import Serving, Told, open_page
from syncline_client import Client, Unavailable
from syncline_client.errors import Explanation
from syncline_server.storage.database import Database
from wiring import ACME, Served, Wired, served

AWAY = Explanation(code=grpc.StatusCode.UNAVAILABLE, message="Away.", reason="", metadata={})
PAGES = f"/workspaces/acme/integrations/{FAKE}"


@pytest.fixture
def database_url(sqlite_template: SqliteTemplate, tmp_path: Path) -> str:
    """Which database the server has makes no difference here."""
    return sqlite_template.url(tmp_path)


@pytest.fixture
def serving(console: Starlette, client: Client) -> Iterator[Serving]:
    """The console over HTTP."""
    running = Serving(console, client)
    yield running
    running.stop()


class Silent:
    """A part of the API that answers no call, and remembers which were made."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, method: str) -> Callable[..., NoReturn]:
        def call(*_request: object, **_how: object) -> NoReturn:
            self.asked.append(method)
            raise Unavailable(AWAY)

        return call


def mentions(words: str) -> Callable[[Told], bool]:
    """Return what tells whether an event mentions these words."""
    return lambda told: words in str(told[1])


def test_change_arrives(server: Served, serving: Serving, surfer: Surfer) -> None:
    """A page hears the time and its parts at once, and what somebody changes without asking."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        first = page.until(lambda told: told[0] == "part")
        assert [kind for kind, _ in first] == ["clock", "part"]
        server.wired.connect(organisation="kauri")
        found = page.until(mentions("Connected to"))
        assert ("say", "Connected to Kauri") in found
        assert any(kind == "part" and "Kauri" in html for kind, html in found)


def test_answer_is_kept_and_gathered_by_nobody(serving: Serving, surfer: Surfer) -> None:
    """Neither a cache nor a proxy may hold events back."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        assert page.headers["content-type"].startswith("text/event-stream")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-accel-buffering"] == "no"
        assert "content-length" not in page.headers


def test_second_tab_hears_the_same_from_the_same_watch(
    server: Served, console: Starlette, serving: Serving, surfer: Surfer
) -> None:
    """Two pages of a connection are told the same, by one watch of the server."""
    with (
        open_page(surfer, serving.address, PAGES, "connection") as one,
        open_page(surfer, serving.address, PAGES, "connection") as two,
    ):
        for page in (one, two):
            page.until(lambda told: told[0] == "part")
        server.wired.connect(organisation="kauri")
        for page in (one, two):
            page.until(mentions("Connected to Kauri"))
        assert (console.state.hub.watched, console.state.hub.pages) == (1, 2)


def test_changes_come_in_their_order(server: Served, serving: Serving, surfer: Surfer) -> None:
    """However many changes are told as one, the last one is told last."""
    names = [f"Orchard{number}" for number in range(20)]
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        for name in names:
            server.wired.connect(organisation=name.lower())
        found = page.until(mentions(f"Connected to {names[-1]}"))
        parts = [html for kind, html in found if kind == "part"]
        told = [next((n for n in names if f">{n}<" in html), "") for html in parts]
        assert told == sorted(told, key=names.index)


def test_watched_connection_is_not_asked_for_again(
    server: Served, client: Client, serving: Serving, surfer: Surfer
) -> None:
    """While a page is open, others are shown it as it is watched: only the calls left are asked."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        server.wired.connect(organisation="kauri")
        page.until(mentions("Kauri"))
        client.integrations = silent = Silent()
        assert "Kauri" in surfer.open(PAGES).text
        assert set(silent.asked) <= {"GetConnection"}


def test_server_that_does_not_answer_is_believed_no_longer(
    server: Served, client: Client, serving: Serving, console: Starlette, surfer: Surfer
) -> None:
    """A page that asks in vain has the next ones ask, too, though the watch has not noticed yet."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        server.wired.connect(organisation="kauri")
        page.until(mentions("Kauri"))
        client.runs = Silent()
        assert surfer.open(f"{PAGES}/runs").status == 503
        assert console.state.hub.fresh(str(ACME)) is None


@pytest.mark.parametrize(
    "name", ["x\n\nevent: over\ndata: 1", "x\ry", "<script>x</script>"], ids=["lines", "cr", "tag"]
)
def test_hostile_name_stays_a_name(
    server: Served, serving: Serving, name: str, surfer: Surfer
) -> None:
    """A name with line breaks or markup neither ends its event nor becomes markup."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        server.wired.connect(organisation=name)
        found = page.until(mentions("Connected to"))
        assert {kind for kind, _ in found} <= {"part", "say", "clock"}
        assert "<script" not in "".join(html for kind, html in found if kind == "part").lower()


def test_killed_server_is_told_and_heals(
    database: Database, server: Served, serving: Serving, surfer: Surfer
) -> None:
    """Pages hear that the server is lost and, once it is there again, how things stand by then."""
    with open_page(surfer, serving.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        server.kill()
        page.until(lambda told: told[0] == "lost")
        after = Wired(database)
        after.connect(organisation="kauri")
        with served(after, port=server.port):
            found = page.until(lambda told: told[0] == "part")
        assert "Kauri" in found[-1][1]
        assert [kind for kind, _ in found if kind != "clock"] == ["well", "part"]


def test_stopping_console_ends_open_pages(
    console: Starlette, client: Client, surfer: Surfer
) -> None:
    """A console stops although pages are open; their streams end in order."""
    running = Serving(console, client)
    with open_page(surfer, running.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        running.stop()
        assert [kind for kind, _ in page if kind != "clock"] == []
