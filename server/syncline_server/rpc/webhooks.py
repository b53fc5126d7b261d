"""WebhookService."""

from syncline.v1 import webhook_pb2
from syncline_server.services.webhooks import Delivery, WebhookDeliveries


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
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Delivery(provider=request.provider, headers=headers, body=request.body)
