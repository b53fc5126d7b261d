"""Item mappings: which items are which products."""

from collections.abc import Sequence

from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import ItemMapping
from syncline_server.core.names import Connection
from syncline_server.core.organisations import FindOrganisation
from syncline_server.storage import items
from syncline_server.storage.database import Database


class ItemMappings:
    """Lists items with their products."""

    def __init__(self, database: Database, find_organisation: FindOrganisation) -> None:
        self._database = database
        self._find_organisation = find_organisation

    def page(
        self, connection: Connection, wanted: MappingFilter, after: str, limit: int
    ) -> Sequence[ItemMapping]:
        """Return at most ``limit`` mappings behind an item id, in the order of item ids."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        return items.page(self._database, organisation, wanted, after, limit)
