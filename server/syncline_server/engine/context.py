"""The run context of a module, on the server's side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx

from syncline_sdk import (
    Contact,
    InvoiceOutbox,
    Issue,
    Item,
    LinkedInvoices,
    ListSink,
    ModuleSpec,
    PageSink,
    RunInfo,
    TaxRate,
    Value,
)
from syncline_server.core import option_values
from syncline_server.core.clock import Clock
from syncline_server.core.model import Run, Settings
from syncline_server.services.journal import Journal
from syncline_server.services.rehearsal import Rehearsal


@dataclass(frozen=True, kw_only=True)
class Doors:
    """The ways out of a run: where its records go and come from."""

    contacts: PageSink[Contact]
    items: ListSink[Item]
    tax_rates: ListSink[TaxRate]
    linked_invoices: LinkedInvoices
    outbox: InvoiceOutbox


OpenDoors = Callable[[Journal], Doors]
"""Builds the sinks of one run; ``app`` passes it in."""
OpenPlanDoors = Callable[[Rehearsal], Doors]
"""Builds those of one plan, which decide the same and write nothing."""


class Log(Protocol):
    """Where what a module says of its run goes: a journal's rows, or a rehearsal's memory."""

    run: Run

    def total(self, records: int) -> None:
        """Note how many records there will be."""

    def watermark(self, until: datetime) -> None:
        """Note the watermark a success will leave."""

    def issue(self, issue: Issue) -> None:
        """Note one issue."""


class HostContext:
    """What a module's ``run`` is handed; implements ``syncline_sdk.RunContext``."""

    def __init__(  # noqa: PLR0913 - built in one place, from what the run is made of
        self,
        *,
        log: Log,
        http: httpx.Client,
        doors: Doors,
        module: ModuleSpec,
        settings: Settings,
        clock: Clock,
        should_stop: Callable[[], bool],
    ) -> None:
        run = log.run
        self.run = RunInfo(
            id=run.id,
            module=run.scope.module,
            organisation_id=run.organisation_id,
            trigger=run.trigger,
            attempt=run.attempt,
        )
        self.http = http
        settable = {each.name: each for each in module.settings}
        declared = {each.name: each for each in module.options}
        self.settings: Mapping[str, Value] = option_values.filled(settable, settings.options)
        self.options: Mapping[str, Value] = option_values.filled(declared, run.options)
        self.targets = run.targets
        self.watermark = run.read_since
        self.cursor = run.cursor
        self.contacts = doors.contacts
        self.items = doors.items
        self.tax_rates = doors.tax_rates
        self.linked_invoices = doors.linked_invoices
        self.outbox = doors.outbox
        self._log = log
        self._clock = clock
        self._should_stop = should_stop

    def now(self) -> datetime:
        """Return the current time."""
        return self._clock()

    def issue(self, issue: Issue) -> None:
        """Write one issue down."""
        self._log.issue(issue)

    def progress(self, *, total: int) -> None:
        """Write down how many records there will be."""
        self._log.total(total)

    def advance_watermark(self, until: datetime) -> None:
        """Write down the watermark a success will leave."""
        self._log.watermark(until)

    def should_stop(self) -> bool:
        """Return whether the process is stopping or this attempt may not write any more."""
        return self._should_stop()
