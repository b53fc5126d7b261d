"""Invoices that were refused and are sent once more: what may have been the cause has changed.

An invoice that says the same as the one that was refused is not sent again. What it refers to may
have changed all the same: its contact was restored, a tax type became active, the module's settings
name another account, somebody else gave its number up. Then the refusal is forgotten, and modules
that run by themselves are due at once. Everything happens in the transaction of the change itself.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from syncline_sdk import InvoiceState, RecordKind
from syncline_server.core.link import Link
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, invoice_links, module_states, run_issues, tax_rates
from syncline_server.storage.database import Database

_CHUNK: Final = 500


def after_changes(database: Database, organisation: Organisation, now: datetime) -> None:
    """Give another chance to what refers to a contact or tax type that changed since."""
    for links in _chunks(database, organisation):
        contact_ids = {link.parcel.invoice.contact_id for link in links}
        changed = contacts.update_times(database, organisation, contact_ids)
        changed |= tax_rates.update_times(database, organisation)
        touched = [
            link
            for link in links
            if any(_is_after(changed.get(name), link.update_time) for name in _names(link))
        ]
        _reconsider(database, organisation, touched, now)


def after_settings(database: Database, organisation: Organisation, now: datetime) -> None:
    """Give another chance to everything: the settings it was sent under are others now."""
    for links in _chunks(database, organisation):
        _reconsider(database, organisation, links, now)


def after_invoices(
    database: Database,
    organisation: Organisation,
    others: Collection[InvoiceState],
    now: datetime,
) -> None:
    """Give another chance to what one of these stood in the way of, if it changed since.

    :param others: invoices of the provider that are none of ours.
    """
    changed = {each.id: each.modified_time for each in others if each.modified_time}
    if not changed:
        return
    held_up = [
        link
        for link in invoice_links.held_up_by(database, organisation, changed)
        if _is_after(changed[link.holder_id], link.update_time)
    ]
    _reconsider(database, organisation, held_up, now)


def _names(link: Link) -> set[str]:
    invoice = link.parcel.invoice
    return {invoice.contact_id, *(line.tax_type for line in invoice.lines)}


def _is_after(changed: datetime | None, refused: datetime | None) -> bool:
    return changed is not None and refused is not None and changed > refused


def _chunks(database: Database, organisation: Organisation) -> Iterator[list[Link]]:
    after = ""
    while links := invoice_links.refused(database, organisation, after, _CHUNK):
        yield links
        after = links[-1].invoice_id


def _reconsider(
    database: Database, organisation: Organisation, links: Sequence[Link], now: datetime
) -> None:
    if not links:
        return
    ids = [link.invoice_id for link in links]
    met = run_issues.of_records(database, organisation, RecordKind.INVOICE, ids)
    codes = {link.refusal_code for link in links}
    modules = {issue.module for issue in met if issue.code in codes}
    invoice_links.reconsider(database, organisation, ids, now)
    module_states.wake(database, organisation, modules, now)
