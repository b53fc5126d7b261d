"""Slowing down whoever guesses passwords, by account and by address, without locking anybody out.

Each has an allowance that fills up again by itself. One account's is shared by all strangers, and
one address's by all who are behind it, so they can use them up; whoever has signed in from the same
address before has an allowance of their own there, and is held up by nobody else.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_MOST_KEPT: Final = 10_000
_SHARED_BITS: Final = 64
"""Of an IPv6 address: whoever has a network has all of it."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How often something may be tried."""

    at_once: int
    seconds_each: float
    """After how long one more is allowed."""


BY_ACCOUNT: Final = Allowance(at_once=10, seconds_each=30)
BY_ADDRESS: Final = Allowance(at_once=20, seconds_each=10)


class Guesses:
    """Counts tries; safe to share between threads. Each process counts for itself.

    :param clock: tells the time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        """By what is counted: when its allowance would be whole again, in seconds since 1970."""
        self._familiar: OrderedDict[tuple[str, str], None] = OrderedDict()

    def try_(self, name: str, address: str) -> float:
        """Count one try; return the seconds to wait before it may be made, 0 when it may be now."""
        with self._lock:
            counted = self._counted(name, network(address))
            waits = [self._wait(key, allowance) for key, allowance in counted]
            if not any(waits):
                for key, allowance in counted:
                    self._take(key, allowance)
            return max(waits)

    def succeeded(self, name: str, address: str) -> None:
        """Give back what a good try took, and know the address again."""
        with self._lock:
            for key, allowance in self._counted(name, network(address)):
                if key in self._until:
                    self._until[key] -= allowance.seconds_each
            _keep(self._familiar, (name, network(address)), None)

    def _counted(self, name: str, address: str) -> list[tuple[tuple[str, str], Allowance]]:
        """Return what a try counts for."""
        if (name, address) in self._familiar:
            return [(("account", f"{name} from {address}"), BY_ACCOUNT)]
        return [(("address", address), BY_ADDRESS), (("account", name), BY_ACCOUNT)]

    def _wait(self, key: tuple[str, str], allowance: Allowance) -> float:
        until = self._until.get(key, 0.0)
        full = allowance.at_once * allowance.seconds_each
        return max(0.0, until + allowance.seconds_each - self._now() - full)

    def _take(self, key: tuple[str, str], allowance: Allowance) -> None:
        until = max(self._until.get(key, 0.0), self._now()) + allowance.seconds_each
        _keep(self._until, key, until)

    def _now(self) -> float:
        return self._clock().timestamp()


def network(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - of the Internet Protocol
        return str(found)
    return str(ipaddress.ip_network((found, _SHARED_BITS), strict=False))


def _keep(kept: OrderedDict[tuple[str, str], Any], key: tuple[str, str], value: object) -> None:
    """Note something and forget the oldest where there is too much."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
