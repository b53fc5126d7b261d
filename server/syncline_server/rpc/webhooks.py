"""WebhookService."""

from typing import Final

from syncline.v1 import webhook_pb2
from syncline_server.rpc.fields import Fields
from syncline_server.services.webhooks import Delivery, WebhookDeliveries

_MOST_BYTES: Final = 1_048_576
_MOST_HEADERS: Final = 20
_LONGEST_HEADER: Final = 1_000


class WebhookCalls:
    """Handles the method that takes webhooks."""

    def __init__(self, deliveries: WebhookDeliveries) -> None:
        self._deliveries = deliveries

    def deliver(
        self, request: webhook_pb2.DeliverWebhookRequest
    ) -> webhook_pb2.DeliverWebhookResponse:
        """Take one delivery."""
        taken = self._deliveries.deliver(_delivery(request))
        return webhook_pb2.DeliverWebhookResponse(
            stored_count=taken.stored,
            repeated_count=taken.repeated,
            ignored_count=taken.ignored,
            unreadable=taken.unreadable,
        )


def _delivery(request: webhook_pb2.DeliverWebhookRequest) -> Delivery:
    fields = Fields()
    provider = fields.text("provider", request.provider, required=True)
    if not 0 < len(request.body) <= _MOST_BYTES:
        fields.wrong("body", f"must have 1 to {_MOST_BYTES:,} bytes")
    headers = {name.lower(): value for name, value in request.headers.items()}
    longest = max(map(len, (*headers, *headers.values())), default=0)
    if len(headers) > _MOST_HEADERS or longest > _LONGEST_HEADER:
        fields.wrong(
            "headers", f"must be at most {_MOST_HEADERS}, of {_LONGEST_HEADER:,} characters"
        )
    fields.refuse()
    return Delivery(provider=provider, headers=headers, body=request.body)
