"""A call that was let out leaves at once, or not at all."""

from datetime import datetime
from typing import Final

import httpx

from syncline_server.core.clock import Clock

LEAVE_BY: Final = "syncline.leave_by"
"""Where a request carries the moment until which it may leave."""


class TooLate(Exception):  # noqa: N818 - named by what is the case
    """The call did not leave: what let it out is no longer sure to hold."""


class Prompt(httpx.BaseTransport):
    """Stops a call that was held up behind its ticket: a process that was frozen, a slow disk.

    :param inner: makes the calls; not closed by this.
    """

    def __init__(self, inner: httpx.BaseTransport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call if it is in time.

        :raises TooLate: it is not.
        """
        leave_by: datetime = request.extensions[LEAVE_BY]
        if self._clock() > leave_by:
            raise TooLate
        return self._inner.handle_request(request)
