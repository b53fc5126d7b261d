"""Queues events and delivers them."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.webhooks.messages import (
    Event,
    almost_right,
    entropy_of,
    event_body,
    receive_check_body,
    signature,
)

ANSWER_WITHIN = 5.0
"""Seconds a receiver has for its answer."""
_RETRY_EVERY = timedelta(minutes=15)
_GIVE_UP_AFTER = timedelta(hours=24)
_UNAUTHORISED = 401
_LOOK_EVERY = 0.5

Post = Callable[[str, bytes, dict[str, str]], int]
"""Sends a body with headers to an address; returns the status, 0 for no answer in time."""


class SubscriptionState(StrEnum):
    """Whether events are delivered."""

    OFF = "OFF"
    UNCHECKED = "UNCHECKED"
    OK = "OK"
    CHECK_FAILED = "CHECK_FAILED"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where events go. `held` ones wait until they are asked to go."""

    url: str = ""
    key: str = ""
    held: bool = False
    state: SubscriptionState = SubscriptionState.OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt; status 0 is no answer in time."""

    sequences: tuple[int, ...]
    status: int
    moment: datetime


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a webhook over HTTP; `url` was checked when it was configured."""
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - http(s) only, checked by the control API
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


class WebhookSender:
    """One subscription and its queue. Without a URL events are not even queued."""

    def __init__(
        self, clock: SimulatorClock, mint: Mint, public_url: str, post: Post = post_over_http
    ) -> None:
        self._clock = clock
        self._mint = mint
        self._public_url = public_url
        self._post = post
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._queue: list[Event] = []
        self._sequence = 0
        self._next_try: datetime | None = None
        self._failing_since: datetime | None = None
        self.subscription = Subscription()
        self.deliveries: list[Delivery] = []

    def configure(self, subscription: Subscription) -> None:
        """Set the receiver; its intent to receive is not checked yet."""
        with self._lock:
            state = SubscriptionState.UNCHECKED if subscription.url else SubscriptionState.OFF
            self.subscription = replace(subscription, state=state)
            self._next_try = self._failing_since = None
        self._wake.set()

    def announce(self, tenant_id: str, category: str, resource_id: str, *, is_new: bool) -> None:
        """Queue the event of a change."""
        with self._lock:
            if not self.subscription.url:
                return
            self._sequence += 1
            path = f"/api.xro/2.0/{category.title()}s/{resource_id}"
            self._queue.append(
                Event(
                    sequence=self._sequence,
                    tenant_id=tenant_id,
                    category=category,
                    resource_id=resource_id,
                    resource_url=f"{self._public_url}{path}",
                    is_new=is_new,
                    moment=self._clock.now(),
                )
            )
        self._wake.set()

    def check_receiver(self) -> list[dict[str, Any]]:
        """Send the intent-to-receive sequence and judge the answers."""
        results = [self._check_once(good=good) for good in (True, False, True, False)]
        right = all(result["right"] for result in results)
        state = SubscriptionState.OK if right else SubscriptionState.CHECK_FAILED
        with self._lock:
            self.subscription = replace(self.subscription, state=state)
        return results

    def _check_once(self, *, good: bool) -> dict[str, Any]:
        body = receive_check_body(entropy_of(self._mint.token()))
        signed = signature(body, self.subscription.key)
        status = self._send(body, signed if good else almost_right(signed))
        right = 200 <= status < 300 if good else status == _UNAUTHORISED  # noqa: PLR2004 - HTTP
        return {"signed_correctly": good, "status": status, "right": right}

    def flush(self, *, duplicate: bool = False, newest_first: bool = False) -> int:
        """Deliver what is queued now, held or not; return how many events went out."""
        with self._lock:
            events = list(reversed(self._queue)) if newest_first else list(self._queue)
            self._queue.clear()
        groups = [[event] for event in events] if newest_first else [events]
        for group in groups if events else []:
            for _ in range(2 if duplicate else 1):
                self._deliver(group)
        return len(events)

    def pending(self) -> list[Event]:
        """Return the events that wait."""
        with self._lock:
            return list(self._queue)

    def start(self) -> None:
        """Deliver in the background from now on."""
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background delivery; what is queued is lost."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(ANSWER_WITHIN)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(_LOOK_EVERY)
            self._wake.clear()
            self.deliver_due()

    def deliver_due(self) -> None:
        """Deliver the queue if it is time to, and plan the next try after a failure."""
        events = self._due()
        if not events:
            return
        if self._deliver(events) or self._deliver(events):
            with self._lock:
                # Not the first so many: others may have gone out meanwhile, and new ones come.
                self._queue = [each for each in self._queue if each not in events]
                self._next_try = self._failing_since = None
        else:
            self._postpone()

    def _due(self) -> list[Event]:
        with self._lock:
            live = self.subscription.state in (SubscriptionState.OK, SubscriptionState.UNCHECKED)
            waiting = self._next_try is not None and self._clock.now() < self._next_try
            if not live or self.subscription.held or waiting:
                return []
            return list(self._queue)

    def _postpone(self) -> None:
        with self._lock:
            now = self._clock.now()
            self._failing_since = self._failing_since or now
            self._next_try = now + _RETRY_EVERY
            if now - self._failing_since >= _GIVE_UP_AFTER:
                self.subscription = replace(self.subscription, state=SubscriptionState.DISABLED)

    def _deliver(self, events: Sequence[Event]) -> bool:
        body = event_body(events, entropy_of(self._mint.token()))
        status = self._send(body, signature(body, self.subscription.key))
        sequences = tuple(event.sequence for event in events)
        with self._lock:
            self.deliveries.append(
                Delivery(sequences=sequences, status=status, moment=self._clock.now())
            )
        return 200 <= status < 300  # noqa: PLR2004 - HTTP success

    def _send(self, body: bytes, signed: str) -> int:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "x-xero-signature": signed,
            "User-Agent": "Xero",
        }
        return self._post(self.subscription.url, body, headers)
