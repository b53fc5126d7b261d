"""Says so right before a write leaves, so that it can be written down first."""

from collections.abc import Callable

import httpx


class Announced(httpx.BaseTransport):
    """Announces every call but reads, at the last moment at which it can still be prevented.

    :param inner: makes the calls; not closed by this.
    :param before_write: called before each write; raises to prevent it.
    """

    def __init__(self, inner: httpx.BaseTransport, before_write: Callable[[], None]) -> None:
        self._inner = inner
        self._before_write = before_write

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Announce the call if it writes, and make it."""
        if request.method not in {"GET", "HEAD"}:
            self._before_write()
        return self._inner.handle_request(request)
