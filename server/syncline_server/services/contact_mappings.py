"""Contact mappings: which contacts are which customers."""

from collections.abc import Sequence

from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import ContactMapping
from syncline_server.core.names import Connection
from syncline_server.core.organisations import FindOrganisation
from syncline_server.storage import contacts
from syncline_server.storage.database import Database


class ContactMappings:
    """Lists contacts with their customers."""

    def __init__(self, database: Database, find_organisation: FindOrganisation) -> None:
        self._database = database
        self._find_organisation = find_organisation

    def page(
        self, connection: Connection, wanted: MappingFilter, after: str, limit: int
    ) -> Sequence[ContactMapping]:
        """Return at most ``limit`` mappings behind a contact id, in the order of contact ids."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        return contacts.page(self._database, organisation, wanted, after, limit)
