"""The module ``invoice_push``: our invoices become drafts in Xero, each exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from syncline_sdk import (
    Direction,
    ModuleSpec,
    Option,
    OptionKind,
    OutgoingInvoice,
    RecordKind,
    RunContext,
    Setting,
    Toggle,
)
from syncline_xero.client import XeroClient
from syncline_xero.outgoing import Accounts, Parcel, fault_of, parcels
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.sending import Sender
from syncline_xero.settling import Settler
from syncline_xero.suspects import Suspects

INVOICES_TOGGLE: Final = Toggle(name="invoices", title="Sync Invoices")
"""Switches push and pull together."""

NAMED_INVOICES: Final = Option(
    name="invoices",
    title="Invoices",
    kind=OptionKind.TEXT_LIST,
    default=(),
    max_length=50,
)
"""The invoices a trigger names; none means every one that is due."""


def invoice_push_module() -> ModuleSpec:
    """Return the module ``invoice_push``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="invoice_push",
        title="Invoice Push",
        direction=Direction.PUSH,
        kind=RecordKind.INVOICE,
        toggle=INVOICES_TOGGLE,
        cooldown=timedelta(seconds=5),
        run=run,
        requires=("contacts", "items", "tax_mapping"),
        settings=(
            Setting(
                name="default_sales_account_code",
                title="Sales account code",
                kind=OptionKind.TEXT,
                default="200",
                max_length=10,
                description="The account in Xero that lines of pushed invoices are booked to.",
            ),
            Setting(
                name="freight_account_code",
                title="Freight account code",
                kind=OptionKind.TEXT,
                default="",
                max_length=10,
                description=(
                    "The account in Xero that freight is booked to."
                    " While it is empty, freight goes to the sales account."
                ),
            ),
        ),
        options=(NAMED_INVOICES,),
    )


def run(ctx: RunContext) -> None:
    """Settle what an earlier execution left open, then send what is due, batch by batch."""
    client = XeroClient(ctx)
    settler = Settler(ctx.outbox, client, ctx.now)
    suspects = Suspects(ctx.outbox, ctx.now)
    sender = Sender(ctx.outbox, client, settler, suspects)
    settler.settle(ctx.outbox.unresolved())
    accounts = Accounts(
        sales=str(ctx.settings["default_sales_account_code"]).strip(),
        freight=str(ctx.settings["freight_account_code"]).strip(),
    )

    def send_due() -> None:
        while batch := ctx.outbox.prepare(sender.batch_size):
            for parcel in _parcels(ctx, suspects.others(batch), accounts):
                sender.send(parcel)

    send_due()
    for invoice in suspects.of_earlier():
        for parcel in _parcels(ctx, [invoice], accounts):
            sender.send(parcel)
        send_due()
    suspects.judge()


def _parcels(
    ctx: RunContext, batch: Sequence[OutgoingInvoice], accounts: Accounts
) -> Iterator[Parcel]:
    """Yield what can be sent, rejecting what cannot."""
    fit = []
    for invoice in batch:
        fault = fault_of(invoice)
        if fault is None:
            fit.append(invoice)
        else:
            ctx.outbox.rejected(invoice.attempt_id, fault.code, fault.message)
    for made in parcels(fit, accounts):
        if isinstance(made, Parcel):
            yield made
        else:
            invoice, fault = made
            ctx.outbox.rejected(invoice.attempt_id, fault.code, fault.message)
