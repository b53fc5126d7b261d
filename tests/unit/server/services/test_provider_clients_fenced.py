from dataclasses import replace

import httpcore
import httpx
import pytest

from connect_bench import ACME, Bench
from ledger import ledger_provider
from syncline_sdk import HostRefused, Limits
from syncline_server.outbound.network import Network
from syncline_server.services.provider_clients import Manner
from syncline_server.storage.database import Database

LIFE = 1800


@pytest.fixture
def bench(database: Database) -> Bench:
    """One server process with a connected workspace, allowed five calls a minute."""
    bench = Bench(database, provider=ledger_provider(Limits(per_minute=5, concurrent=2)))
    bench.connect()
    bench.ledger.calls.clear()
    return bench


@pytest.mark.parametrize("url", ["https://evil.example/planted", "http://ledger.example/api/"])
def test_call_to_somewhere_else_takes_nothing(bench: Bench, url: str) -> None:
    """It is refused before a token, a place in the budget or a write's announcement is taken."""
    announced: list[str] = []
    manner = Manner(before_write=lambda: announced.append("write"))
    bench.clock.advance(seconds=2 * LIFE)

    with bench.clients.for_connection(ACME, 1, manner=manner) as http:
        for _ in range(10):
            with pytest.raises(HostRefused):
                http.post(url)

    assert announced == []
    assert bench.ledger.calls == []
    assert bench.clock.waits == []


def test_hooks_call_their_provider_only(bench: Bench) -> None:
    """What lists organisations and gives access back is fenced in as runs are."""
    with bench.clients.for_hooks(bench.provider, lambda _: "token") as http:
        for url in ("https://evil.example/", bench.provider.addresses.token.replace("s:", ":")):
            with pytest.raises(HostRefused):
                http.get(url)

    assert bench.ledger.calls == []


def test_hosts_beside_the_api_are_called_without_a_token(database: Database) -> None:
    """A file on a host of its own is read with the organisation's headers and no access."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.host != "files.ledger.example":
            return None
        seen.append(request)
        return httpx.Response(200)

    bench = Bench(database, provider=replace(ledger_provider(), hosts=("files.ledger.example",)))
    bench.connect()
    bench.ledger.intercept = answer

    with bench.client() as http:
        assert http.get("https://files.ledger.example/7").status_code == 200

    assert ["Authorization" in request.headers for request in seen] == [False]


class Seconds:
    """Seconds that pass when a call is under way."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


class Dripping(httpcore.NetworkStream):
    """Headers without end, a byte every ten seconds."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds

    def read(self, _max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next byte, or time out."""
        passed = min(10.0, 10.0 if timeout is None else timeout)
        self._seconds.now += passed
        if passed < 10:
            raise httpcore.ReadTimeout
        return b"H"

    def write(self, _buffer: bytes, timeout: float | None = None) -> None:
        """Take everything."""

    def start_tls(self, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Need no secrecy."""
        return self

    def close(self) -> None:
        """Close nothing."""


class Line(httpcore.NetworkBackend):
    """Opens such connections."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds

    def connect_tcp(self, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Open one."""
        return Dripping(self._seconds)


@pytest.mark.parametrize(("hooks", "tries", "seconds"), [(False, 1, 144), (True, 2, 44)])
def test_headers_without_end_end(bench: Bench, *, hooks: bool, tries: int, seconds: float) -> None:
    """No call of a run or a hook hangs on an answer that never comes to its body."""
    passed = Seconds()
    network = Network(Line(passed), passed, resolve=lambda _host, _port: ["9.9.9.9"])
    clients = replace(bench.clients, transport=network, tick=passed)
    with (
        clients.for_hooks(bench.provider, lambda _: "token")
        if hooks
        else clients.for_connection(ACME, 1)
    ) as http:
        method = "GET" if hooks else "PUT"
        with pytest.raises(httpx.ReadTimeout):
            http.request(method, "things")

    assert passed.now == tries * seconds
