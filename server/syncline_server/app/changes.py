"""Wiring the feed of changes."""

from datetime import timedelta

from syncline_server.app.outside import Outside
from syncline_server.core.names import Connection
from syncline_server.core.notices import Notice
from syncline_server.core.organisations import Organisation
from syncline_server.services.chain import Chain
from syncline_server.services.changed_resources import ChangedResources
from syncline_server.services.changes import Changes
from syncline_server.services.invoices import Invoices
from syncline_server.services.organisations import find_organisation
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage.database import Database


def build_changes(outside: Outside, database: Database, chain: Chain, kept: timedelta) -> Changes:
    """Wire it.

    :param kept: how long a change is kept.
    """

    def find(connection: Connection) -> Organisation | None:
        return find_organisation(database, connection)

    resources = ChangedResources(
        database,
        chain.find_master,
        find,
        Invoices(database, outside.clock, outside.make_id),
        TaxMappings(database, outside.clock, find, _nobody),
    )
    return Changes(database, outside.clock, resources, kept)


def _nobody(_notice: Notice) -> None:
    """Tell nobody: reading changes nothing."""
