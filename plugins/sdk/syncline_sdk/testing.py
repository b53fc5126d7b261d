"""Fakes for the tests of a plugin: a run without a server, a provider without a network.

A module's test needs three things: the module, a :class:`Script` that plays the provider, and a
:class:`FakeRunContext` that plays the host and remembers what the module told it::

    script = Script(answer(json={"Contacts": []}))
    ctx = FakeRunContext.of(CONTACTS, script, settings={"phone_field": "MOBILE"})
    CONTACTS.run(ctx)
    assert ctx.contacts.records == []

The fakes are strict where the host is strict: a module that prepares invoices before it resolved
the unresolved ones, or gives a verdict on an invoice it never sent, fails its test here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from syncline_sdk.census import CensusContext
from syncline_sdk.context import Issue, RunInfo, Trigger
from syncline_sdk.creating import CreateContext
from syncline_sdk.fake_outbox import NOON, Attempt, AttemptState, FakeOutbox
from syncline_sdk.fake_sinks import FakeLinkedInvoices, FakeListSink, FakePageSink, Stopper
from syncline_sdk.hosts import origin_of, refuse_undeclared
from syncline_sdk.options import Option, Value
from syncline_sdk.records import Contact, Item, TaxRate
from syncline_sdk.specs import ModuleSpec
from syncline_sdk.webhooks import Webhooks

__all__ = [
    "Attempt",
    "AttemptState",
    "FakeLinkedInvoices",
    "FakeListSink",
    "FakeOutbox",
    "FakePageSink",
    "FakeRunContext",
    "Script",
    "Step",
    "answer",
    "census_context",
    "check_webhooks",
    "create_context",
    "defaults",
]

Step = Callable[[httpx.Request], httpx.Response]
"""One thing a scripted provider does with one request; raise httpx errors to cut the line."""


def answer(
    status: int = 200,
    *,
    json: object = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Step:
    """Return a step that answers any request with this status and body."""

    def step(_request: httpx.Request) -> httpx.Response:
        if content is not None:
            return httpx.Response(status, content=content, headers=headers)
        return httpx.Response(status, json=json, headers=headers)

    return step


class Script(httpx.MockTransport):
    """A provider that plays its steps in order, one per request, and keeps the requests.

    A request after the last step fails the test: a module must not call more than it is meant to.
    """

    def __init__(self, *steps: Step) -> None:
        super().__init__(self._play)
        self.requests: list[httpx.Request] = []
        self._steps = list(steps)

    @property
    def unplayed(self) -> int:
        """How many steps no request has used."""
        return len(self._steps)

    def then(self, *steps: Step) -> Script:
        """Add steps behind the last one and return the script."""
        self._steps.extend(steps)
        return self

    def _play(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if not self._steps:
            raise AssertionError(f"the script has no step for {request.method} {request.url}")
        return self._steps.pop(0)(request)


def _client(transport: httpx.BaseTransport, api: str, hosts: Sequence[str]) -> httpx.Client:
    """Return a client that refuses what the host's client refuses."""
    declared = {origin_of(api), *(origin_of(f"https://{host}") for host in hosts)}

    def check(request: httpx.Request) -> None:
        refuse_undeclared(request, declared)

    return httpx.Client(transport=transport, base_url=api, event_hooks={"request": [check]})


def defaults(declared: Sequence[Option], given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values a module would see: what is given, and defaults for the rest.

    :raises AssertionError: if a given value is not declared.
    """
    unknown = set(given) - {option.name for option in declared}
    if unknown:
        raise AssertionError(f"not declared by the module: {sorted(unknown)}")
    return {option.name: given.get(option.name, option.default) for option in declared}


@dataclass
class FakeRunContext:
    """A ``RunContext`` in memory: hand it to a module's ``run`` and look at it afterwards."""

    http: httpx.Client
    run: RunInfo = field(
        default_factory=lambda: RunInfo(
            id="run-1",
            module="module",
            organisation_id="organisation-1",
            trigger=Trigger.MANUAL,
            attempt=1,
        )
    )
    settings: Mapping[str, Value] = field(default_factory=dict)
    options: Mapping[str, Value] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    watermark: datetime | None = None
    cursor: str | None = None
    clock: Callable[[], datetime] = lambda: NOON
    stopper: Stopper = field(default_factory=Stopper)
    contacts: FakePageSink[Contact] = field(default_factory=FakePageSink)
    items: FakeListSink[Item] = field(default_factory=FakeListSink)
    tax_rates: FakeListSink[TaxRate] = field(default_factory=FakeListSink)
    linked_invoices: FakeLinkedInvoices = field(default_factory=FakeLinkedInvoices)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    issues: list[Issue] = field(default_factory=list)
    """Issues reported, in order."""
    totals: list[int] = field(default_factory=list)
    """Totals told to ``progress``, in order."""
    reached: datetime | None = None
    """The watermark the run asked for last; the host keeps it only if the run succeeds."""

    def __post_init__(self) -> None:
        """Let every part count towards the same stopper."""
        for part in (self.contacts, self.items, self.tax_rates, self.linked_invoices):
            part.stopper = self.stopper
        self.outbox.check = self.stopper.check
        self.outbox.clock = self.now

    @classmethod
    def of(
        cls,
        spec: ModuleSpec,
        transport: httpx.BaseTransport,
        *,
        api: str = "https://provider.test/api/",
        hosts: Sequence[str] = (),
        settings: Mapping[str, Value] | None = None,
        options: Mapping[str, Value] | None = None,
    ) -> FakeRunContext:
        """Return a context for this module whose client talks to this transport.

        As on the server, calls to anything but the API and ``hosts`` raise ``HostRefused``.
        Settings and options that are not given have the defaults the module declares.
        """
        return cls(
            http=_client(transport, api, hosts),
            run=RunInfo(
                id="run-1",
                module=spec.name,
                organisation_id="organisation-1",
                trigger=Trigger.MANUAL,
                attempt=1,
            ),
            settings=defaults(spec.settings, settings or {}),
            options=defaults(spec.options, options or {}),
        )

    def stop_at(self, call: int) -> None:
        """Raise ``RunStopped`` out of the context call with this number, counted from 1."""
        self.stopper.at = call

    def taken_up_again(self, after: timedelta = timedelta()) -> FakeRunContext:
        """Return the context of the run's next execution: same records, last stored cursor.

        :param after: how much later that is.
        """
        self.outbox.reopen()
        stored = self.contacts.cursor or self.linked_invoices.cursor
        return replace(
            self,
            run=replace(self.run, attempt=self.run.attempt + 1),
            cursor=stored or self.cursor,
            clock=lambda: self.now() + after,
            stopper=Stopper(),
            reached=None,
        )

    def now(self) -> datetime:
        """Return what the clock says."""
        return self.clock()

    def issue(self, issue: Issue) -> None:
        """Keep an issue."""
        self.stopper.check()
        self.issues.append(issue)

    def progress(self, *, total: int) -> None:
        """Keep a total."""
        self.stopper.check()
        self.totals.append(total)

    def advance_watermark(self, until: datetime) -> None:
        """Keep the watermark asked for.

        :raises AssertionError: if it is not aware.
        """
        self.stopper.check()
        if until.tzinfo is None:
            raise AssertionError("a watermark must be aware")
        self.reached = until

    def should_stop(self) -> bool:
        """Return whether the next context call would stop the run."""
        return self.stopper.at is not None and self.stopper.calls + 1 >= self.stopper.at


def census_context(
    spec: ModuleSpec,
    transport: httpx.BaseTransport,
    *sample: str,
    api: str = "https://provider.test/api/",
    hosts: Sequence[str] = (),
    settings: Mapping[str, Value] | None = None,
    since: datetime | None = None,
) -> CensusContext:
    """Return what the ``census`` of this module is given, over this transport.

    Its calls go to the API and ``hosts`` only, as those of a run.
    Settings that are not given have the defaults the module declares.
    """
    return CensusContext(
        http=_client(transport, api, hosts),
        settings=defaults(spec.settings, settings or {}),
        organisation_id="organisation-1",
        since=since,
        sample=sample,
    )


def create_context(
    spec: ModuleSpec,
    transport: httpx.BaseTransport,
    *,
    api: str = "https://provider.test/api/",
    hosts: Sequence[str] = (),
    settings: Mapping[str, Value] | None = None,
    idempotency_key: str = "key-1",
) -> CreateContext:
    """Return what the ``create`` and ``find`` of this module are given, over this transport.

    Its calls go to the API and ``hosts`` only, as those of a run.
    Settings that are not given have the defaults the module declares.
    """
    return CreateContext(
        http=_client(transport, api, hosts),
        settings=defaults(spec.settings, settings or {}),
        organisation_id="organisation-1",
        idempotency_key=idempotency_key,
    )


def check_webhooks(webhooks: Webhooks, key: str, headers: Mapping[str, str], body: bytes) -> None:
    """Check that a provider's deliveries are told from forged ones.

    :param headers: names in lower case; with ``body``, a delivery as the provider signs it.
    :raises AssertionError: what is signed is refused, something else is taken, or a body that makes
        no sense is not refused by ``ValueError``.
    """
    altered = {name: _altered(value) for name, value in headers.items()}
    _expect(webhooks.verify(key, headers, body), "a signed delivery is refused")
    _expect(not webhooks.verify(key, altered, body), "one wrong character is taken")
    _expect(not webhooks.verify(key, headers, body + b" "), "one byte more is taken")
    _expect(not webhooks.verify(f"{key}x", headers, body), "another key's signature is taken")
    _expect(not webhooks.verify(key, {}, body), "a delivery without a signature is taken")
    webhooks.read(body)
    try:
        webhooks.read(b"{")
    except ValueError:
        return
    raise AssertionError("a body that makes no sense is read")


def _altered(value: str) -> str:
    return ("B" if value[:1] == "A" else "A") + value[1:]


def _expect(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition, not a switch
    if not is_so:
        raise AssertionError(otherwise)
