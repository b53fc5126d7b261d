"""The way to providers, on which a whole call can be given an end.

The timeouts of httpx hold for one operation: an answer that comes in drops resets them with each.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from syncline_server.outbound.reach import Resolve, resolve, within_reach

_end: ContextVar[float | None] = ContextVar("end", default=None)

Tick = Callable[[], float]
"""Tells seconds that only go forwards, from any beginning."""


class Within(httpx.BaseTransport):
    """Gives each call, with all of its answer, so many seconds. A :class:`Network` keeps to it.

    :param inner: makes the calls and reads their answers; not closed by this.
    :param seconds: for everything: connecting, sending, waiting, reading.
    """

    def __init__(
        self, inner: httpx.BaseTransport, seconds: float, tick: Tick = time.monotonic
    ) -> None:
        self._inner = inner
        self._seconds = seconds
        self._tick = tick

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call; raises :class:`httpx.ReadTimeout` when its time is over."""
        before = _end.set(self._tick() + self._seconds)
        try:
            return self._inner.handle_request(request)
        finally:
            _end.reset(before)


class Network(httpx.HTTPTransport):
    """Real connections, kept open between calls.

    Whoever answers https proves its name with a certificate, over TLS 1.2 or later; nothing turns
    that off. The authorities trusted are those of the package certifi, or of the file that the
    variable SSL_CERT_FILE names. Proxies of the environment are not used: httpx takes them only for
    clients without a transport of their own.

    :param backend: opens connections.
    :param tick: measures time.
    :param resolve: finds the addresses of hosts.
    :param authorities: certificates of authorities to trust as well, in PEM.
    """

    def __init__(
        self,
        backend: httpcore.NetworkBackend | None = None,
        tick: Tick = time.monotonic,
        *,
        resolve: Resolve = resolve,
        authorities: str = "",
    ) -> None:
        context = httpx.create_ssl_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if authorities:
            context.load_verify_locations(cadata=authorities)
        super().__init__(verify=context)
        # httpx hands no backend through.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            # No bound on those that are open, or httpcore takes ten: calls are bounded by threads,
            # and none may wait.
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=_Backend(backend or httpcore.SyncBackend(), tick, resolve),
        )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, tick: Tick, resolve: Resolve) -> None:
        self._inner = inner
        self._tick = tick
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an address that was looked at; the certificate is still the name's."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            left = _left(timeout, self._tick)
            try:
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._tick)
        raise failure or httpcore.ConnectError("the host has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return within_reach(host, found)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, tick: Tick) -> None:
        self._inner = inner
        self._tick = tick

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, self._tick))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, self._tick))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, self._tick)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._tick)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, tick: Tick) -> float | None:
    """Return how long the next operation may take."""
    end = _end.get()
    if end is None:
        return timeout
    left = end - tick()
    if left <= 0:
        raise httpcore.ReadTimeout("the call as a whole took too long")
    return left if timeout is None else min(timeout, left)
