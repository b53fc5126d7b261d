"""How often somebody may call: each caller by name, and strangers by where they come from.

Calls of one caller leave room for the others'. Calls whose credentials are no good are refused by
address, before anything is looked up, so that guessing is slow for them and cheap for us. Whoever
was let in before goes on being let in from such an address: behind a proxy everybody has the same.
"""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Final

from google.protobuf.message import Message

from syncline_server.core.access import Identity
from syncline_server.core.allowance import Allowance
from syncline_server.core.errors import Reason, ResourceExhausted, Unauthenticated
from syncline_server.rpc.identity import LOCAL, Arrival, Authenticate

MISTAKES: Final = Allowance(per_minute=60, burst=30)
"""How often an address may bring credentials that are no good."""
_CREDENTIALS: Final = "authorization"
_BURST_SECONDS: Final = 15
_SMALLEST_BURST: Final = 20
_MOST_KEPT: Final = 10_000
_HEAVY: Final = 10
_HEAVY_METHODS: Final = frozenset(
    (
        "BatchUpdateTaxMappings",
        "CheckParity",
        "EraseWorkspace",
        "ExportWorkspace",
        "ImportCustomers",
        "ImportInvoices",
        "ImportProducts",
        "ImportTaxCodes",
        "PreflightInvoices",
    )
)
_RECORDS_OF_ONE: Final = 100
"""How many records a page may have and count as one call."""
_ACCOUNT_PREFIX: Final = 64
"""Bits of an IPv6 address that tell subscribers apart; the rest is theirs to choose."""


Throttle = Callable[[Identity, str, Message], None]
"""Counts a caller's call of a method, by its path, or raises ``ResourceExhausted``."""


def unlimited(_caller: Identity, _method: str, _request: Message) -> None:
    """Let everybody call as often as they like."""


def allowance(calls_per_minute: int) -> Allowance:
    """Return what a caller may have: a quarter of a minute's worth at once."""
    burst = max(calls_per_minute * _BURST_SECONDS // 60, _SMALLEST_BURST)
    return Allowance(per_minute=calls_per_minute, burst=burst)


class Buckets:
    """A bucket for each key; of those least used lately the oldest are forgotten.

    Safe to share between threads; the lock is held for a few instructions.

    :param seconds: time that only moves forward, as ``time.monotonic``.
    """

    def __init__(
        self, allowed: Allowance, seconds: Callable[[], float], most: int = _MOST_KEPT
    ) -> None:
        self._allowed = allowed
        self._seconds = seconds
        self._most = most
        self._full: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._full)

    def take(self, key: Hashable, cost: int = 1) -> float:
        """Pay a cost and return 0, or return in how many seconds it could be paid."""
        now = self._seconds()
        with self._lock:
            full = self._full.get(key, 0.0)
            wait = self._allowed.wait(full, now, cost)
            if not wait:
                self._full[key] = self._allowed.spend(full, now, cost)
                self._full.move_to_end(key)
                if len(self._full) > self._most:
                    self._full.popitem(last=False)
        return wait

    def wait(self, key: Hashable) -> float:
        """Return in how many seconds something could be had; 0 at once."""
        full = self._full.get(key)
        return 0.0 if full is None else self._allowed.wait(full, self._seconds(), 1)


class CallRate:
    """Counts the calls of each caller; a :class:`Throttle`.

    Whoever is taken for :data:`LOCAL` is not limited: they are on this machine, and its owner.
    """

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def __call__(self, caller: Identity, method: str, request: Message) -> None:
        """Count a call, heavy ones tenfold.

        :raises ResourceExhausted: the caller calls too often.
        """
        if caller is LOCAL:
            return
        wait = self._buckets.take(caller.subject, weight(method, request))
        if wait:
            raise _too_often("These credentials call too often; call again later.", wait)


def slowing_guesses(authenticate: Authenticate, mistakes: Buckets) -> Authenticate:
    """Return what asks no further once an address was wrong too often.

    Whoever was let in is known by the very text of the credentials: a signed token that was renewed
    is new, since to tell whose it is would take a signature for each guess.

    :param mistakes: counts them by address.
    """
    known: dict[int, None] = {}

    def decide(arrived: Arrival) -> Identity:
        # No secret is kept: hashes of texts differ from process to process.
        sent = tuple(value for key, value in arrived.metadata if key == _CREDENTIALS)
        credentials = hash((sent, arrived.certificate_names))
        if len(mistakes) and credentials not in known:
            wait = mistakes.wait(place_of(arrived.peer))
            if wait:
                raise _too_often("Too many calls from here had no good credentials.", wait)
        try:
            found = authenticate(arrived)
        except Unauthenticated:
            known.pop(credentials, None)
            mistakes.take(place_of(arrived.peer))
            raise
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[credentials] = None
        return found

    return decide


def weight(method: str, request: Message) -> int:
    """Return for how many calls one call counts.

    :param method: its path.
    """
    if method.rpartition("/")[2] in _HEAVY_METHODS or getattr(request, "validate_only", False):
        return _HEAVY
    size = getattr(request, "page_size", 0)
    return min(max(size // _RECORDS_OF_ONE, 1), _HEAVY)


def place_of(peer: str) -> str:
    """Return whom an address belongs to, as far as it tells.

    :param peer: as gRPC says it: ``ipv4:127.0.0.1:51230``, ``ipv6:%5B::1%5D:51230``.
    """
    kind, _, rest = peer.partition(":")
    host = rest.rpartition(":")[0]
    if kind != "ipv6":
        return host or peer
    address = host.removeprefix("%5B").removesuffix("%5D").strip("[]").partition("%")[0]
    try:
        return str(ipaddress.IPv6Network((address, _ACCOUNT_PREFIX), strict=False))
    except ValueError:
        return host


def _too_often(message: str, wait: float) -> ResourceExhausted:
    return ResourceExhausted(Reason.RATE_LIMITED, message, timedelta(seconds=wait))
