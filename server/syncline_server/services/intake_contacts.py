"""Where a pull's contacts go: they become customers, or bring theirs up to date."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from syncline_sdk import Contact, Issue, RecordKind
from syncline_server.core.creation import Creation
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.issues import CONTACT_AMBIGUOUS, CONTACT_MERGED, CONTACT_VANISHED
from syncline_server.core.mappings import ContactMapping
from syncline_server.core.matching import Decision, Keys, Outcome, key, match
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import Organisation, of_run
from syncline_server.core.ownership import FindMaster
from syncline_server.services.collapses import find_collapse, hold_back
from syncline_server.services.creation_claims import claims
from syncline_server.services.creation_hand import settle
from syncline_server.services.journal import Journal, Tally
from syncline_server.services.known_contacts import KnownContacts
from syncline_server.services.merged_contacts import Merges, read_merges
from syncline_server.services.owning import owned_now
from syncline_server.services.shared_codes import remark_shared_codes
from syncline_server.storage import (
    connections,
    contacts,
    creations,
    customers,
    module_states,
    present_contacts,
    run_pages,
)
from syncline_server.storage.contacts import ContactRow, StoredContact

_MOST_CANDIDATES = 20
_CIRCLE = "This contact was merged into contacts that were merged into it."


class ContactSink:
    """A ``PageSink[Contact]`` over a run's journal.

    :param find_master: tells, page by page, what the provider owns.
    """

    def __init__(self, journal: Journal, find_master: FindMaster, make_id: MakeId) -> None:
        self._journal = journal
        self._find_master = find_master
        self._make_id = make_id

    def store(self, records: Sequence[Contact], *, cursor: str) -> None:
        """Store one page with its cursor and counts."""
        organisation = of_run(self._journal.run)
        with self._journal.page(cursor) as tally:
            creations.wait_turn(self._journal.database, organisation)
            fields = owned_now(self._find_master, self._journal.run, RecordKind.CONTACT)
            known = KnownContacts(self._journal.database, organisation, lock=True)
            page = ContactPage(known, fields, self._make_id, tally)
            page.decide(records)
            page.write()
            if self._journal.run.read_since is None:
                run = self._journal.run
                if run_pages.add(self._journal.database, run.id, page.ids, page.fresh):
                    tally.is_further = True
            if page.merges.waits_for_survivors(self._journal.run):
                self._read_all_next(organisation, tally.now)

    def unseen(self) -> Sequence[str]:
        """Return the known contacts that a full read has not met; none where that is most."""
        run, database = self._journal.run, self._journal.database
        if run.read_since is not None:
            return ()
        with self._journal.page() as tally:
            ids = present_contacts.unseen(database, of_run(run), run.id)
            # What the run brought itself does not tell whether what was known is still there.
            known, gone = present_contacts.count_known(database, of_run(run), run.id)
            collapsed = find_collapse(run, RecordKind.CONTACT, known, known - gone)
            if collapsed is not None:
                hold_back(self._journal, tally, collapsed)
        return () if collapsed else ids

    def vanished(self, ids: Sequence[str]) -> None:
        """Mark contacts the provider has no more, and report those with a customer."""
        organisation, database = of_run(self._journal.run), self._journal.database
        with self._journal.page() as tally:
            creations.wait_turn(database, organisation)
            gone = [
                each
                for each in contacts.mappings(database, organisation, ids)
                if each.contact_present
            ]
            # Customers first, as whoever changes one locks it before its contacts.
            held = {each.customer_id for each in gone if each.customer_id}
            customers.by_ids(database, organisation.workspace, held, lock=True)
            present_contacts.vanish(
                database, organisation, [each.contact_id for each in gone], tally.now
            )
            tally.judge(RecordKind.CONTACT, ids)
            for each in gone:
                if each.customer_id:
                    tally.remark(_vanished(each), local_id=each.customer_id)

    def _read_all_next(self, organisation: Organisation, now: datetime) -> None:
        row = connections.get(self._journal.database, organisation.connection)
        modules = (self._journal.run.scope.module,)
        module_states.ask_full_read(self._journal.database, row, modules, now)


class ContactPage:
    """One page: first decided, then written if it is to be; a fixed number of statements.

    :param known: what the page is decided by.
    """

    def __init__(
        self, known: KnownContacts, fields: frozenset[str], make_id: MakeId, tally: Tally
    ) -> None:
        self._known = known
        self._database = known.database
        self._organisation = known.organisation
        self._fields = fields
        self._make_id = make_id
        self._tally = tally
        self._fingerprints = Fingerprinter(fields)
        self._hashes: dict[str, str] = {}
        self.ids: Collection[str] = ()
        """Of the contacts in it."""
        self.fresh: Collection[str] = ()
        """Of the contacts that were not known here, or gone; those it remembers for others too."""
        self.rows: dict[str, ContactRow] = {}
        """What becomes of each contact that is news."""
        self.new: list[tuple[str, Contact]] = []
        """Contacts that make customers, each behind the id of its customer."""
        self.updated: list[tuple[str, Contact]] = []
        """Contacts whose values are taken over, each behind the id of its customer."""
        self.matched: set[str] = set()
        """Those among them that are mapped only now."""
        self.claimed: list[tuple[Creation, Contact]] = []
        """Contacts that somebody creates here at this moment."""
        self.merges = Merges()

    def decide(self, records: Sequence[Contact]) -> None:
        """Decide what becomes of each record, and write nothing."""
        latest = {record.id: record for record in records}
        self.ids = latest.keys()
        self._tally.fetched += len(records)
        self._tally.unchanged += len(records) - len(latest)
        self._tally.judge(RecordKind.CONTACT, latest)
        stored = self._known.read(latest)
        merges = self.merges = read_merges(self._known.read, latest, stored)
        known = {id_ for id_, each in stored.items() if each.present}
        self.fresh = (latest.keys() - known) | merges.unread.keys()
        changed = [
            record
            for record in latest.values()
            if self._is_news(record, stored.get(record.id), merges)
        ]
        if changed:
            self._sort(changed, stored, merges)

    def write(self) -> None:
        """Write what was decided."""
        if not self.rows and not self.claimed:
            return
        database, organisation, now = self._database, self._organisation, self._tally.now
        for creation, record in self.claimed:
            settle(database, creation, record, self._make_id, now)
        customers.insert_synced(database, organisation, self.new, self._fields, now)
        recoded = customers.update_synced(database, organisation, self.updated, self._fields, now)
        self.merges.apply(database, organisation, now)
        contacts.write(database, organisation, self.rows.values(), now)
        remark_shared_codes(database, organisation, self.updated, recoded, self._tally)

    def _is_news(self, record: Contact, known: StoredContact | None, merges: Merges) -> bool:
        if known is not None and known.detached:
            # A person took it apart: its own values are kept fresh, and nothing else.
            content_hash = self._hashes[record.id] = self._fingerprints.of(record)
            self._tally.skipped += 1
            return known.content_hash != content_hash
        ours = record.id in merges.gained or (known is not None and known.customer_id is not None)
        if not record.active and not ours:
            # Archived and never ours: not imported, and nothing to remember but who it became.
            self._tally.skipped += 1
            if known is None:
                return bool(record.merged_into)
            was = (MappingState.UNMAPPED, record.merged_into)
            return (known.state, known.merged_into) != was
        content_hash = self._hashes[record.id] = self._fingerprints.of(record)
        settled = known is not None and known.state == MappingState.MAPPED
        if known is not None and settled and known.content_hash == content_hash:
            self._tally.unchanged += 1
            return False
        return True

    def _sort(
        self, changed: Iterable[Contact], stored: Mapping[str, StoredContact], merges: Merges
    ) -> None:
        unmapped = []
        for record in changed:
            known = stored.get(record.id)
            customer = merges.gained.get(record.id) or (known and known.customer_id)
            if known is not None and known.detached:
                self._leave(record)
            elif record.id in merges.lost or (not record.active and not customer):
                self._untie(record, gave_away=record.id in merges.lost)
            elif not customer:
                unmapped.append(record)
            elif record.id in merges.conflicts:
                self._review(record, customer, merges)
            else:
                self._follow(record, customer)
        if unmapped := self._unclaimed(unmapped):
            self._match(unmapped)

    def _unclaimed(self, records: Sequence[Contact]) -> list[Contact]:
        """Set apart what somebody creates here at this moment; return the others."""
        if not records:
            return []
        self.claimed, left = claims(self._known.under_way(), records)
        self._tally.created += len(self.claimed)
        return left

    def _leave(self, record: Contact) -> None:
        content_hash = self._hashes[record.id]
        row = ContactRow(record, content_hash, MappingState.UNMAPPED, detached=True)
        self.rows[record.id] = row

    def _untie(self, record: Contact, *, gave_away: bool) -> None:
        self._put(record, MappingState.UNMAPPED)
        if gave_away:
            self._tally.updated += 1

    def _follow(self, record: Contact, customer: str) -> None:
        self._put(record, MappingState.MAPPED, customer)
        self.updated.append((customer, record))
        self._tally.updated += 1

    def _review(self, record: Contact, customer: str, merges: Merges) -> None:
        survivor = merges.conflicts[record.id]
        apart = survivor in merges.detached
        why = "a person left without a customer" if apart else "has a customer already"
        reason = f"It was merged into contact {survivor}, which {why}."
        self.rows[record.id] = ContactRow(
            contact=record,
            content_hash=self._hashes[record.id],
            state=MappingState.NEEDS_REVIEW,
            customer_id=customer,
            review_reason=_CIRCLE if survivor == record.id else reason,
        )
        self.updated.append((customer, record))
        holder = merges.holders.get(record.id)
        candidates = (customer, holder) if holder else ()
        issue = _merged(record, survivor, apart=apart)
        self._tally.issue(issue, local_id=customer, candidates=candidates)

    def _match(self, records: Sequence[Contact]) -> None:
        wanted = [_keys(record) for record in records]
        ours = self._known.candidates(wanted)
        promised = {creation.record_id for creation, _ in self.claimed}
        decisions = match(wanted, [each for each in ours if each.id not in promised])
        doubtful: list[Contact] = []
        for record in records:
            decision = decisions[record.id]
            if decision.outcome is Outcome.MAP:
                self.matched.add(record.id)
                self._follow(record, decision.ids[0])
            elif decision.outcome is Outcome.CREATE:
                self._create(record)
            else:
                doubtful.append(record)
        if doubtful:
            self._report(doubtful, decisions)

    def _create(self, record: Contact) -> None:
        customer = self._make_id()
        self._put(record, MappingState.MAPPED, customer)
        self.new.append((customer, record))
        self._tally.created += 1

    def _report(self, records: Sequence[Contact], decisions: Mapping[str, Decision]) -> None:
        fitting = {id_ for record in records for id_ in decisions[record.id].ids}
        titles = customers.titles(self._database, self._organisation.workspace, fitting)
        for record in records:
            ids = decisions[record.id].ids[:_MOST_CANDIDATES]
            self.rows[record.id] = ContactRow(
                contact=record,
                content_hash=self._hashes[record.id],
                state=MappingState.AMBIGUOUS,
                candidates=ids,
            )
            self._tally.issue(_ambiguous(record, [titles[id_] for id_ in ids]), candidates=ids)

    def _put(self, record: Contact, state: MappingState, customer: str | None = None) -> None:
        content_hash = self._hashes.get(record.id, "")
        self.rows[record.id] = ContactRow(record, content_hash, state, customer)


def _keys(record: Contact) -> Keys:
    codes = tuple(map(key, record.codes))
    return Keys(record.id, codes, key(record.email), key(record.name))


def _merged(record: Contact, survivor: str, *, apart: bool) -> Issue:
    if survivor == record.id:
        message, action = _CIRCLE, "Look at these contacts at the provider, and restore one."
    elif apart:
        message = f"This contact was merged into another one ({survivor}), which a person left "
        message += "without a customer."
        action = "Remove this contact's mapping, and assign the other contact to the customer."
    else:
        message = f"This contact was merged into another one ({survivor}), and both have a "
        message += "customer here."
        action = "Decide which of the two customers goes on: remove this contact's mapping, and "
        action += "assign the other contact to that customer."
    return Issue(
        code=CONTACT_MERGED,
        message=message,
        action=action,
        kind=RecordKind.CONTACT,
        record_id=record.id,
        record_name=record.name,
    )


def _vanished(mapping: ContactMapping) -> Issue:
    return Issue(
        code=CONTACT_VANISHED,
        message=f"The contact {mapping.contact_name} is gone at the provider; its customer, "
        f"{mapping.customer_name}, is still here, and its invoices cannot be sent.",
        action="Remove the contact's mapping, and assign another contact to the customer; or bring "
        "the contact back there.",
        kind=RecordKind.CONTACT,
        record_id=mapping.contact_id,
        record_name=mapping.contact_name,
    )


def _ambiguous(record: Contact, titles: Sequence[str]) -> Issue:
    if len(titles) == 1:
        message = f"Another contact fits the same customer, {titles[0]}, just as well."
    else:
        message = f"Several customers fit this contact: {', '.join(titles)}."
    return Issue(
        code=CONTACT_AMBIGUOUS,
        message=message,
        action="Assign the contact to one customer, or give it a code or an e-mail address "
        "that only one customer has and sync again.",
        kind=RecordKind.CONTACT,
        record_id=record.id,
        record_name=record.name,
    )
