"""Pages for what leads nowhere."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

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


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "chunked"])
def test_form_that_is_too_long_is_not_read(visit: Visit, *, is_told: bool) -> None:
    """A megabyte is more than any page sends, whether its length is announced or not."""
    body = b"csrf=" + b"x" * 1_048_576

    async def chunks() -> Any:
        yield body

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    page = visit(ORGANISATION, "POST", content=body if is_told else chunks(), headers=kind)
    assert (page.status_code, heading(page)) == (413, "That was too much at once")


def test_form_with_too_many_fields_is_refused(visit: Visit) -> None:
    """What no page sends changes nothing."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    page = visit(ORGANISATION, "POST", content=b"a=1&" * 3_000, headers=kind)

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
