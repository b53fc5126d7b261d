"""Where a plan's contacts go: what would become of each is decided, told, and not written."""

from collections.abc import Mapping, Sequence
from functools import partial

from syncline_sdk import Contact, RecordKind
from syncline_server.core.identifiers import MakeId
from syncline_server.core.mappings import ContactMapping
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import of_run
from syncline_server.core.ownership import FindMaster, wire_name
from syncline_server.core.plan import PlanOutcome, PlanSample
from syncline_server.core.records import Customer
from syncline_server.services import new_customers
from syncline_server.services.collapses import find_collapse
from syncline_server.services.intake_contacts import ContactPage
from syncline_server.services.owning import owned_now
from syncline_server.services.planned_contacts import PlannedContacts
from syncline_server.services.rehearsal import Rehearsal
from syncline_server.storage import contacts, customers, present_contacts
from syncline_server.storage.contacts import ContactRow, StoredContact

_BY_STATE = {
    MappingState.AMBIGUOUS: PlanOutcome.AMBIGUOUS,
    MappingState.NEEDS_REVIEW: PlanOutcome.REVIEW,
}


class ContactPlan:
    """A ``PageSink[Contact]`` over a rehearsal.

    :param find_master: tells, page by page, what the provider owns.
    """

    def __init__(self, rehearsal: Rehearsal, find_master: FindMaster, make_id: MakeId) -> None:
        self._rehearsal = rehearsal
        self._find_master = find_master
        self._make_id = make_id
        self._known = PlannedContacts(rehearsal.database, of_run(rehearsal.run))
        self._seen: set[str] = set()

    def store(self, records: Sequence[Contact], *, cursor: str) -> None:  # noqa: ARG002 - a plan is made in one go
        """Decide one page, and tell what comes of it."""
        tally = self._rehearsal.page(len(records))
        fields = owned_now(self._find_master, self._rehearsal.run, RecordKind.CONTACT)
        page = ContactPage(self._known, fields, self._make_id, tally)
        page.decide(records)
        self._seen.update(page.ids)
        self._rehearsal.count(tally)
        _Telling(self._rehearsal, self._known, page, fields).tell()
        self._known.remember(page)

    def unseen(self) -> Sequence[str]:
        """Return the known contacts that a full read has not met; none where that is most."""
        run = self._rehearsal.run
        if run.read_since is not None:
            return ()
        known = present_contacts.every(self._rehearsal.database, of_run(run))
        ids = [id_ for id_ in known if id_ not in self._seen]
        collapsed = find_collapse(run, RecordKind.CONTACT, len(known), len(known) - len(ids))
        if collapsed is not None:
            self._rehearsal.issue(collapsed)
        return () if collapsed else ids

    def vanished(self, ids: Sequence[str]) -> None:
        """Tell the contacts the provider has no more; those without a customer are left alone."""
        self._rehearsal.page(len(ids))
        organisation = of_run(self._rehearsal.run)
        for each in contacts.mappings(self._rehearsal.database, organisation, ids):
            outcome = PlanOutcome.REVIEW if each.customer_id else PlanOutcome.SKIP
            self._rehearsal.sketch.add(outcome, partial(_gone, outcome, each))


def _gone(outcome: PlanOutcome, mapping: ContactMapping) -> PlanSample:
    return PlanSample(
        outcome=outcome,
        kind=RecordKind.CONTACT,
        record_id=mapping.contact_id,
        record_name=mapping.contact_name,
        local_id=mapping.customer_id or "",
    )


class _Telling:
    """What a decided page adds to the plan."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        known: PlannedContacts,
        page: ContactPage,
        fields: frozenset[str],
    ) -> None:
        self._sketch = rehearsal.sketch
        self._page = page
        self._fields = frozenset(map(wire_name, fields))
        self._new = {customer for customer, _ in page.new}
        self._made_up = known.made_up | self._new
        self._before = self._read(known, [customer for customer, _ in page.updated])
        lost = page.merges.lost
        self._gave: Mapping[str, StoredContact] = known.read(lost) if lost else {}

    def _read(self, known: PlannedContacts, ids: Sequence[str]) -> dict[str, Customer]:
        return customers.by_ids(known.database, known.organisation.workspace, ids) if ids else {}

    def tell(self) -> None:
        """Count every record that is news, and tell some."""
        for row in self._page.rows.values():
            outcome = self._outcome(row)
            if outcome is not None:
                self._sketch.add(outcome, partial(self._sample, outcome, row.contact, row))
        for _, contact in self._page.claimed:
            outcome = PlanOutcome.CREATE
            self._sketch.add(outcome, partial(self._sample, outcome, contact))

    def _outcome(self, row: ContactRow) -> PlanOutcome | None:
        """Return what becomes of a contact; None when it is counted as skipped already."""
        if row.state in _BY_STATE:
            return _BY_STATE[row.state]
        if row.state is MappingState.UNMAPPED:
            return PlanOutcome.UPDATE if row.contact.id in self._page.merges.lost else None
        if row.customer_id in self._new:
            return PlanOutcome.CREATE
        if row.contact.id in self._page.matched:
            return PlanOutcome.MATCH
        before = self._before.get(row.customer_id or "")
        archived = "active" in self._fields and not row.contact.active and before and before.active
        return PlanOutcome.ARCHIVE if archived else PlanOutcome.UPDATE

    def _sample(
        self, outcome: PlanOutcome, contact: Contact, row: ContactRow | None = None
    ) -> PlanSample:
        gave = self._gave.get(contact.id)
        local = (row and row.customer_id) or (gave and gave.customer_id) or ""
        return PlanSample(
            outcome=outcome,
            kind=RecordKind.CONTACT,
            record_id=contact.id,
            record_name=contact.name,
            local_id="" if local in self._made_up else local,
            candidates=row.candidates if row else (),
            changed_fields=self._changed(contact, self._before.get(local)),
        )

    def _changed(self, contact: Contact, before: Customer | None) -> tuple[str, ...]:
        if before is None:
            return ()
        values = new_customers.values(contact)
        return tuple(
            name
            for name in sorted(self._fields)
            if name in values and getattr(before, name) != values[name]
        )
