from dataclasses import replace

import httpcore
import httpx
import pytest

from scripted_modules import provider
from syncline_sdk import HostRefused
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.graph import Graph
from syncline_server.core.relocation import moved
from syncline_server.outbound.fence import around_named, around_tokens, around_work
from syncline_server.outbound.network import Network

OWN = ProviderCatalogue(
    provider=replace(provider(), hosts=("files.books.example",)), nodes={}, graph=Graph({})
)


class Dead(httpcore.NetworkBackend):
    """Reaches nothing; remembers what was tried."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def connect_tcp(self, host: str, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Fail."""
        self.tried.append(host)
        raise httpcore.ConnectError("dead")


class Names:
    """A name server that leads every name to one address, and remembers what it was asked."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        """Return the address."""
        self.asked.append(host)
        return [self._address]


def answering(*answers: httpx.Response) -> tuple[httpx.MockTransport, list[str]]:
    """Return a provider that gives these answers, and where the addresses it was called at go."""
    called: list[str] = []
    waiting = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(str(request.url))
        return next(waiting)

    return httpx.MockTransport(answer), called


def test_refused_call_asks_no_name_server() -> None:
    """Nothing of it leaves, not even the name."""
    names, backend = Names("9.9.9.9"), Dead()
    fence = around_work(Network(backend, resolve=names), OWN)

    with httpx.Client(transport=fence) as http, pytest.raises(HostRefused):
        http.get("https://secret.evil.example/")

    assert (names.asked, backend.tried) == ([], [])


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "http://books.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://books.example:8443/",
        "//evil.example/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fence_holds_for_each_redirect(status: int, location: str) -> None:
    """A client that follows redirects is stopped at the first that leads outside."""
    transport, called = answering(
        httpx.Response(status, headers={"Location": "https://files.books.example/"}),
        httpx.Response(status, headers={"Location": location}),
    )
    fence = around_work(transport, OWN)

    with (
        httpx.Client(transport=fence, follow_redirects=True) as http,
        pytest.raises(HostRefused),
    ):
        http.get("https://books.example/api/")

    assert called == ["https://books.example/api/", "https://files.books.example/"]


@pytest.mark.parametrize(
    ("base_url", "address", "code"),
    [
        ("", "10.0.0.1", "HOST_NOT_PUBLIC"),
        ("", "127.0.0.1", "HOST_NOT_PUBLIC"),
        ("http://localhost:8091", "10.0.0.1", "HOST_NOT_PUBLIC"),
        ("", "9.9.9.9", ""),
        ("http://localhost:8091", "127.0.0.1", ""),
        ("https://gateway.internal", "10.0.0.1", ""),
    ],
)
def test_operators_may_name_what_is_inside_and_plugins_may_not(
    base_url: str, address: str, code: str
) -> None:
    """An explicit base URL is reached wherever it is; a declared host only in public."""
    installed, backend = moved(OWN, base_url) if base_url else OWN, Dead()
    network = Network(backend, resolve=Names(address))

    for fence, url in (
        (around_work(network, installed), installed.provider.addresses.api),
        (around_tokens(network, installed), installed.provider.addresses.token),
    ):
        backend.tried.clear()
        with httpx.Client(transport=fence) as http:
            expected = HostRefused if code else httpx.ConnectError
            with pytest.raises(expected) as caught:
                http.get(url)
        assert getattr(caught.value, "code", "") == code
        assert backend.tried == ([] if code else [address])


@pytest.mark.parametrize("url", ["https://books.example/api/", "https://files.books.example/"])
def test_moved_provider_is_left_alone_where_it_was(url: str) -> None:
    """Whoever runs against a simulator never calls the real one, nor a host beside it."""
    transport, called = answering()

    fence = around_work(transport, moved(OWN, "http://127.0.0.1:8091"))
    with httpx.Client(transport=fence) as http, pytest.raises(HostRefused):
        http.get(url)

    assert called == []


def test_tokens_are_asked_for_where_they_are_given_out_only() -> None:
    """Neither the API nor a host beside it is ever shown the client's secret."""
    transport, called = answering(httpx.Response(200))
    identity = replace(
        OWN.provider.addresses,
        token="https://identity.example/token",
        revocation="https://identity.example/revoke",
    )
    installed = replace(OWN, provider=replace(OWN.provider, addresses=identity))

    with httpx.Client(transport=around_tokens(transport, installed)) as http:
        http.post("https://identity.example/token")
        for url in ("https://books.example/api/", "https://files.books.example/"):
            with pytest.raises(HostRefused):
                http.post(url)

    assert called == ["https://identity.example/token"]


def test_address_of_an_operator_is_fenced_in_too() -> None:
    """What an operator names outside of any provider may be inside, and nothing else is called."""
    backend = Dead()
    network = Network(backend, resolve=Names("10.0.0.1"))

    with httpx.Client(transport=around_named(network, "https://issuer.internal/keys")) as http:
        with pytest.raises(httpx.ConnectError):
            http.get("https://issuer.internal/other")
        with pytest.raises(HostRefused):
            http.get("https://elsewhere.internal/keys")

    assert backend.tried == ["10.0.0.1"]
