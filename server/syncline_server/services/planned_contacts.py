"""What a plan's next page of contacts is decided by: nothing was stored of the ones before it."""

from collections.abc import Collection, Sequence

from syncline_sdk import Contact
from syncline_server.core.creation import Creation
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.matching import Keys
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation
from syncline_server.services.intake_contacts import ContactPage
from syncline_server.services.known_contacts import KnownContacts
from syncline_server.storage.contacts import StoredContact
from syncline_server.storage.database import Database


class PlannedContacts(KnownContacts):
    """As it would be stored behind the pages that were planned already."""

    def __init__(self, database: Database, organisation: Organisation) -> None:
        super().__init__(database, organisation, lock=False)
        self.made_up: set[str] = set()
        """Ids of customers that are in the plan only."""
        self._contacts: dict[str, StoredContact] = {}
        self._taken: set[str] = set()
        self._settled: set[str] = set()

    def read(self, ids: Collection[str]) -> dict[str, StoredContact]:
        """Return what would be known of these contacts, by id."""
        planned = self._contacts
        return super().read(ids) | {id_: planned[id_] for id_ in ids if id_ in planned}

    def candidates(self, wanted: Sequence[Keys]) -> list[Keys]:
        """Return the customers that would be without a contact."""
        return [each for each in super().candidates(wanted) if each.id not in self._taken]

    def under_way(self) -> list[Creation]:
        """Return the creations whose contacts were not in an earlier page."""
        return [each for each in super().under_way() if each.id not in self._settled]

    def remember(self, page: ContactPage) -> None:
        """Take a page for stored."""
        for row in page.rows.values():
            kept = (row.content_hash, row.state, row.customer_id)
            self._keep(StoredContact(row.contact.id, *kept, row.contact.merged_into, row.detached))
        for creation, contact in page.claimed:
            self._claim(creation, contact)
        for survivor, contact in page.merges.unread.items():
            self._keep(_mapped(contact, "", page.merges.gained[survivor]))
        for survivor, known in self.read(page.merges.stored).items():
            gained = page.merges.gained[survivor]
            self._keep(
                known._replace(content_hash="", state=MappingState.MAPPED, customer_id=gained)
            )
        self.made_up.update(customer for customer, _ in page.new)

    def _claim(self, creation: Creation, contact: Contact) -> None:
        content_hash = Fingerprinter(creation.content.fields).of(contact)
        self._keep(_mapped(contact, content_hash, creation.record_id))
        self._settled.add(creation.id)
        self.made_up.add(creation.record_id)

    def _keep(self, contact: StoredContact) -> None:
        self._contacts[contact.id] = contact
        if contact.customer_id:
            self._taken.add(contact.customer_id)


def _mapped(contact: Contact, content_hash: str, customer: str) -> StoredContact:
    state = MappingState.MAPPED
    return StoredContact(
        contact.id, content_hash, state, customer, contact.merged_into, detached=False
    )
