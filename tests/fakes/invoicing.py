"""Invoices of a whole server whose chain is complete, and what became of them at its provider."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bookkeeping import add_customer, add_invoice, add_product, add_tax_code, an_invoice, held
from fake_provider import FAKE
from syncline_sdk import Contact, Issue, Item, Trigger
from syncline_server.core import outgoing
from syncline_server.core.export_check import ContactStanding, ExportFacts
from syncline_server.core.link import Link
from syncline_server.core.model import MappingState, PushState, Run, RunState
from syncline_server.core.names import Scope
from syncline_server.core.organisations import Organisation
from syncline_server.core.variance import variance
from syncline_server.storage import (
    contacts,
    invoice_links,
    items,
    run_issues,
    runs,
    tax_rates,
)
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from syncline_server.storage.run_issues import IssueRow
from syncline_server.storage.tax_rates import TaxRateRow
from wiring import ACME, ORGANISATION, Wired

LEDGER = Organisation(ACME.workspace, FAKE, ORGANISATION)
FACTS = ExportFacts(
    contact=ContactStanding.MAPPED,
    contact_id="c1",
    item_codes={"widget": "W1"},
    tax_types={"gst": "OUTPUT2"},
)
KERR = Contact(id="c1", name="Kerr Ltd")
WIDGET = Item(id="i1", code="W1", name="Widget")


def complete_chain(wired: Wired) -> None:
    """Connect, turn everything on and have every pull of the foundation succeed once."""
    wired.connect()
    wired.switch_on("contacts", "tax_rates", "items", "invoices")
    for module in ("tax_rates", "contacts", "items"):
        wired.end(stored_run(wired, module))


def stored_run(
    wired: Wired, module: str = "contacts", state: RunState = RunState.RUNNING, **more: object
) -> Run:
    """Store a run in a state that is no end, or end it right away.

    :param more: other fields of it.
    """
    run = Run(
        id=wired.next_id(),
        scope=Scope(ACME, module),
        organisation_id=ORGANISATION,
        generation=0,
        trigger=Trigger.MANUAL,
        state=RunState.QUEUED,
        create_time=wired.clock(),
    )
    run = replace(run, **more)  # type: ignore[arg-type]  # any field of it
    runs.insert(wired.database, run)
    if state is RunState.QUEUED:
        return run
    run = wired.begin(run.id)
    if state is not RunState.RUNNING:
        wired.end(run, state)
    return run


def meet(wired: Wired, run: Run, *issues: Issue, candidates: Sequence[str] = ()) -> None:
    """Have a run meet issues.

    :param candidates: ids of the local records that fit each of them.
    """
    rows = [IssueRow(issue, "", tuple(candidates)) for issue in issues]
    with wired.database.transaction():
        run_issues.add(wired.database, run, rows, wired.clock())


def settle(wired: Wired, issue: Issue, resolution: str) -> None:
    """Settle what is open about the record of an issue."""
    database = wired.database
    found = run_issues.of_records(database, LEDGER, issue.kind, [issue.record_id])
    run_issues.close(database, found, resolution, wired.clock())


def stock(wired: Wired) -> None:
    """Store a mapped customer, product and tax code, as invoices refer to."""
    database, now = wired.database, wired.clock()
    add_customer(database, "kerr", KERR)
    contacts.write(database, LEDGER, [ContactRow(KERR, "", MappingState.MAPPED, "kerr")], now)
    add_product(database, "widget", WIDGET)
    items.write(database, LEDGER, [ItemRow(WIDGET, "", MappingState.MAPPED, "widget")], now)
    add_tax_code(database, "gst")
    tax_rates.write(database, LEDGER, [_tax_rate("gst", MappingState.MAPPED)], now)


def unmap_tax(wired: Wired) -> None:
    """Take the tax code's tax type away."""
    rate = _tax_rate(None, MappingState.UNMAPPED)
    tax_rates.write(wired.database, LEDGER, [rate], wired.clock())


def _tax_rate(tax_code: str | None, state: MappingState) -> TaxRateRow:
    return TaxRateRow(
        tax_type="OUTPUT2",
        name="GST",
        rate=Decimal(15),
        active=True,
        applies_to_sales=True,
        content_hash="",
        state=state,
        tax_code_id=tax_code,
    )


def confirmed(wired: Wired, *ids: str, **changes: object) -> None:
    """Store confirmed invoices over one widget."""
    for id_ in ids:
        add_invoice(wired.database, an_invoice(id_, **changes))


def linked(wired: Wired, id_: str, **changes: object) -> None:
    """Store an invoice that the provider holds.

    :param changes: fields in which the provider's invoice is not as it was sent.
    """
    confirmed(wired, id_)
    sent = outgoing.parcel(an_invoice(id_), FACTS, f"attempt-{id_}", "key")
    theirs = held(sent.invoice)._replace(**changes)  # type: ignore[arg-type]  # any field of it
    now = wired.clock()
    link = Link(
        organisation=LEDGER,
        invoice_id=id_,
        push_state=PushState.LINKED,
        attempt_id=f"attempt-{id_}",
        run_id="",
        parcel=sent,
        remote=theirs,
        variance=variance(sent, theirs),
        link_time=now,
        refresh_time=now,
    )
    _write(wired, link, now)


def unlinked(wired: Wired, id_: str, state: PushState, message: str = "") -> None:
    """Store an invoice that was sent, or is being, and that the provider does not hold for sure.

    :param message: why it was refused.
    """
    confirmed(wired, id_)
    link = Link(
        organisation=LEDGER,
        invoice_id=id_,
        push_state=state,
        attempt_id=f"attempt-{id_}",
        run_id="",
        parcel=outgoing.parcel(an_invoice(id_), FACTS, f"attempt-{id_}", "key"),
        refusal_code="REFUSED" if message else "",
        refusal_message=message,
    )
    _write(wired, link, wired.clock())


def _write(wired: Wired, link: Link, now: datetime) -> None:
    with wired.database.transaction():
        invoice_links.write(wired.database, [link], now)
