from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from starlette.responses import Response

from syncline_client import SynclineError
from syncline_client.errors import Explanation
from syncline_console.browser import LOCAL_NAME, SECURE_NAME, bind, new_secret

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
    ("host", "cookie", "told"),
    [
        ("https://books.example", f"{SECURE_NAME}=secret", "secret"),
        ("https://books.example", f"{LOCAL_NAME}=secret", ""),
        ("http://localhost:8080", f"{LOCAL_NAME}=secret", "secret"),
        ("http://127.0.0.1:8080", f"{LOCAL_NAME}=secret", "secret"),
        ("http://localhost.evil.example", f"{LOCAL_NAME}=secret", ""),
        ("http://localhost:8080", f"{SECURE_NAME}=mine; {LOCAL_NAME}=tossed", "mine"),
        ("https://books.example", f"{SECURE_NAME}={'x' * 201}", ""),
        ("https://books.example", "other=secret", ""),
    ],
)
def test_server_is_told_what_the_browser_holds(
    server: Any, visit: Visit, host: str, cookie: str, told: str
) -> None:
    """The cookie goes along; the name that siblings could set is believed on loopback only."""
    visit(host + CALLBACK, headers={"Cookie": cookie})

    (asked,) = server.asked
    assert asked.browser_binding == told


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
