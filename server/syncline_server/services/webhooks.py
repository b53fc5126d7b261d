"""Taking what providers tell: verified, written down, and read later by runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from syncline_sdk import RecordKind, WebhookEvent, Webhooks
from syncline_server.core.catalogue import Catalogue, ProviderCatalogue
from syncline_server.core.clock import Clock
from syncline_server.core.errors import (
    Blocker,
    FailedPrecondition,
    NotFound,
    Reason,
    Unauthenticated,
)
from syncline_server.core.model import ConnectionRow
from syncline_server.core.organisations import Organisation
from syncline_server.storage import connections, invoice_links, webhook_events
from syncline_server.storage import settings as settings_rows
from syncline_server.storage.database import Database
from syncline_server.storage.webhook_events import EventRow

log = structlog.get_logger(__name__)

# Xero sends again what it missed an answer to, for so long at most (developer.xero.com, webhooks).
_KEPT: Final = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What was sent, as it came."""

    provider: str
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a delivery's events."""

    stored: int = 0
    repeated: int = 0
    ignored: int = 0
    unreadable: bool = False


class WebhookDeliveries:
    """Takes deliveries.

    :param keys: the signing keys by provider; several while one takes another's place.
    :param wake: told that new events wait; never blocks.
    """

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        keys: Mapping[str, Sequence[str]],
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._keys = keys
        self._clock = clock
        self._wake = wake

    def deliver(self, delivery: Delivery) -> Receipt:
        """Store a delivery's events; nobody is called.

        What the provider could only send again is taken, even where nothing can be made of it.

        :raises NotFound: no such provider, or it sends nothing.
        :raises FailedPrecondition: there is no key for it.
        :raises Unauthenticated: it is signed with none of the keys.
        """
        installed, webhooks = self._installed(delivery.provider)
        self._refuse_forged(installed, webhooks, delivery)
        events = self._read(webhooks, delivery)
        return Receipt(unreadable=True) if events is None else self._store(installed, events)

    def forget_old(self) -> None:
        """Forget what came so long ago that it will not come again."""
        webhook_events.forget(self._database, self._clock() - _KEPT)

    def _installed(self, provider: str) -> tuple[ProviderCatalogue, Webhooks]:
        found = self._catalogue.providers.get(provider)
        if found is None or found.provider.webhooks is None:
            raise NotFound(f"webhooks/{provider}")
        return found, found.provider.webhooks

    def _read(self, webhooks: Webhooks, delivery: Delivery) -> Sequence[WebhookEvent] | None:
        """Return a delivery's events; None when nothing can be made of it."""
        try:
            return webhooks.read(delivery.body)
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way, as often as it is sent
            log.warning(
                "webhook unreadable",
                action="webhook_unreadable",
                provider=delivery.provider,
                bytes=len(delivery.body),
                error=type(error).__name__,
            )
            return None

    def _refuse_forged(
        self, installed: ProviderCatalogue, webhooks: Webhooks, delivery: Delivery
    ) -> None:
        keys = self._keys.get(delivery.provider, ())
        if not keys:
            raise _not_configured(installed)
        # All of them, so that the time it takes does not tell which one fits.
        fits = [webhooks.verify(key, delivery.headers, delivery.body) for key in keys]
        if not any(fits):
            log.warning("webhook refused", action="webhook_refused", provider=delivery.provider)
            raise Unauthenticated(
                Reason.WEBHOOK_SIGNATURE_INVALID,
                "The webhook is not signed with a key this server knows.",
            )

    def _store(self, installed: ProviderCatalogue, events: Sequence[WebhookEvent]) -> Receipt:
        ignored: Counter[str] = Counter()
        rows = list(self._wanted(installed, events, ignored))
        with self._database.transaction():
            stored = webhook_events.insert(self._database, rows, self._clock())
        if stored:
            self._wake()
        repeated = len(rows) - stored
        log.info(
            "webhook taken",
            action="webhook_taken",
            provider=installed.provider.name,
            events=len(events),
            stored=stored,
            repeated=repeated,
            **ignored,
        )
        return Receipt(stored=stored, repeated=repeated, ignored=ignored.total())

    def _wanted(
        self, installed: ProviderCatalogue, events: Iterable[WebhookEvent], ignored: Counter[str]
    ) -> Iterator[EventRow]:
        """Yield what a module of a connection reads, and count the rest by why it does not."""
        told: dict[str, list[WebhookEvent]] = {}
        for event in events:
            if _can_be_stored(event):
                told.setdefault(event.organisation_id, []).append(event)
            else:
                ignored["unreadable"] += 1
        holders = connections.holders(self._database, installed.provider.name, told)
        for organisation_id, mine in told.items():
            if organisation_id in holders:
                yield from self._of_connection(installed, holders[organisation_id], mine, ignored)
            else:
                ignored["unknown_organisation"] += len(mine)

    def _of_connection(
        self,
        installed: ProviderCatalogue,
        row: ConnectionRow,
        events: Sequence[WebhookEvent],
        ignored: Counter[str],
    ) -> Iterator[EventRow]:
        on = settings_rows.get(self._database, row.key).on
        organisation = Organisation(row.key.workspace, row.key.provider, row.organisation_id)
        invoices = {event.record_id for event in events if event.kind is RecordKind.INVOICE}
        linked = invoice_links.linked(self._database, organisation, invoices)
        readers = {kind: _readers(installed, kind, on) for kind in {each.kind for each in events}}
        for event in events:
            modules = readers[event.kind]
            if not modules:
                ignored["not_synced"] += 1
            elif event.kind is RecordKind.INVOICE and event.record_id not in linked:
                ignored["not_linked"] += 1
            else:
                yield from (_row(organisation, module, event) for module in modules)


def _can_be_stored(event: WebhookEvent) -> bool:
    """Return whether no text of an event has what PostgreSQL stores in none: U+0000."""
    return "\0" not in event.organisation_id + event.record_id + event.key


def _readers(
    installed: ProviderCatalogue, kind: RecordKind | None, on: frozenset[str]
) -> tuple[str, ...]:
    """Return the modules that are on and read such records."""
    masters = installed.masters(kind) if kind else ()
    return tuple(module.name for module in masters if module.toggle.name in on)


def _row(organisation: Organisation, module: str, event: WebhookEvent) -> EventRow:
    return EventRow(
        organisation=organisation,
        module=module,
        record_id=event.record_id,
        key=event.key,
        event_time=event.event_time,
    )


def _not_configured(installed: ProviderCatalogue) -> FailedPrecondition:
    name, title = installed.provider.name, installed.provider.title
    variable = f"SYNCLINE_{name.upper()}_WEBHOOK_KEY"
    blocker = Blocker(
        reason=Reason.WEBHOOKS_NOT_CONFIGURED,
        subject=name,
        title=title,
        description=f"Set {variable} to the signing key that {title} shows for its webhooks.",
    )
    message = f"There is no key to verify webhooks of {title} with."
    return FailedPrecondition(message, [blocker])
