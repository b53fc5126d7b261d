"""The address by which people reach the console."""

from collections.abc import Callable

import httpx
import pytest

from syncline_console.public_address import is_from, is_here, mistake_in

Visit = Callable[..., httpx.Response]
PAGE = "/workspaces/acme/nothing"


@pytest.mark.parametrize(
    "url",
    [
        "https://books.example",
        "https://books.example:8443",
        "http://localhost:80",
        "http://[::1]:1",
    ],
)
def test_address_that_is_right_has_no_mistake(url: str) -> None:
    """Https anywhere, and plain http on this machine."""
    assert mistake_in(url) == ""


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://books.example", "plain http is for localhost only"),
        ("books.example", "https://"),
        ("ftp://books.example", "https://"),
        ("https://", "https://"),
        ("https://books.example/console", "without a path"),
        ("https://books.example?x", "without a path"),
        ("https://mia@books.example", "without a path"),
        ("https://books.example:99999", "is not an address"),
        ("https://[books", "is not an address"),
    ],
)
def test_address_that_would_not_work_is_named(url: str, told: str) -> None:
    """Cookies would be lost, or travel in the clear, or the provider would refuse it."""
    assert told in mistake_in(url)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080"])
def test_other_names_of_this_machine_lead_home(visit: Visit, host: str) -> None:
    """Whoever opens the console by number goes on under the name that keeps the cookies."""
    page = visit(f"http://{host}{PAGE}%3F?a=%2F&b=c")

    assert page.status_code == 307
    assert page.headers["location"] == f"http://localhost:8080{PAGE}%3F?a=%2F&b=c"


@pytest.mark.parametrize(
    ("url", "method", "public"),
    [
        (f"http://localhost:9090{PAGE}", "GET", "http://localhost:8080"),
        (f"http://127.0.0.1:8080{PAGE}", "GET", "https://books.example"),
        (f"http://proxied.example{PAGE}", "GET", "http://localhost:8080"),
        (f"http://127.0.0.1:8080{PAGE}", "POST", "http://localhost:8080"),
        ("http://127.0.0.1:8080/oauth/callback", "GET", "http://localhost:8080"),
        ("http://127.0.0.1:8080/healthz", "GET", "http://localhost:8080"),
        ("http://127.0.0.1:8080/static/css/base.css", "GET", "http://localhost:8080"),
    ],
    ids=["same-host", "behind-a-proxy", "unknown", "form", "callback", "health", "static"],
)
def test_nobody_else_is_led(visit: Visit, url: str, method: str, public: str) -> None:
    """A proxy may call us by any name: leading its people would go round in circles."""
    assert "location" not in visit(url, method, public_url=public).headers


@pytest.mark.parametrize(
    ("origin", "public", "own"),
    [
        ("https://books.example", "https://books.example", True),
        ("https://books.example", "https://Books.example:443", True),
        ("http://localhost:8080", "http://localhost:8080", True),
        ("http://books.example", "https://books.example", False),
        ("https://books.example:8443", "https://books.example", False),
        ("https://evil.example", "https://books.example", False),
        ("https://books.example.evil.example", "https://books.example", False),
        ("null", "https://books.example", False),
        ("https://[books", "https://books.example", False),
        ("https://books.example:x", "https://books.example", False),
    ],
)
def test_own_origin_is_the_public_address(origin: str, public: str, *, own: bool) -> None:
    """Scheme, host and port have to be the same; browsers leave out the usual port."""
    assert is_from(origin, public) is own


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost.evil.example", False),
        ("192.0.2.7", False),
        ("", False),
    ],
)
def test_this_machine_is_known(host: str, *, here: bool) -> None:
    """By its name, or by any number that never leaves it."""
    assert is_here(host) is here
