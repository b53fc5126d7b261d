"""Reads whole answers, and no more than can be held."""

from typing import Final

import httpx

from syncline_sdk import RunFailed

LARGEST_ANSWER: Final = 200 * 1024 * 1024
"""In bytes, after decompression."""

WIRE_BYTES: Final = "syncline.wire_bytes"
"""Where an answer carries the size of its body as it travelled."""

# They describe how the body travelled, not what it is.
_TRAVEL: Final = ("content-encoding", "content-length", "transfer-encoding")


class Bounded(httpx.BaseTransport):
    """Hands on answers that are read to their end, so that a broken body is a broken call.

    It does not close the transport it stands on: that outlives every client.

    :param inner: makes the calls.
    :param largest: how many bytes a body may have.
    """

    def __init__(self, inner: httpx.BaseTransport, largest: int = LARGEST_ANSWER) -> None:
        self._inner = inner
        self._largest = largest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call and read its answer.

        :raises RunFailed: the answer is too large.
        """
        response = self._inner.handle_request(request)
        response.request = request
        try:
            body = self._read(response)
        finally:
            response.close()
        headers = [pair for pair in response.headers.multi_items() if pair[0] not in _TRAVEL]
        return httpx.Response(
            response.status_code,
            headers=headers,
            stream=httpx.ByteStream(body),
            request=request,
            extensions={WIRE_BYTES: response.num_bytes_downloaded},
        )

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._largest:
                raise RunFailed(
                    "ANSWER_TOO_LARGE",
                    "The provider's answer is larger than Syncline takes.",
                    action="Read less at a time; if this is not yours to choose, report it.",
                )
        return bytes(body)
