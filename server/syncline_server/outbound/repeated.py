"""Repeats reads that failed on the way or at the provider; never a write."""

from http import HTTPStatus
from typing import Final

import httpx
import tenacity

from syncline_server.outbound.pause import Pause

TRIES: Final = 4
_LONGEST_PAUSE: Final = 10.0

_PASSING: Final = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Repeated(httpx.BaseTransport):
    """Tries a GET again after broken connections, timeouts and errors of the server.

    What a write did is unknown when its answer is lost, so whoever writes must find out. The last
    answer or error is handed on as it is.

    :param inner: makes the calls; not closed by this.
    :param pause: how to wait between tries.
    :param tries: how often to try at most.
    """

    def __init__(self, inner: httpx.BaseTransport, pause: Pause, tries: int = TRIES) -> None:
        self._inner = inner
        self._retrying = tenacity.Retrying(
            sleep=pause,
            stop=tenacity.stop_after_attempt(tries),
            wait=tenacity.wait_exponential_jitter(max=_LONGEST_PAUSE),
            retry=tenacity.retry_if_exception_type((httpx.TransportError, httpx.DecodingError))
            | tenacity.retry_if_result(_failed),
            retry_error_callback=_last,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call, again if it may be."""
        if request.method != "GET":
            return self._inner.handle_request(request)
        return self._retrying(self._inner.handle_request, request)


def _failed(response: httpx.Response) -> bool:
    return response.status_code in _PASSING


def _last(state: tenacity.RetryCallState) -> object:
    return state.outcome.result() if state.outcome else None
