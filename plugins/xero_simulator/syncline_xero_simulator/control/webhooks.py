"""Webhooks through the control API."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.webhooks.sender import Subscription
from syncline_xero_simulator.wire.inbound import Element


def get_webhooks(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """Show the receiver, what waits and what was delivered."""
    sender = desk.parts.webhooks
    return {
        "url": sender.subscription.url,
        "held": sender.subscription.held,
        "state": sender.subscription.state,
        "pending": [event.as_json() for event in sender.pending()],
        "deliveries": [
            {
                "sequences": list(delivery.sequences),
                "status": delivery.status,
                "moment": delivery.moment.isoformat(),
            }
            for delivery in sender.deliveries
        ],
    }


def configure_webhooks(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Set the receiver's `url` and signing `key`; `held`: true queues until /deliver.

    An empty url turns webhooks off.
    """
    only(body, "url", "key", "held")
    url = body.text("url")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ControlError("url must be an http or https address")
    key = required(body, "key") if url else ""
    desk.parts.webhooks.configure(Subscription(url=url, key=key, held=bool(body.flag("held"))))
    return get_webhooks(desk, body, values)


def check_receiver(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Send the intent-to-receive sequence: right and one-character-wrong signatures."""
    only(body)
    if not desk.parts.webhooks.subscription.url:
        raise ControlError("webhooks are off: configure a url first")
    results = desk.parts.webhooks.check_receiver()
    return {"checks": results, "state": desk.parts.webhooks.subscription.state}


def deliver(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Deliver what waits, now; `duplicate`: each twice, `newest_first`: one by one, backwards."""
    only(body, "duplicate", "newest_first")
    if not desk.parts.webhooks.subscription.url:
        raise ControlError("webhooks are off: configure a url first")
    sent = desk.parts.webhooks.flush(
        duplicate=bool(body.flag("duplicate")), newest_first=bool(body.flag("newest_first"))
    )
    return {"delivered": sent}


def routes() -> list[Route]:
    """Return the routes of this noun."""
    return [
        Route(method="GET", path="/simulator/webhooks", handler=get_webhooks),
        Route(method="POST", path="/simulator/webhooks", handler=configure_webhooks),
        Route(method="POST", path="/simulator/webhooks/check", handler=check_receiver),
        Route(method="POST", path="/simulator/webhooks/deliver", handler=deliver),
    ]
