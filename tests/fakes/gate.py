"""A gate before the simulated Xero: calls wait there until a test lets them through.

So a test says where a run stands while something is done to it, and no machine is too slow for it.
"""

from local_stack import LocalStack, wait_until


class Gate:
    """Holds the calls to an endpoint that come behind the first so many.

    :param endpoint: with its method, as the simulator counts it: ``GET Contacts``.
    """

    def __init__(self, stack: LocalStack, endpoint: str, *, after: int = 0) -> None:
        self._stack = stack
        self._endpoint = endpoint
        self._method, _, self._path = endpoint.partition(" ")
        self._let = self._arrived() + after
        self._fault = self._ordered(after)

    def wait_for(self, calls: int = 1) -> None:
        """Return once so many calls stand before the gate, those of the dead among them."""
        wanted = self._let + calls
        wait_until(lambda: self._arrived() >= wanted, f"{calls} calls of {self._endpoint} come")

    def let_through(self, calls: int = 1) -> None:
        """Let so many calls go on, once they are there, and hold the next."""
        self.wait_for(calls)
        held, self._fault = self._fault, self._ordered(0)
        self._let += calls
        self._cancel(held)

    def open(self) -> None:
        """Hold nothing any more."""
        self._cancel(self._fault)

    def _arrived(self) -> int:
        tenants = self._stack.control("GET", "/counters")["tenants"].values()
        return sum(tenant["endpoints"].get(self._endpoint, 0) for tenant in tenants)

    def _ordered(self, skip: int) -> int:
        fault = {"kind": "hold", "method": self._method, "path": f"/{self._path}", "skip": skip}
        return int(self._stack.control("POST", "/faults", fault)["id"])

    def _cancel(self, fault: int) -> None:
        self._stack.control("DELETE", f"/faults/{fault}")
