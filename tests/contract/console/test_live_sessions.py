"""Open pages end with the right to look."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from clockwork import Clockwork
from databases import SqliteTemplate
from fake_provider import FAKE
from open_page import Serving, open_page
from signing_in import Accounting, SignedIn
from syncline_client import Client
from syncline_console.people import Role

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


def test_session_that_ends_ends_its_pages(
    serving: Serving, signed_in: SignedIn, session_clock: Clockwork
) -> None:
    """A page hears that it is over once the session's time is up."""
    with open_page(signed_in(Role.VIEWER, "acme"), serving.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        session_clock.advance(seconds=9 * 3600)
        assert page.until(lambda told: told[0] == "over")


def test_account_that_is_removed_ends_its_pages(
    serving: Serving, signed_in: SignedIn, accounting: Accounting
) -> None:
    """A page hears that it is over once somebody's account is gone."""
    with open_page(signed_in(Role.VIEWER, "acme"), serving.address, PAGES, "connection") as page:
        page.until(lambda told: told[0] == "part")
        accounting.put("person1", Role.VIEWER, "globex")
        assert page.until(lambda told: told[0] == "over")


def test_viewer_is_sent_no_buttons(serving: Serving, signed_in: SignedIn) -> None:
    """What may not be done is not offered in a live part either."""
    with open_page(signed_in(Role.VIEWER, "acme"), serving.address, PAGES, "toggles") as page:
        html = page.until(lambda told: told[0] == "part")[-1][1]
        assert "<button" not in html


def test_stranger_to_the_workspace_hears_nothing(serving: Serving, signed_in: SignedIn) -> None:
    """Who has no role there gets a page that says so, and no stream."""
    with open_page(signed_in(Role.ADMIN, "globex"), serving.address, PAGES, "toggles") as page:
        assert page.headers["content-type"].startswith("text/html")
