"""Each call to an organisation goes through its gate and is still wanted when it goes out."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

import httpx

from syncline_sdk import Allowance, RetryLater
from syncline_server.outbound.bounded import WIRE_BYTES
from syncline_server.outbound.pause import Pause
from syncline_server.outbound.prompt import LEAVE_BY, TooLate

_TRIES: Final = 5
"""How often a call may be refused for a limit, or be late, before the work is parked."""


class Passage(Protocol):
    """One call's way through the gate."""

    @property
    def leave_by(self) -> datetime:
        """Until when the call may leave."""

    def answered(self, allowance: Allowance, wire_bytes: int) -> None:
        """Take what the answer says, and its size as it travelled."""


class Gate(Protocol):
    """Where an organisation's calls wait for one another."""

    def passage(self, pause: Pause) -> AbstractContextManager[Passage]:
        """Hold one of the places in flight.

        :param pause: how to wait for a place.
        :raises RetryLater: the wait would be long.
        :raises RunStopped: the call is no longer wanted.
        """


class Budgeted(httpx.BaseTransport):
    """Waits for the budget, calls, and repeats what was refused for a limit.

    A refused call was not carried out, so writes are repeated as well.

    :param inner: makes the calls; not closed by this.
    :param gate: of the organisation.
    :param pause: how to wait.
    :param read_allowance: the provider's reading of its limit headers.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        gate: Gate,
        pause: Pause,
        read_allowance: Callable[[httpx.Response], Allowance],
    ) -> None:
        self._inner = inner
        self._gate = gate
        self._pause = pause
        self._read_allowance = read_allowance

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call within the organisation's budget.

        :raises RetryLater: the limit lasts long, or refuses again and again.
        """
        after = None
        for _ in range(_TRIES):
            try:
                response, allowance = self._call(request)
            except TooLate:
                continue
            if not allowance.limited:
                return response
            after = allowance.retry_after
        raise RetryLater("The limit on calls to the provider is reached.", after=after)

    def _call(self, request: httpx.Request) -> tuple[httpx.Response, Allowance]:
        with self._gate.passage(self._pause) as passage:
            request.extensions[LEAVE_BY] = passage.leave_by
            response = self._inner.handle_request(request)
            allowance = self._read_allowance(response)
            passage.answered(allowance, response.extensions.get(WIRE_BYTES, 0))
            return response, allowance
