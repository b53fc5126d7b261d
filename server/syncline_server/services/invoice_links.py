"""Invoice links: what became of invoices at an organisation."""

from collections.abc import Sequence

from syncline_server.core.link import Link
from syncline_server.core.listing import LinkFilter
from syncline_server.core.names import Connection
from syncline_server.core.organisations import FindOrganisation
from syncline_server.storage import invoice_links
from syncline_server.storage.database import Database


class InvoiceLinks:
    """Lists links."""

    def __init__(self, database: Database, find_organisation: FindOrganisation) -> None:
        self._database = database
        self._find_organisation = find_organisation

    def page(
        self, connection: Connection, wanted: LinkFilter, after: str, limit: int
    ) -> Sequence[Link]:
        """Return at most ``limit`` links behind an invoice id, in the order of invoice ids."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        return invoice_links.page(self._database, organisation, wanted, after, limit)
