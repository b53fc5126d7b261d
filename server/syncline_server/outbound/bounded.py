"""Reads whole answers, and neither more nor longer than can be borne."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx

from syncline_sdk import RunFailed
from syncline_server.core.secrecy import WITHHELD

LARGEST_ANSWER: Final = 200 * 1024 * 1024
"""In bytes, after decompression."""
LONGEST_SECONDS: Final = 120.0
"""A timeout is about the pause between two pieces: an answer that drips keeps to it for ever."""

WIRE_BYTES: Final = "syncline.wire_bytes"
"""Where an answer carries the size of its body as it travelled."""

# They describe how the body travelled, not what it is.
_TRAVEL: Final = ("content-encoding", "content-length", "transfer-encoding")


# Asked for, and unpacked: whatever else an answer is packed in, it was not asked for.
_PACKINGS: Final = frozenset({"gzip", "deflate"})
_SLICE: Final = 4096
"""In bytes. A slice unpacks to about a thousand times that at most (RFC 1951), so an answer is
found too large before it fills the memory."""


class _Sliced(httpx.SyncByteStream):
    """A packed body in pieces small enough to be unpacked one by one."""

    def __init__(self, inner: httpx.SyncByteStream) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            for start in range(0, len(piece), _SLICE):
                yield piece[start : start + _SLICE]

    def close(self) -> None:
        self._inner.close()


class Bounded(httpx.BaseTransport):
    """Hands on answers that are read to their end, so that a broken body is a broken call.

    A refusal that repeats the credentials it refuses is handed on without them: its words end up in
    issues and errors.

    It does not close the transport it stands on: that outlives every client.

    :param inner: makes the calls.
    :param largest: how many bytes a body may have.
    :param longest: how many seconds a body may take once it has begun.
    :param clock: tells seconds that only grow.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        largest: int = LARGEST_ANSWER,
        *,
        longest: float = LONGEST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._largest = largest
        self._longest = longest
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call and read its answer.

        :raises RunFailed: the answer is too large, or packed as nobody asked for.
        :raises httpx.ReadTimeout: it took too long, piece by piece.
        """
        request.headers["Accept-Encoding"] = ", ".join(sorted(_PACKINGS, reverse=True))
        response = self._inner.handle_request(request)
        response.request = request
        try:
            _prepare(response)
            body = self._read(response)
        finally:
            response.close()
        headers = [pair for pair in response.headers.multi_items() if pair[0] not in _TRAVEL]
        if response.is_error:
            secret = _credentials(request)
            headers = [(name, value.replace(secret, WITHHELD)) for name, value in headers]
            body = body.replace(secret.encode(), WITHHELD.encode())
        return httpx.Response(
            response.status_code,
            headers=headers,
            stream=httpx.ByteStream(body),
            request=request,
            extensions={WIRE_BYTES: response.num_bytes_downloaded},
        )

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        end = self._clock() + self._longest
        for chunk in response.iter_bytes():
            body += chunk
            if self._clock() > end:
                raise httpx.ReadTimeout("the answer drips", request=response.request)
            if len(body) > self._largest:
                raise RunFailed(
                    "ANSWER_TOO_LARGE",
                    "The provider's answer is larger than Syncline takes.",
                    action="Read less at a time; if this is not yours to choose, report it.",
                )
        return bytes(body)


def _credentials(request: httpx.Request) -> str:
    """Return what a request was authorised with; a text that is in no answer where it was not."""
    _, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials or "\0"


def _prepare(response: httpx.Response) -> None:
    """Have the answer unpacked in small pieces.

    :raises RunFailed: it is packed in another way, or twice, and could unpack to anything.
    """
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing in {"", "identity"}:
        return
    if packing not in _PACKINGS:
        raise RunFailed(
            "ANSWER_UNREADABLE",
            "The provider's answer is compressed in a way that was not asked for.",
            action="Try again later; if it stays so, report it.",
        )
    if isinstance(response.stream, httpx.SyncByteStream):
        response.stream = _Sliced(response.stream)
