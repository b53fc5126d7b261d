"""Wiring what takes webhooks."""

from collections.abc import Callable

from syncline_server.app.outside import Outside
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue
from syncline_server.services.webhooks import WebhookDeliveries
from syncline_server.storage.database import Database


def build_webhooks(
    config: Config,
    outside: Outside,
    database: Database,
    catalogue: Catalogue,
    wake: Callable[[], None],
) -> WebhookDeliveries:
    """Wire it.

    :param wake: has somebody look for events that wait.
    """
    return WebhookDeliveries(
        database=database,
        catalogue=catalogue,
        keys={name: provider.webhook_keys for name, provider in config.providers.items()},
        clock=outside.clock,
        wake=wake,
    )
