"""Ids of a caller's own, one by one: no two records of a kind have the same."""

from dataclasses import replace
from typing import TypeVar

from syncline_server.core.invoice import Invoice
from syncline_server.core.records import Customer, Product, TaxCode
from syncline_server.services.refusals import taken
from syncline_server.storage import external_ids
from syncline_server.storage.database import Database

Created = TypeVar("Created", Customer, Product)


def refuse_taken(
    database: Database, table: str, collection: str, record: Customer | Product | TaxCode | Invoice
) -> None:
    """Refuse a record whose external id another has.

    :raises AlreadyExists: names that one.
    """
    other = external_ids.holder(database, record.workspace, table, record.external_id)
    if other not in (None, record.id):
        raise taken(record.workspace, collection, str(other), "external id")


def unless_taken(database: Database, table: str, record: Created) -> Created:
    """Return a record without its external id, if that is not free any more.

    For one that its provider has made already, and that must be stored in any case.
    """
    external_ids.turn_beside(database, record.workspace, table)
    other = external_ids.holder(database, record.workspace, table, record.external_id)
    return record if other in (None, record.id) else replace(record, external_id="")
