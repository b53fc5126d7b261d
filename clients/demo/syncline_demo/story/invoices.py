"""The acts about invoices: preflight, push, what people do in Xero, pull."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from syncline.v1.invoice_pb2 import Freight, Invoice, InvoiceLink
from syncline.v1.record_pb2 import PreflightInvoicesRequest
from syncline_client import ResourceExhausted
from syncline_demo.story.billing import set_freight
from syncline_demo.story.cast import Cast
from syncline_demo.story.errors import StoryError
from syncline_demo.story.running import refusal, run

_APPROVED = 24
_PAID = 12
_PART_PAID = 4
_PART = "10.00"
_FREIGHT_ACCOUNT = "260"
"""Other Revenue, in the simulator's chart of accounts."""


def preflight(cast: Cast, invoices: Sequence[Invoice]) -> None:
    """Ask what a push would do, and settle what blocks one."""
    cast.workspace.set_options(freight_account_code=_FREIGHT_ACCOUNT)
    undecided = invoices[-1]
    set_freight(cast, undecided, Freight(state=Freight.STATE_TO_BE_CONFIRMED))
    cast.stage.say(f"{undecided.number}'s freight is still to be confirmed. PreflightInvoices:")
    request = PreflightInvoicesRequest(connection=cast.workspace.connection)
    answer = cast.workspace.client.records.PreflightInvoices(request)
    cast.stage.done(f"{answer.eligible_count} eligible, {answer.blocked_count} blocked")
    for result in answer.results:
        for reason in result.reasons:
            cast.stage.say(f"  - {result.number}: {reason.code}. {reason.action}")
    tax_code = undecided.lines[0].tax_code
    fixed = Freight(state=Freight.STATE_FIXED, amount="12.50", tax_code=tax_code)
    set_freight(cast, undecided, fixed)
    answer = cast.workspace.client.records.PreflightInvoices(request)
    cast.stage.done(f"With the freight fixed: {answer.eligible_count} eligible")


def push(cast: Cast, invoices: Sequence[Invoice]) -> None:
    """Push everything eligible, look at it in Xero, and push again too early."""
    run(cast, "invoice_push")
    cast.stage.say("TriggerSync invoice_push again, at once:")
    cast.stage.refused(refusal("a push too early", lambda: cast.workspace.trigger("invoice_push")))
    one = cast.simulator.invoice(cast.organisation.name, invoices[0].number)
    cast.stage.done(
        f"In Xero {one['InvoiceNumber']} is {one['Status']}, total {one['Total']} "
        f"{one['CurrencyCode']} (here {invoices[0].total})"
    )


def happen_in_xero(cast: Cast, invoices: Sequence[Invoice]) -> None:
    """Approve, pay and part-pay some, as people do."""
    organisation = cast.organisation.name
    for invoice in invoices[:_APPROVED]:
        cast.simulator.approve(organisation, invoice.number)
    for invoice in invoices[:_PAID]:
        cast.simulator.pay(organisation, invoice.number)
    for invoice in invoices[_PAID : _PAID + _PART_PAID]:
        cast.simulator.pay(organisation, invoice.number, _PART)
    cast.stage.done(f"{_APPROVED} approved, {_PAID} of them paid, {_PART_PAID} paid in part")


def pull(cast: Cast) -> None:
    """Pull, be refused for the cooldown, wait it out, and pull again."""
    run(cast, "invoice_pull")
    cast.stage.say("TriggerSync invoice_pull again, at once:")
    refused = refusal("a pull too early", lambda: cast.workspace.trigger("invoice_pull"))
    cast.stage.refused(refused)
    if isinstance(refused, ResourceExhausted) and refused.retry_after is not None:
        cast.stage.count_down("invoice_pull cools down", refused.retry_after)
    run(cast, "invoice_pull")


def show(cast: Cast) -> None:
    """Print what Xero says of the workspace's invoices."""
    found: dict[str, list[InvoiceLink]] = defaultdict(list)
    for link in cast.workspace.links():
        found[link.provider_status].append(link)
    rows = [(status, *_sums(links)) for status, links in sorted(found.items())]
    head = ("In Xero", "Invoices", "Total", "Paid", "Due", "Variances")
    cast.stage.table(f"Invoices, {cast.organisation.currency}", head, rows)
    if "PAID" not in found:
        raise StoryError("No invoice came back as paid.")


def _sums(links: Sequence[InvoiceLink]) -> tuple[str, ...]:
    return (
        str(len(links)),
        str(sum(Decimal(link.provider_total) for link in links)),
        str(sum(Decimal(link.amount_paid) for link in links)),
        str(sum(Decimal(link.amount_due) for link in links)),
        str(sum(link.HasField("variance") for link in links)),
    )
