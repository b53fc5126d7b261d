"""Pages for what leads nowhere."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from browsing import Surfer
from clockwork import Clockwork
from signing_in import Accounting, signed_in
from syncline_client import connect
from syncline_console.app import build_app
from syncline_console.people import Role

Visit = Callable[..., httpx.Response]
ORGANISATION = "/workspaces/acme/integrations/xero/organisation"


def heading(page: httpx.Response) -> str:
    """Return what a page says it is."""
    (found,) = BeautifulSoup(page.text, "html.parser").select("main h1")
    return found.get_text()


@pytest.mark.parametrize("path", ["/nothing", "/workspaces/acme/nothing", "/static/nothing.css"])
def test_unknown_address_is_said_to_be_one(visit: Visit, path: str) -> None:
    """The page says so in the look of the house, repeats nothing of the address, and leads home."""
    page = visit(path)

    assert (page.status_code, heading(page)) == (404, "There is no such page")
    assert '<a class="button" href="/">' in page.text
    assert "nothing" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", ORGANISATION, "GET, HEAD, POST"),
        ("GET", f"{ORGANISATION.rpartition('/')[0]}/connect", "POST"),
        ("POST", "/oauth/callback", "GET, HEAD"),
        ("GET", "/webhooks/xero", "POST"),
    ],
    ids=["page-and-form", "form", "callback", "webhook"],
)
def test_wrong_method_tells_the_right_ones(
    visit: Visit, method: str, path: str, allowed: str
) -> None:
    """``Allow`` names every method that the address takes, whichever route does."""
    page = visit(path, method)

    assert (page.status_code, page.headers["allow"]) == (405, allowed)
    assert heading(page) == "This page cannot be opened like that"


Post = Callable[[bytes | AsyncIterator[bytes]], httpx.Response]


@pytest.fixture(params=["/sign-in", ORGANISATION], ids=["stranger", "signed-in"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """Posts a form: the one that signs in, or one of somebody who is."""
    accounting = Accounting(tmp_path / "accounts.json")
    accounting.put("mia", Role.ADMIN)
    with connect("127.0.0.1:1") as nobody:
        complete, deliver = nobody.integrations.CompleteConnection, nobody.webhooks.DeliverWebhook
        app = build_app(nobody, complete, deliver, accounting.admission(Clockwork()))
        surfer = Surfer(app) if request.param == "/sign-in" else signed_in(app, "mia")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        yield lambda body: surfer.send("POST", request.param, content=body, headers=kind)


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "chunked"])
def test_form_that_is_too_long_is_not_read(post: Post, *, is_told: bool) -> None:
    """A megabyte is more than any page sends, whether its length is announced or not."""
    body = b"csrf=" + b"x" * 1_048_576
    reached_the_end = False

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal reached_the_end
        yield body
        yield body
        reached_the_end = True

    page = post(body if is_told else chunks())
    assert (page.status_code, heading(page)) == (413, "That was too much at once")
    assert not reached_the_end


def test_form_with_too_many_fields_is_refused(post: Post) -> None:
    """What no page sends changes nothing."""
    page = post(b"a=1&" * 3_000)

    assert (page.status_code, heading(page)) == (400, "That could not be read")


def test_our_own_mistake_is_told_by_a_number(
    server: Any, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    """The page and the log share an id; nothing of the exception is on the page."""
    server.failure = RuntimeError("s3cret")

    with caplog.at_level(logging.ERROR):
        page = visit("/oauth/callback?state=s&code=c", raises=False)
    assert (page.status_code, heading(page)) == (500, "Something went wrong on our side")
    assert "s3cret" not in page.text
    assert "RuntimeError" not in page.text
    (named,) = BeautifulSoup(page.text, "html.parser").select("code")
    assert named.get_text() in caplog.text
    assert "s3cret" not in caplog.text
