from dataclasses import replace

import httpx
import pytest

from scripted_modules import provider
from syncline_sdk import HostRefused
from syncline_sdk.hosts import (
    mistakes_in,
    origin_of,
    origins_of,
    refuse_undeclared,
    token_origins_of,
)

BOOKS = origins_of(replace(provider(), hosts=("files.books.example", "old.books.example:8443")))

ALLOWED = [
    "https://books.example/api/things?page=1",
    "https://books.example:443/",
    "HTTPS://BOOKS.EXAMPLE/",
    "https://files.books.example/",
    "https://old.books.example:8443/",
    "https://books。example/",  # IDNA maps the ideographic full stop before anything is resolved
    "https://books.example#@evil.example/",
    "https://books.example?@evil.example/",
]
REFUSED = [
    "http://books.example/",
    "https://books.example:8443/",
    "https://books.example:0/",
    "https://old.books.example/",
    "https://books.example./",
    "https://evil.example/",
    "https://sub.books.example/",
    "https://books.example.evil.example/",
    "https://evil.example/books.example/",
    "https://user:planted@books.example/",
    "https://books.example@evil.example/",
    "https://books.example:443@evil.example/",
    "https://books.example\\@evil.example/",
    "https://books.example%5C@evil.example/",
    "https://evil.example\\books.example/",
    "https://books.example%2eevil.example/",
    "https://books.example%00.evil.example/",
    "https://books.example,evil.example/",
    "https://books.example%20/",
    "https://bооks.example/",  # noqa: RUF001 - two Cyrillic letters
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/",
    "ftp://books.example/",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("url", ALLOWED)
def test_calls_to_declared_hosts_pass(url: str) -> None:
    """The API and the hosts beside it are called, however their address is written."""
    refuse_undeclared(httpx.Request("GET", url), BOOKS)


@pytest.mark.parametrize("url", REFUSED)
def test_calls_to_anything_else_are_refused(url: str) -> None:
    """The host a call would connect to is what counts, whatever else the address holds."""
    with pytest.raises(HostRefused) as caught:
        refuse_undeclared(httpx.Request("GET", url), BOOKS)

    assert caught.value.code == "HOST_NOT_DECLARED"


def test_refusal_names_the_host_and_nothing_behind_it() -> None:
    """No path, query or credential of the address reaches whoever reads of the refusal."""
    url = f"https://planted:planted@{'a.' * 120}example:99/planted?planted=planted#planted"

    with pytest.raises(HostRefused) as caught:
        refuse_undeclared(httpx.Request("GET", url), BOOKS)

    assert "https://a.a.a" in caught.value.message
    assert ":99" in caught.value.message
    assert "planted" not in caught.value.message + caught.value.action
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("GET", "https://books.example/", headers={"Host": "evil.example"}),
        httpx.Request("GET", "https://books.example/", headers={b"Host": "bücher".encode()}),
        httpx.Request(
            "GET",
            "https://books.example/",
            headers=[("Host", "books.example"), ("Host", "evil.example")],
        ),
        httpx.Request("GET", "https://books.example/", extensions={"sni_hostname": "evil.example"}),
        httpx.Request(
            "GET", "https://books.example/", extensions={"target": b"http://evil.example/"}
        ),
    ],
    ids=["host header", "no ascii", "two host headers", "name to verify", "target"],
)
def test_disguised_calls_are_refused(request_: httpx.Request) -> None:
    """A declared host is called by its own name, and verified by it."""
    with pytest.raises(HostRefused, match="another host's name"):
        refuse_undeclared(request_, BOOKS)


def test_work_and_tokens_have_their_own_hosts() -> None:
    """No module calls the token endpoint, and nothing calls the page people approve access on."""
    addresses = replace(
        provider().addresses,
        authorize="https://login.books.example/authorize",
        token="https://identity.books.example/token",
        revocation="https://identity.books.example:444/revoke",
    )
    books = replace(provider(), addresses=addresses)

    assert origins_of(books) == {("https", "books.example", 443)}
    assert token_origins_of(books) == {
        ("https", "identity.books.example", 443),
        ("https", "identity.books.example", 444),
    }


@pytest.mark.parametrize(
    "host",
    ["files.books.example", "xn--bcher-kva.example", "a.b", "files.example:8443", "1.example"],
)
def test_host_names_may_be_declared(host: str) -> None:
    """Plain names, international ones in the form they are resolved in, and other ports."""
    assert mistakes_in(replace(provider(), hosts=(host,))) == []
    assert origin_of(f"https://{host}")[1] == host.partition(":")[0]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "*.books.example",
        "Files.books.example",
        "files.books.example.",
        ".books.example",
        "files..example",
        "-files.example",
        "localhost",
        "127.0.0.1",
        "10.1",
        "[::1]",
        "::1",
        "bücher.example",
        "https://files.example",
        "files.example/path",
        "user@files.example",
        "files.example:",
        "files.example:0",
        "files.example:65536",
        "files.example:٣",
        "files.example\n",
        "a" * 64 + ".example",
        "a." * 126 + "example",
    ],
)
def test_what_is_no_host_name_is_a_mistake(host: str) -> None:
    """A wildcard, an address or a URL would let calls go where nobody meant them to."""
    (mistake,) = mistakes_in(replace(provider(), hosts=(host,)))

    assert mistake.startswith(f"host {host!r} must be a lower-case host name")


@pytest.mark.parametrize(
    "address",
    [
        "http://books.example/api/",
        "https://books.example",
        "https://10.0.0.1/api/",
        "https://user:pw@books.example/api/",
        "https://books.example/api/#part",
        "books.example/api/",
        "",
    ],
)
def test_addresses_are_https_and_named(address: str) -> None:
    """A provider that is not reached over TLS, by a name a certificate can prove, is a mistake."""
    wrong = replace(provider().addresses, api=address)

    (mistake,) = mistakes_in(replace(provider(), addresses=wrong))

    assert mistake == "address 'api' must be https://, a host name and a path"
