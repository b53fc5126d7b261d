"""Following contacts that were merged at the provider to the ones that survived."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncline_sdk import Contact
from syncline_server.core.model import MappingState, Run
from syncline_server.core.organisations import Organisation
from syncline_server.storage import contacts
from syncline_server.storage.contacts import ContactRow, StoredContact
from syncline_server.storage.database import Database

ReadContacts = Callable[[Collection[str]], Mapping[str, StoredContact]]
"""Returns what is known of contacts, by id."""

_LONGEST_CHAIN = 20  # contacts merged into contacts that were merged; a circle ends here too


@dataclass
class Merges:
    """What merging changes about the mappings of one page."""

    lost: set[str] = field(default_factory=set)
    """Contacts whose customer goes to their survivor."""
    gained: dict[str, str] = field(default_factory=dict)
    """The customer each survivor takes over."""
    conflicts: dict[str, str] = field(default_factory=dict)
    """The survivor of each contact that cannot give its customer away: it has one, or a person
    left it without. Its own id where contacts were merged in a circle."""
    holders: dict[str, str] = field(default_factory=dict)
    """The customer that the survivor of each of them has, where it has one."""
    detached: set[str] = field(default_factory=set)
    """Survivors among them that a person left without a customer."""
    unread: dict[str, Contact] = field(default_factory=dict)
    """Survivors that are not in the page and were never read, as far as they are known."""
    stored: set[str] = field(default_factory=set)
    """Survivors that are not in the page and are stored."""

    def waits_for_survivors(self, run: Run) -> bool:
        """Return whether only a full read brings what the run will not read of survivors.

        They are not news to the provider, and their customers still have the values of contacts
        that were merged into them.
        """
        return bool(self.stored or (self.unread and not run.reads_everything))

    def apply(self, database: Database, organisation: Organisation, now: datetime) -> None:
        """Write what concerns contacts outside the page, and free what is given away."""
        if not self.lost:
            return
        contacts.release(database, organisation, self.lost, now)
        pairs = [(survivor, self.gained[survivor]) for survivor in sorted(self.stored)]
        contacts.point(database, organisation, pairs, now)
        rows = [
            ContactRow(contact, "", MappingState.MAPPED, self.gained[survivor])
            for survivor, contact in self.unread.items()
        ]
        contacts.write(database, organisation, rows, now)


def read_merges(
    read: ReadContacts,
    page: Mapping[str, Contact],
    stored: Mapping[str, StoredContact],
) -> Merges:
    """Return what the merged contacts of a page mean for the mappings.

    A survivor without a customer takes over the merged contact's; one that has a customer, or that
    a person left without one, makes a conflict for a person.
    """
    merges = Merges()
    merged = [
        record
        for record in page.values()
        if record.merged_into and record.id in stored and stored[record.id].customer_id
    ]
    if merged:
        known = _Known(read, page, dict(stored))
        for record in merged:
            _settle(record, known, merges)
    return merges


class _Known:
    """Contacts of the page, and stored ones read as they are needed."""

    def __init__(
        self,
        read: ReadContacts,
        page: Mapping[str, Contact],
        stored: dict[str, StoredContact],
    ) -> None:
        self._read = read
        self.page = page
        self.stored = stored

    def survivor(self, record: Contact) -> str:
        """Return the id at the end of the chain of merges; the contact's own where it has none."""
        at = record.merged_into
        for _ in range(_LONGEST_CHAIN):
            further = self._merged_into(at)
            if not further:
                return at
            at = further
        return record.id

    def customer(self, contact_id: str) -> str | None:
        known = self.stored.get(contact_id)
        return known.customer_id if known else None

    def is_detached(self, contact_id: str) -> bool:
        known = self.stored.get(contact_id)
        return known is not None and known.detached

    def _merged_into(self, contact_id: str) -> str:
        if contact_id in self.page:
            return self.page[contact_id].merged_into
        if contact_id not in self.stored:
            self.stored |= self._read([contact_id])
        known = self.stored.get(contact_id)
        return known.merged_into if known else ""


def _settle(record: Contact, known: _Known, merges: Merges) -> None:
    survivor = known.survivor(record)
    customer = known.customer(record.id)
    taken = known.customer(survivor) or merges.gained.get(survivor)
    if customer is None:
        return
    if known.is_detached(survivor):
        merges.detached.add(survivor)
    if taken or survivor == record.id or survivor in merges.detached:
        merges.conflicts[record.id] = survivor
        if taken and survivor != record.id:
            merges.holders[record.id] = taken
        return
    merges.lost.add(record.id)
    merges.gained[survivor] = customer
    if survivor in known.stored and survivor not in known.page:
        merges.stored.add(survivor)
    elif survivor not in known.page:
        merges.unread[survivor] = Contact(id=survivor, name=record.name)
