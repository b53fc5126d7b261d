"""What a page of contacts is decided by: what is known of them and of customers they may be."""

from collections.abc import Collection, Sequence

from syncline_sdk import RecordKind
from syncline_server.core.creation import Creation
from syncline_server.core.matching import Keys
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts, creations, customers
from syncline_server.storage.contacts import StoredContact
from syncline_server.storage.database import Database


class KnownContacts:
    """As it is stored.

    :param lock: whether to hold what somebody creates, in the transaction that will write.
    """

    def __init__(self, database: Database, organisation: Organisation, *, lock: bool) -> None:
        self.database = database
        self._lock = lock
        self.organisation = organisation

    def read(self, ids: Collection[str]) -> dict[str, StoredContact]:
        """Return what is known of these contacts, by id."""
        return contacts.read(self.database, self.organisation, ids)

    def candidates(self, wanted: Sequence[Keys]) -> list[Keys]:
        """Return the customers without a contact that share a key with these contacts."""
        return customers.candidates(self.database, self.organisation, wanted)

    def under_way(self) -> list[Creation]:
        """Return the customers that somebody creates at the provider at this moment."""
        return creations.under_way(
            self.database, self.organisation, RecordKind.CONTACT, lock=self._lock
        )
