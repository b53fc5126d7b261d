import threading
from concurrent.futures import ThreadPoolExecutor

import httpcore
import httpx
import pytest

from syncline_sdk import HostRefused
from syncline_server.outbound.bounded import Bounded
from syncline_server.outbound.network import Network, Within

PUBLIC = ["9.9.9.9"]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"


def at_home(_host: str, _port: int) -> list[str]:
    """Return the address of whatever host."""
    return PUBLIC


class Time:
    """Seconds that pass with each operation on the network."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


class Dripping(httpcore.NetworkStream):
    """An answer a byte at a time, each byte well before any timeout of httpx."""

    def __init__(self, answer: bytes, time: Time) -> None:
        self._answer = answer
        self._time = time
        self.closed = False

    def read(self, _max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next byte, three seconds later, or time out."""
        if timeout is not None and timeout < 3:
            self._time.now += timeout
            raise httpcore.ReadTimeout
        self._time.now += 3
        byte, self._answer = self._answer[:1], self._answer[1:]
        return byte

    def write(self, _buffer: bytes, timeout: float | None = None) -> None:
        """Take everything."""

    def close(self) -> None:
        """Remember that nobody listens any more."""
        self.closed = True


class Backend(httpcore.NetworkBackend):
    """Opens one connection."""

    def __init__(self, stream: Dripping) -> None:
        self._stream = stream

    def connect_tcp(self, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Return it."""
        return self._stream


class Together(httpcore.NetworkStream):
    """An answer that comes once as many as the barrier wants wait for theirs."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self._barrier = barrier
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def read(self, _max_bytes: int, timeout: float | None = None) -> bytes:
        """Return it whole, then nothing."""
        self._barrier.wait(timeout)
        return self._answer

    def write(self, _buffer: bytes, timeout: float | None = None) -> None:
        """Take everything."""

    def close(self) -> None:
        """Close nothing."""


class Meeting(httpcore.NetworkBackend):
    """Opens as many connections as are asked for."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self._barrier = barrier

    def connect_tcp(self, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Return another one."""
        return Together(self._barrier)


def test_no_call_waits_for_a_connection() -> None:
    """Twenty calls are under way at once, each on one of its own."""
    network = Network(Meeting(threading.Barrier(20)), resolve=at_home)
    timeout = httpx.Timeout(60.0, pool=0.1)
    with httpx.Client(transport=network, timeout=timeout) as http, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(http.get, ["http://books/things"] * 20))

    assert [answer.status_code for answer in answers] == [200] * 20


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"X: " + b"y" * 999,
        b"HTTP/1.1 102 Processing\r\n\r\n" * 99,
        HEAD + b"\r\n" + b"z" * 20,
    ],
    ids=["headers", "answers that are none", "body"],
)
def test_dripping_answer_is_cut_off(answer: bytes) -> None:
    """A call ends when its time as a whole is over, and its connection with it."""
    time = Time()
    stream = Dripping(answer, time)
    whole = Within(Bounded(Network(Backend(stream), time, resolve=at_home)), 15, time)

    with httpx.Client(transport=whole, timeout=10) as http, pytest.raises(httpx.TimeoutException):
        http.get("http://slow.example/")

    assert time.now == 15
    assert stream.closed


def test_whole_answer_in_time_comes_through() -> None:
    """What is there before its time is over is an answer like any other."""
    time = Time()
    whole = Within(
        Bounded(
            Network(Backend(Dripping(HEAD + b"\r\n" + b"z" * 20, time)), time, resolve=at_home)
        ),
        999,
        time,
    )

    with httpx.Client(transport=whole, timeout=10) as http:
        assert http.get("http://slow.example/").content == b"z" * 20


def test_other_calls_keep_their_own_timeouts() -> None:
    """Without a limit on the whole an answer may take as long as it keeps coming."""
    time = Time()
    network = Network(Backend(Dripping(HEAD + b"\r\n" + b"z" * 20, time)), time, resolve=at_home)

    with httpx.Client(transport=network, timeout=10) as http:
        assert http.get("http://slow.example/").content == b"z" * 20
    assert time.now > 60


class Refusing(httpcore.NetworkBackend):
    """Reaches one address and no other; remembers all that were tried."""

    def __init__(self, reached: str) -> None:
        self._reached = reached
        self.tried: list[str] = []

    def connect_tcp(self, host: str, *_args: object, **_kwargs: object) -> httpcore.NetworkStream:
        """Connect to it."""
        self.tried.append(host)
        if host != self._reached:
            raise httpcore.ConnectError("refused")
        return Dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Time())


def test_addresses_are_tried_in_turn() -> None:
    """A host one of whose addresses is dead is reached at another; those inside are not tried."""
    backend = Refusing("1.1.1.1")
    network = Network(backend, resolve=lambda _host, _port: ["9.9.9.9", "10.0.0.1", "1.1.1.1"])

    with httpx.Client(transport=network) as http:
        assert http.get("http://books.example/").status_code == 200
    assert backend.tried == ["9.9.9.9", "1.1.1.1"]


@pytest.mark.parametrize("addresses", [["9.9.9.9"], []], ids=["dead", "none"])
def test_host_that_cannot_be_reached_is_a_broken_connection(addresses: list[str]) -> None:
    """Nothing left, and whoever called may try again."""
    network = Network(Refusing(""), resolve=lambda _host, _port: addresses)

    with httpx.Client(transport=network) as http, pytest.raises(httpx.ConnectError):
        http.get("http://books.example/")


def test_unknown_host_is_a_broken_connection() -> None:
    """A name server that does not know a host, or does not answer, is met every day."""

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    network = Network(Refusing(""), resolve=unknown)
    with httpx.Client(transport=network) as http, pytest.raises(httpx.ConnectError):
        http.get("http://books.example/")


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1"])
def test_public_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    """Whoever rules a provider's name cannot point it at this machine or this network."""
    backend = Refusing(address)
    network = Network(backend, resolve=lambda _host, _port: [address])

    with httpx.Client(transport=network) as http, pytest.raises(HostRefused) as caught:
        http.get("https://books.example/planted?planted")

    assert caught.value.code == "HOST_NOT_PUBLIC"
    assert "planted" not in caught.value.message + caught.value.action
    assert backend.tried == []


def test_network_is_usable_after_a_refusal() -> None:
    """A refused call holds no place in the pool."""
    addresses = iter([["127.0.0.1"], ["9.9.9.9"]])
    network = Network(Refusing("9.9.9.9"), resolve=lambda _host, _port: next(addresses))

    with httpx.Client(transport=network) as http:
        with pytest.raises(HostRefused):
            http.get("http://books.example/")
        assert isinstance(network._pool, httpcore.ConnectionPool)
        assert network._pool.connections == []
        assert http.get("http://books.example/").status_code == 200
