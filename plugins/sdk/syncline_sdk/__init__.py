"""What a Syncline plugin is written against.

A plugin is a Python package with an entry point in the group ``syncline`` whose module implements
the one hook, :func:`syncline_sdk.hookspecs.syncline_plugin`, and returns a :class:`Plugin`: the
providers it connects to, the sync modules it adds and the steps a person completes. Everything
else (order, toggles, cooldowns, queue, cancelling, retries, issues, encryption, RPCs) is the
server's work.
"""

from syncline_sdk.census import Census, CensusContext, TakeCensus
from syncline_sdk.context import Issue, RunContext, RunInfo, Trigger
from syncline_sdk.creating import (
    ContactCreator,
    ContactDraft,
    CreateContext,
    Creator,
    ItemCreator,
    ItemDraft,
)
from syncline_sdk.errors import (
    AccessLost,
    HostRefused,
    OutcomeUnknown,
    PluginError,
    RecordRejected,
    RetryLater,
    RunFailed,
    RunStopped,
)
from syncline_sdk.hookspecs import hookimpl
from syncline_sdk.options import Option, OptionKind, Setting, Value
from syncline_sdk.outbox import LEAVES_WITHIN, InvoiceOutbox, OutgoingInvoice, OutgoingLine
from syncline_sdk.provider import (
    Addresses,
    Allowance,
    Identity,
    Limits,
    Organisation,
    Provider,
    RateLimit,
)
from syncline_sdk.records import (
    Address,
    Contact,
    InvoiceLine,
    InvoiceState,
    Item,
    LineAmounts,
    RecordKind,
    TaxRate,
)
from syncline_sdk.sinks import LinkedInvoices, ListSink, PageSink
from syncline_sdk.specs import Direction, ManualStep, ModuleSpec, OwnedField, Plugin, Toggle
from syncline_sdk.webhooks import WebhookEvent, Webhooks

__all__ = [
    "LEAVES_WITHIN",
    "AccessLost",
    "Address",
    "Addresses",
    "Allowance",
    "Census",
    "CensusContext",
    "Contact",
    "ContactCreator",
    "ContactDraft",
    "CreateContext",
    "Creator",
    "Direction",
    "HostRefused",
    "Identity",
    "InvoiceLine",
    "InvoiceOutbox",
    "InvoiceState",
    "Issue",
    "Item",
    "ItemCreator",
    "ItemDraft",
    "Limits",
    "LineAmounts",
    "LinkedInvoices",
    "ListSink",
    "ManualStep",
    "ModuleSpec",
    "Option",
    "OptionKind",
    "Organisation",
    "OutcomeUnknown",
    "OutgoingInvoice",
    "OutgoingLine",
    "OwnedField",
    "PageSink",
    "Plugin",
    "PluginError",
    "Provider",
    "RateLimit",
    "RecordKind",
    "RecordRejected",
    "RetryLater",
    "RunContext",
    "RunFailed",
    "RunInfo",
    "RunStopped",
    "Setting",
    "TakeCensus",
    "TaxRate",
    "Toggle",
    "Trigger",
    "Value",
    "WebhookEvent",
    "Webhooks",
    "hookimpl",
]
