"""What a module's ``run`` function is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import httpx

from syncline_sdk.options import Value
from syncline_sdk.outbox import InvoiceOutbox
from syncline_sdk.records import Contact, Item, RecordKind, TaxRate
from syncline_sdk.sinks import LinkedInvoices, ListSink, PageSink


class Trigger(StrEnum):
    """Who asked for a run."""

    MANUAL = "MANUAL"  # a caller of TriggerSync
    AUTOMATIC = "AUTOMATIC"  # the workspace's interval
    WEBHOOK = "WEBHOOK"  # the provider, by telling what changed


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """Which run this is."""

    id: str
    module: str
    organisation_id: str
    trigger: Trigger
    attempt: int
    """1 for the first execution; higher when the run was taken up again."""


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One record that could not be processed, for a person to settle."""

    code: str
    """Stable, UPPER_SNAKE."""
    message: str
    """What is wrong, with the record's own words."""
    action: str
    """What to do about it."""
    kind: RecordKind
    record_id: str
    record_name: str


class RunContext(Protocol):
    """One run, seen from inside. It holds no token, no database and no other workspace.

    Any call may raise :class:`syncline_sdk.RunStopped`: let it pass. Use it in the thread that
    called ``run`` only.
    """

    @property
    def run(self) -> RunInfo:
        """Which run this is."""

    @property
    def http(self) -> httpx.Client:
        """A client for the provider's API, relative to ``Provider.addresses.api``.

        It adds authorisation and the provider's own headers, waits for the organisation's
        allowance, obeys rate limits and repeats failed reads. Writes are never repeated.
        Other status codes come back as they are.
        """

    @property
    def settings(self) -> Mapping[str, Value]:
        """The module's declared settings, checked, with defaults filled in."""

    @property
    def options(self) -> Mapping[str, Value]:
        """The module's declared options as this trigger gave them, with defaults filled in."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The provider's ids of the only records to read, in order; empty in an ordinary run.

        Only modules that say :attr:`syncline_sdk.ModuleSpec.takes_targets` get any. They are the
        same in every execution of the run. Such a run has no watermark to advance.
        """

    @property
    def watermark(self) -> datetime | None:
        """Up to where the last successful run read; None asks for a full read."""

    @property
    def cursor(self) -> str | None:
        """The cursor stored last by this run, when it is taken up again; None at its beginning."""

    @property
    def contacts(self) -> PageSink[Contact]:
        """Where contacts go."""

    @property
    def items(self) -> ListSink[Item]:
        """Where items go."""

    @property
    def tax_rates(self) -> ListSink[TaxRate]:
        """Where tax rates go."""

    @property
    def linked_invoices(self) -> LinkedInvoices:
        """The invoices to refresh."""

    @property
    def outbox(self) -> InvoiceOutbox:
        """The invoices to send."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""

    def issue(self, issue: Issue) -> None:
        """Report one record that could not be processed; the run goes on."""

    def progress(self, *, total: int) -> None:
        """Tell how many records this run will fetch in all, as soon as it is known."""

    def advance_watermark(self, until: datetime) -> None:
        """Say up to where this run will have read; kept only if the run succeeds."""

    def should_stop(self) -> bool:
        """Return whether the run should end; for long work between two context calls."""
