"""What clients did, counted apart from the limits, for tests of clients."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncline_xero_simulator.limits import MINUTE, window_number


class _TenantCount:
    def __init__(self) -> None:
        self.endpoints: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.minutes: Counter[int] = Counter()
        self.running = 0
        self.most_running = 0


@dataclass(slots=True)
class _RenewalCount:
    calls: int = 0
    running: int = 0
    most_running: int = 0

    def begin(self) -> None:
        self.calls += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)


class Counters:
    """Calls per tenant, endpoint, minute and status, and how many ran at once.

    Renewals of tokens are counted per person, whose grant it is.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tenants: defaultdict[str, _TenantCount] = defaultdict(_TenantCount)
        self._others: Counter[str] = Counter()
        self._renewals: defaultdict[str, _RenewalCount] = defaultdict(_RenewalCount)

    def started(self, tenant_id: str, endpoint: str, now: datetime) -> None:
        """Note an accounting call that begins."""
        with self._lock:
            count = self._tenants[tenant_id]
            count.endpoints[endpoint] += 1
            count.minutes[window_number(tenant_id, now, MINUTE)] += 1
            count.running += 1
            count.most_running = max(count.most_running, count.running)

    def ended(self, tenant_id: str, status: int) -> None:
        """Note how an accounting call ended; 0 is a connection that was cut."""
        with self._lock:
            count = self._tenants[tenant_id]
            count.running -= 1
            count.statuses[str(status)] += 1

    def other(self, endpoint: str) -> None:
        """Note a call to the identity side."""
        with self._lock:
            self._others[endpoint] += 1

    @contextmanager
    def renewing(self, user_id: str) -> Iterator[None]:
        """Count the block as a renewal of a person's grant, answered or not; empty counts none."""
        with self._lock:
            count = self._renewals[user_id] if user_id else _RenewalCount()
            count.begin()
        try:
            yield
        finally:
            with self._lock:
                count.running -= 1

    def report(self) -> dict[str, Any]:
        """Return everything counted since the last reset."""
        with self._lock:
            return {
                "identity": dict(self._others),
                "renewals": {
                    user: {
                        "calls": count.calls,
                        "running": count.running,
                        "max_concurrent": count.most_running,
                    }
                    for user, count in self._renewals.items()
                },
                "tenants": {
                    tenant: {
                        "calls": count.endpoints.total(),
                        "endpoints": dict(count.endpoints),
                        "statuses": dict(count.statuses),
                        "calls_by_minute": [calls for _, calls in sorted(count.minutes.items())],
                        "max_calls_in_a_minute": max(count.minutes.values(), default=0),
                        "running": count.running,
                        "max_concurrent": count.most_running,
                    }
                    for tenant, count in self._tenants.items()
                },
            }

    def reset(self) -> None:
        """Count from zero again; calls under way stay under way."""
        with self._lock:
            running = {tenant: count.running for tenant, count in self._tenants.items()}
            self._tenants.clear()
            self._others.clear()
            for count in self._renewals.values():
                count.calls, count.most_running = 0, count.running
            for tenant, now_running in running.items():
                if now_running:
                    self._tenants[tenant].running = now_running
                    self._tenants[tenant].most_running = now_running
