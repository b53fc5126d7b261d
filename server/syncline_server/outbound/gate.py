"""The one gate through which every call of this process to one organisation goes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from syncline_sdk import Allowance, Limits, RetryLater
from syncline_server.core.budget import Budget
from syncline_server.core.clock import Clock
from syncline_server.outbound.pause import Pause

LONGEST_WAIT: Final = timedelta(seconds=90)
"""A limit that lasts longer parks the work instead of holding a thread."""


class Gate:
    """Lets calls through as an organisation's budget allows. Safe to share between threads.

    :param limits: what the provider allows per organisation.
    :param clock: measures windows and waits.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._budget = Budget(limits)
        self._clock = clock
        self._lock = threading.Lock()

    @contextmanager
    def passage(self, pause: Pause) -> Iterator[Callable[[Allowance], None]]:
        """Hold one of the places in flight; yields what takes the answer's allowance.

        :param pause: how to wait for a place.
        :raises RetryLater: the wait would be long.
        :raises RunStopped: out of ``pause``.
        """
        self._enter(pause)
        try:
            yield self._learn
        finally:
            with self._lock:
                self._budget.give_back()

    def _enter(self, pause: Pause) -> None:
        pause(0)
        while (left := self._take()) is not None:
            if left > LONGEST_WAIT:
                raise RetryLater("The limit on calls to the provider is reached.", after=left)
            pause(left.total_seconds())

    def _take(self) -> timedelta | None:
        with self._lock:
            return self._budget.take(self._clock())

    def _learn(self, allowance: Allowance) -> None:
        with self._lock:
            self._budget.learn(allowance, self._clock())


class Gates:
    """The gates of this process, one per provider and organisation, made when first asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gates: dict[tuple[str, str], Gate] = {}
        self._lock = threading.Lock()

    def of(self, provider: str, organisation_id: str, limits: Limits) -> Gate:
        """Return the gate of one organisation."""
        with self._lock:
            key = (provider, organisation_id)
            if key not in self._gates:
                self._gates[key] = Gate(limits, self._clock)
            return self._gates[key]
