import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import httpx
import pytest

from syncline_sdk import RunFailed
from syncline_server.outbound.bounded import Bounded


def client(response: httpx.Response, largest: int = 100) -> httpx.Client:
    """Return a client that takes so many bytes and gets this answer."""
    return httpx.Client(transport=Bounded(httpx.MockTransport(lambda _: response), largest))


class Broken(httpx.SyncByteStream):
    """A body that ends in the middle."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("gone")

    def close(self) -> None:
        """Note that nothing is left open."""
        self.closed = True


def test_answer_is_handed_on() -> None:
    """Status, headers and body arrive as they were sent."""
    answer = client(httpx.Response(203, headers={"Limit": "4"}, json={"a": 1})).get("http://x/")

    assert (answer.status_code, answer.headers["Limit"], answer.json()) == (203, "4", {"a": 1})


def test_compressed_answer_is_read() -> None:
    """A body is handed on decompressed, once."""
    body = httpx.ByteStream(gzip.compress(b"plain"))
    sent = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=body)

    assert client(sent).get("http://x/").content == b"plain"


@pytest.mark.parametrize("size", [100, 101])
def test_size_is_bounded(size: int) -> None:
    """As many bytes as allowed are taken, and not one more."""
    http = client(httpx.Response(200, content=b"x" * size))

    if size == 100:
        assert len(http.get("http://x/").content) == 100
    else:
        with pytest.raises(RunFailed) as caught:
            http.get("http://x/")
        assert caught.value.code == "ANSWER_TOO_LARGE"


def test_size_counts_after_decompression() -> None:
    """A small body that unpacks to a large one is refused."""
    body = httpx.ByteStream(gzip.compress(b"x" * 10_000))
    sent = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=body)

    with pytest.raises(RunFailed):
        client(sent).get("http://x/")


class Whole(httpx.SyncByteStream):
    """A body in one piece."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """Note that nothing is left open."""
        self.closed = True


@pytest.mark.parametrize("packing", ["gzip", "deflate", "GZIP"])
def test_bomb_is_found_before_it_fills_the_memory(packing: str) -> None:
    """Of a body that unpacks to a thousand times its size only the first slices are unpacked."""
    pack = zlib.compress if packing == "deflate" else gzip.compress
    body = Whole(pack(bytes(64 * 1024 * 1024)))
    sent = httpx.Response(200, headers={"Content-Encoding": packing}, stream=body)
    http = client(sent, largest=1024 * 1024)

    tracemalloc.start()
    with pytest.raises(RunFailed) as caught:
        http.get("http://x/")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert caught.value.code == "ANSWER_TOO_LARGE"
    assert peak < 24 * 1024 * 1024
    assert body.closed


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "compress", "gzip,br"])
def test_packing_that_was_not_asked_for_is_refused(packing: str) -> None:
    """What is packed twice, or by what packs far more tightly, is not unpacked at all."""
    body = Whole(b"x")
    sent = httpx.Response(200, headers={"Content-Encoding": packing}, stream=body)

    with pytest.raises(RunFailed) as caught:
        client(sent).get("http://x/")

    assert caught.value.code == "ANSWER_UNREADABLE"
    assert body.closed


def test_only_what_is_unpacked_is_asked_for() -> None:
    """Whatever else is installed, a provider is told of the two packings that are read."""
    sent = client(httpx.Response(200)).get("http://x/", headers={"Accept-Encoding": "br"}).request

    assert sent.headers["Accept-Encoding"] == "gzip, deflate"


def test_broken_body_is_a_broken_call() -> None:
    """A body that breaks off fails the call itself, so that a read can be repeated."""
    body = Broken()

    with pytest.raises(httpx.ReadError):
        Bounded(httpx.MockTransport(lambda _: httpx.Response(200, stream=body))).handle_request(
            httpx.Request("GET", "http://x/")
        )

    assert body.closed


def test_time_is_bounded() -> None:
    """An answer whose every piece comes in time is given up when all of it takes too long."""
    seconds = iter(range(0, 1000, 10))

    def drops() -> Iterator[bytes]:
        yield from [b"x"] * 50

    response = httpx.Response(200, content=drops())
    transport = Bounded(
        httpx.MockTransport(lambda _: response), longest=45, clock=lambda: next(seconds)
    )

    with pytest.raises(httpx.ReadTimeout), httpx.Client(transport=transport) as http:
        http.get("http://x/")

    assert next(seconds) == 60


@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_refusal_does_not_repeat_the_credentials(status: int) -> None:
    """Neither its body nor its headers hold what it was asked with; the rest is as it was."""
    refusal = httpx.Response(status, headers={"Why": "planted"}, text="Token planted is no good.")

    answer = client(refusal).get("http://x/", headers={"Authorization": "Bearer planted"})

    assert answer.headers["Why"] == "[withheld]"
    assert answer.text == "Token [withheld] is no good."


def test_a_refusal_without_credentials_is_as_it_was() -> None:
    """Where nothing was shown, nothing is taken out."""
    assert client(httpx.Response(400, text="no")).get("http://x/").text == "no"
