"""Bytes for an HTTP server: requests with something odd in them, and the judgement on answers."""

import re
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Draw = Any
_PATIENCE: Final = 60.0
"""Seconds after which a connection counts as hanging, on a machine however busy."""
_UNASKED: Final = 0.3
"""Seconds without a byte after which no more of the request is sent."""
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2}) ")
_METHODS = ("GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "B@D", "")
_PATHS = (
    "/oauth/callback",
    "/oauth/callback?state=s&code=c",
    "/oauth/callback?state=s&error=access_denied&error_description=%F0%9F%A7%BE",
    "/oauth/callback?state=%00&code=%00",
    "/oauth/callback?state=%ff%fe&code=%C3%28",
    "/oauth/callback?state=%ED%A0%80&code=c",
    "/oauth/callback?state=s&state=t&code=c&code=",
    "/oauth/callback?" + "a=b&" * 2_000,
    "/oauth/callback?state=" + "s" * 5_000 + "&code=c",
    "/webhooks/xero",
    "/webhooks/xero?x=1",
    "/webhooks/",
    "/webhooks/" + "x" * 200,
    "/webhooks/%00",
    "/webhooks/%ED%A0%80",
    "/webhooks/%E2%80%AE",
    "/webhooks/..%2f..%2fetc",
    "/webhooks/a/b",
    "/healthz",
    "/",
    "/sign-in",
    "/sign-in?next=%00",
    "/sign-out",
    "/workspaces/acme/integrations/ledger/settings",
    "*",
    "//[",
    "http://elsewhere/healthz",
    "/\x7f",
)
_HEADERS = (
    "X-Xero-Signature: YWJj",
    "X-Xero-Signature: \xff\xfe",
    "X-Xero-Signature: ",
    "X-Xero-Signature: " + "s" * 2_000,
    "x-odd-signature: a\x00b",
    "-signature: x",
    "Content-Type: application/json; charset=utf-7",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data; boundary=b",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Content-Length: 5",
    "Content-Length: 0",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Content-Length: 2000000",
    "Content-Length: abc",
    "Cookie: " + "c" * 300,
    "Host: a\r\nHost: b",
    "Upgrade: websocket\r\nConnection: Upgrade",
    "Upgrade: h2c\r\nConnection: Upgrade",
    "No colon",
    " folded: yes",
    "X: " + "y" * 70_000,
)
_BODIES = (b"", b"{}", b"hello", b'{"events":[]}', b"\x00" * 100, b"5\r\nhello\r\n0\r\n\r\n")
_MORE_BODIES = (b"zz\r\n", b"ffffffffff\r\nx", b"-1\r\n\r\n", b"x" * 100_000, b"[" * 50_000)


@st.composite
def requests(draw: Draw) -> bytes:
    """Return one request, or what somebody takes for one."""
    method = draw(st.sampled_from(_METHODS))
    path = draw(st.sampled_from(_PATHS))
    version = draw(st.sampled_from(("HTTP/1.1",) * 6 + ("HTTP/1.0", "HTTP/9.9", "", "HTTP/2.0")))
    headers = ["Host: localhost", *draw(st.lists(st.sampled_from(_HEADERS), max_size=3))]
    body = draw(st.sampled_from(_BODIES + _MORE_BODIES))
    if draw(st.integers(0, 3)):
        headers.append(f"Content-Length: {len(body)}")
    head = "\r\n".join((f"{method} {path} {version}", *headers, "", ""))
    return head.encode("latin-1", "replace") + body


def fuzz_http(port: int, *, examples: int, start: int) -> "Counter[str]":
    """Send made-up requests; return how many had each status, ``closed`` where there was none.

    :param start: decides what is made up.
    :raises AssertionError: for the smallest request that is answered as none should be.
    """
    statuses: Counter[str] = Counter()

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(requests(), requests(), requests(), st.binary(max_size=200)))
    def send(data: bytes) -> None:
        for status in answered(port, data):
            statuses[status] += 1
            assert status != "500", data[:500]

    send()
    return statuses


def answered(port: int, data: bytes, *, is_whole: bool = False) -> Sequence[str]:
    """Send bytes and return the status of each answer; ``closed`` where there was none.

    :param is_whole: whether it is a request from its beginning to its end, which may be waited for.
    :raises AssertionError: the connection stays open with nothing coming.
    """
    patience = _PATIENCE if is_whole else _UNASKED
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
        connection.settimeout(patience)
        with suppress(OSError):  # it need not read what it has refused already
            connection.sendall(data)
        received = _received(connection)
    return [found.decode() for found in _STATUS.findall(received)] or ["closed"]


def _received(connection: socket.socket) -> bytes:
    received, asked_for_all, begin = b"", False, time.monotonic()
    while time.monotonic() - begin < _PATIENCE:
        try:
            part = connection.recv(65_536)
        except TimeoutError:
            if received or asked_for_all:
                return received
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)  # nothing more comes: now it has to say
            asked_for_all = True
            connection.settimeout(_PATIENCE)
            continue
        except OSError:
            return received
        if not part:
            return received
        received += part
    raise AssertionError("the connection hangs")
