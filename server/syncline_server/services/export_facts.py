"""Gathering what decides whether invoices can be sent, for many invoices at once."""

from collections.abc import Collection
from dataclasses import replace

from syncline_server.core.export_check import ContactStanding, ExportFacts
from syncline_server.core.invoice import Invoice
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, customers, items, products, tax_codes, tax_rates
from syncline_server.storage.contacts import CustomerContact
from syncline_server.storage.database import Database


def gather(
    database: Database, organisation: Organisation, invoices: Collection[Invoice]
) -> dict[str, ExportFacts]:
    """Return what is known at an organisation of what invoices refer to, by invoice id."""
    customer_ids = {invoice.customer_id for invoice in invoices}
    mapped = contacts.of_customers(database, organisation, customer_ids)
    shared = _shared(database, organisation, invoices)
    titles = customers.titles(database, organisation.workspace, customer_ids)
    shared = replace(shared, titles={**shared.titles, **titles})
    return {
        invoice.id: replace(
            shared,
            contact=_standing(mapped.get(invoice.customer_id)),
            contact_id=mapped[invoice.customer_id].id if invoice.customer_id in mapped else "",
        )
        for invoice in invoices
    }


def _shared(
    database: Database, organisation: Organisation, invoices: Collection[Invoice]
) -> ExportFacts:
    lines = [line for invoice in invoices for line in invoice.lines]
    product_ids = {line.product_id for line in lines if line.product_id}
    codes = {line.tax_code_id for line in lines}
    codes |= {invoice.freight.tax_code_id for invoice in invoices}
    workspace = organisation.workspace
    named = tax_codes.by_ids(database, workspace, {code for code in codes if code})
    tax_types = tax_rates.tax_codes(database, organisation)
    return ExportFacts(
        item_codes=items.codes(database, organisation, product_ids),
        tax_types={code: tax_type for tax_type, code in tax_types.items()},
        titles={
            **products.titles(database, workspace, product_ids),
            **{code.id: code.code for code in named.values()},
        },
    )


def _standing(mapped: CustomerContact | None) -> ContactStanding:
    if mapped is not None and not mapped.present:
        return ContactStanding.VANISHED
    if mapped is None or mapped.state is not MappingState.MAPPED:
        return ContactStanding.NOT_MAPPED
    return ContactStanding.MAPPED if mapped.active else ContactStanding.ARCHIVED
