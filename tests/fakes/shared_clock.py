"""The simulator's clock as the one clock of every process beside it."""

import time
from datetime import UTC, datetime, timedelta

import httpx

_LONG = 5.0
_LONGEST_LOOK = 30.0
_LOOKS = 3


class SharedClock:
    """Real time plus the simulator's offset. Waiting moves it forwards for everybody, at once.

    :param url: the simulator's address.
    """

    def __init__(self, url: str) -> None:
        transport = httpx.HTTPTransport(verify=False)
        self._http = httpx.Client(base_url=url, transport=transport, timeout=_LONGEST_LOOK)
        self._offset = timedelta()
        self._waited = 0.0
        self.read()

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self._offset

    def read(self) -> None:
        """Learn how far others have moved the time."""
        self._learn(self._http.get("/simulator/clock"))

    def wait(self, seconds: float) -> None:
        """Let time pass.

        Calls that were cut off are let end first when some seconds have been waited for: in real
        time they would have.
        """
        self._waited += seconds
        if self._waited >= _LONG:
            self._waited = 0
            self._let_calls_end()
        self._learn(self._http.post("/simulator/clock", json={"advance_seconds": seconds}))

    def close(self) -> None:
        """Close the connection to the simulator."""
        self._http.close()

    def _learn(self, answer: httpx.Response) -> None:
        self._offset = timedelta(seconds=answer.raise_for_status().json()["offset_seconds"])

    def _let_calls_end(self) -> None:
        """Wait until nothing is under way.

        What a dead process sent last may be at a thread that has not yet run. Each look is a new
        connection with a thread of its own, which takes its turn behind that one.
        """
        deadline = time.monotonic() + _LONGEST_LOOK
        quiet = 0
        while quiet < _LOOKS and time.monotonic() < deadline:
            time.sleep(0.01)
            quiet = 0 if self._is_busy() else quiet + 1

    def _is_busy(self) -> bool:
        with httpx.Client(base_url=self._http.base_url, verify=False, timeout=_LONGEST_LOOK) as new:  # noqa: S501 - never over TLS
            counters = new.get("/simulator/counters").json()
        counts = [*counters["tenants"].values(), *counters["renewals"].values()]
        return any(count["running"] for count in counts)
