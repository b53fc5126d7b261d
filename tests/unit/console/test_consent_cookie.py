from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from syncline_client import SynclineError
from syncline_client.errors import Explanation
from syncline_console.consent_cookie import LOCAL_NAME, SECURE_NAME, bind, bound_to, new_secret

Visit = Callable[..., httpx.Response]
CALLBACK = "/oauth/callback?state=s&code=c"


def consent_cookies(page: httpx.Response) -> list[str]:
    """Return what a page does to the cookie of the consent."""
    return [each for each in page.headers.get_list("set-cookie") if LOCAL_NAME in each]


def failing(reason: str) -> SynclineError:
    """Return a refusal as the client raises it."""
    code = grpc.StatusCode.FAILED_PRECONDITION
    return SynclineError(Explanation(code=code, message="", reason=reason, metadata={}))


@pytest.mark.parametrize(
    ("over_https", "cookie", "told"),
    [
        (True, f"{SECURE_NAME}=secret", "secret"),
        (True, f"{LOCAL_NAME}=secret", ""),
        (True, f"{LOCAL_NAME}=tossed; {SECURE_NAME}=mine", "mine"),
        (True, f"{SECURE_NAME}={'x' * 201}", ""),
        (True, "other=secret", ""),
        (False, f"{LOCAL_NAME}=secret", "secret"),
        (False, f"{SECURE_NAME}=secret", ""),
    ],
    ids=["own", "tossed", "both", "long", "other", "here", "here-secure"],
)
def test_browser_is_known_by_one_cookie(cookie: str, told: str, *, over_https: bool) -> None:
    """It is the one that was set; behind https never the name that siblings could set."""
    request = Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})

    assert bound_to(request, over_https=over_https) == told


@pytest.mark.parametrize(
    ("public_url", "name"),
    [("https://books.example", SECURE_NAME), ("http://localhost:8080", LOCAL_NAME)],
    ids=["https", "here"],
)
def test_consent_of_a_page_is_completed_for_nobody_else(
    server: Any, visit: Visit, public_url: str, name: str
) -> None:
    """With its cookie and nobody signed in, the server is not asked, and the cookie stays."""
    page = visit(CALLBACK, headers={"Cookie": f"{name}=secret"}, public_url=public_url)

    assert page.status_code == 403
    assert "Sign in again, then connect again." in page.text
    assert server.asked == []
    assert not consent_cookies(page)


def test_consent_of_the_api_is_completed_as_the_service(server: Any, visit: Visit) -> None:
    """Without a cookie it is none of our pages', and nobody is named."""
    visit(CALLBACK)

    assert server.asked[0].browser_binding == ""
    assert server.spoken_for == [()]


@pytest.mark.parametrize(
    ("over_https", "name", "flags"),
    [
        (True, SECURE_NAME, {"httponly", "max-age=600", "path=/", "samesite=lax", "secure"}),
        (False, LOCAL_NAME, {"httponly", "max-age=600", "path=/", "samesite=lax"}),
    ],
    ids=["https", "loopback"],
)
def test_cookie_is_bound_to_host_and_time(name: str, flags: set[str], *, over_https: bool) -> None:
    """Over https under the name that nobody else can set; no script reads it; 256 bits long."""
    page, secret = Response(), new_secret()
    bind(page, secret, over_https=over_https)

    first, *rest = page.headers["set-cookie"].split(";")
    assert first == f"{name}={secret}"
    assert {each.strip().lower() for each in rest} == flags
    assert len(secret) * 6 >= 256


@pytest.mark.parametrize("reason", ["", "STATE_USED", "CONSENT_DENIED", "ORGANISATION_TAKEN"])
def test_cookie_goes_when_its_consent_is_over(server: Any, visit: Visit, reason: str) -> None:
    """After the one return it was for, the browser is told to drop it."""
    server.failure = failing(reason) if reason else None

    dropped = consent_cookies(visit(CALLBACK))

    assert [each.partition("=")[0] for each in dropped] == [SECURE_NAME, LOCAL_NAME]
    assert all("Max-Age=0" in each and "Path=/" in each for each in dropped)
    assert "Secure" in dropped[0]


@pytest.mark.parametrize("reason", ["STATE_UNKNOWN", "DATABASE_UNAVAILABLE", "INTERNAL"])
def test_cookie_stays_for_the_return_it_is_for(server: Any, visit: Visit, reason: str) -> None:
    """Who sends somebody to the page with a state of their own does not take the cookie away."""
    server.failure = failing(reason)

    assert not consent_cookies(visit(CALLBACK))
    assert not consent_cookies(visit("/oauth/callback?state=forged"))


def test_issuer_is_handed_on(server: Any, visit: Visit) -> None:
    """What the redirect says about its sender is for the server to judge."""
    visit(f"{CALLBACK}&iss=https%3A%2F%2Fidentity.example")

    assert server.asked[0].issuer == "https://identity.example"


@pytest.mark.parametrize("query", ["state=s&state=t&code=c", "state=s&code=c&code=d"])
@pytest.mark.parametrize("more", ["", "&iss=a&iss=b", "&error=&error="])
def test_parameter_given_twice_calls_nobody(
    server: Any, visit: Visit, query: str, more: str
) -> None:
    """What two readers could read differently is read by none."""
    page = visit(f"/oauth/callback?{query}{more}")

    assert page.status_code == 400
    assert server.asked == []
