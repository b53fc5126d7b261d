"""Each call to an organisation goes through its gate and is still wanted when it goes out."""

from collections.abc import Callable
from typing import Final

import httpx

from syncline_sdk import Allowance, RetryLater
from syncline_server.outbound.gate import Gate
from syncline_server.outbound.pause import Pause

_REFUSALS: Final = 5
"""How often a call may be refused for a limit before the work is parked."""


class Budgeted(httpx.BaseTransport):
    """Waits for the budget, checks, calls, and repeats what was refused for a limit.

    A refused call was not carried out, so writes are repeated as well.

    :param inner: makes the calls; not closed by this.
    :param gate: of the organisation.
    :param pause: how to wait.
    :param check: called right before each call; raises to prevent it.
    :param read_allowance: the provider's reading of its limit headers.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        gate: Gate,
        pause: Pause,
        *,
        check: Callable[[], None],
        read_allowance: Callable[[httpx.Response], Allowance],
    ) -> None:
        self._inner = inner
        self._gate = gate
        self._pause = pause
        self._check = check
        self._read_allowance = read_allowance

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call within the organisation's budget.

        :raises RetryLater: the limit lasts long, or refuses again and again.
        """
        for _ in range(_REFUSALS):
            response, allowance = self._call(request)
            if not allowance.limited:
                return response
        raise RetryLater(
            "The limit on calls to the provider is reached.", after=allowance.retry_after
        )

    def _call(self, request: httpx.Request) -> tuple[httpx.Response, Allowance]:
        with self._gate.passage(self._pause) as learn:
            self._check()
            response = self._inner.handle_request(request)
            allowance = self._read_allowance(response)
            learn(allowance)
            return response, allowance
