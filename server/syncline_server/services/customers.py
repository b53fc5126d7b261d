"""Customers: what RecordService does with them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from syncline_sdk import ContactDraft, RecordKind
from syncline_server.core import customer_draft, etags, names, provenance
from syncline_server.core.clock import Clock
from syncline_server.core.creation import NewCustomer
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import marks_of
from syncline_server.core.listing import RecordFilter
from syncline_server.core.ownership import FindMaster, Master, refuse_creation, refuse_owned
from syncline_server.core.records import Customer
from syncline_server.core.views import RecordView
from syncline_server.services.creations import PATIENCE, Creations, Wish
from syncline_server.services.external_ids import refuse_taken
from syncline_server.services.record_views import RecordViews
from syncline_server.services.refusals import missing, taken
from syncline_server.storage import acts, contacts, external_ids
from syncline_server.storage import customers as rows
from syncline_server.storage.database import Database

_COLLECTION = "customers"


class Customers:
    """Creates, reads, lists and changes customers.

    :param creations: creates those that are a provider's; None where no provider can.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        make_id: MakeId,
        find_master: FindMaster,
        creations: Creations | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._find_master = find_master
        self._creations = creations
        self._views = RecordViews(database, find_master)

    def create(self, draft: CustomerDraft, patience: timedelta = PATIENCE) -> RecordView[Customer]:
        """Create a customer; at the provider first while customers are a provider's.

        :param patience: how long may be waited for the provider, and how long a call may take.
        :raises InvalidArgument: with everything that is wrong with the draft.
        :raises AlreadyExists: its id, code or external id is taken.
        :raises FailedPrecondition: the provider refuses, cannot create, or makes up itself what the
            draft says; nothing was stored.
        :raises Aborted: it is being created already.
        :raises Unavailable: the provider cannot be asked, or its answer was lost.
        """
        master = self._find_master(draft.workspace, RecordKind.CONTACT)
        if master is not None and (self._creations is None or not self._creations.can(master)):
            refuse_creation(master, _COLLECTION)
        values = customer_draft.read(draft, (customer_draft.ID, *customer_draft.FIELDS))
        request = Fingerprinter((_COLLECTION,)).of(values)
        values["id"] = values["id"] or self._make_id()
        customer = Customer(workspace=draft.workspace, **values)  # type: ignore[arg-type]  # the reader names and checks them
        if master is None or self._creations is None:
            self._create_here(customer)
            return self.get(customer.workspace, customer.id)
        wish = self._wish(master, customer, request, patience)
        identifier = self._creations.create(wish)
        acts.mention(names.record(draft.workspace, _COLLECTION, identifier))
        self._remember(draft, identifier)
        return self.get(customer.workspace, identifier)

    def get(self, workspace: str, identifier: str) -> RecordView[Customer]:
        """Return one customer.

        :raises NotFound: there is none.
        """
        found = rows.by_ids(self._database, workspace, [identifier])
        if identifier not in found:
            raise missing(workspace, _COLLECTION, identifier)
        return self._views.of_customers(workspace, [found[identifier]])[0]

    def page(
        self, workspace: str, wanted: RecordFilter, after: str, limit: int
    ) -> Sequence[RecordView[Customer]]:
        """Return at most ``limit`` customers behind an id, in the order of ids."""
        found = rows.page(self._database, workspace, wanted, after, limit)
        return self._views.of_customers(workspace, found)

    def update(self, draft: CustomerDraft, fields: Collection[str]) -> RecordView[Customer]:
        """Set fields of a customer, all or nothing.

        :param fields: names of the fields to set; others are ignored.
        :raises InvalidArgument: with everything that is wrong with them.
        :raises NotFound: there is no such customer.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: a provider owns fields that would change, one blocker each.
        :raises AlreadyExists: the code or external id is taken.
        """
        values = customer_draft.read(draft, set(fields).intersection(customer_draft.FIELDS))
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _COLLECTION)
            found = rows.by_ids(self._database, draft.workspace, [draft.id], lock=True)
            if draft.id not in found:
                raise missing(draft.workspace, _COLLECTION, draft.id)
            before = found[draft.id]
            name = names.record(draft.workspace, _COLLECTION, draft.id)
            etags.refuse_stale(draft.etag, before.version, name)
            after = replace(before, **values)  # type: ignore[arg-type]  # as in create
            if after != before:
                self._change(before, after)
        return self.get(draft.workspace, draft.id)

    def _change(self, before: Customer, after: Customer) -> None:
        changed = customer_draft.changed(before, after)
        owned = self._views.of_customers(before.workspace, [before])[0].owned_fields
        master = self._find_master(before.workspace, RecordKind.CONTACT)
        refuse_owned(master, owned, changed)
        if "code" in changed:
            self._refuse_taken_code(after)
        if "external_id" in changed:
            refuse_taken(self._database, _COLLECTION, _COLLECTION, after)
        now = self._clock()
        after = replace(after, sources=provenance.set_here(before.sources, changed, now))
        rows.update(self._database, after, now)
        contacts.forget_content(self._database, after.workspace, [after.id])

    def _create_here(self, customer: Customer) -> None:
        with self._database.transaction():
            self._refuse_taken_keys(customer)
            if not rows.insert(self._database, customer, self._clock()):
                raise taken(customer.workspace, _COLLECTION, customer.id, "id")
            acts.mention(names.record(customer.workspace, _COLLECTION, customer.id))

    def _remember(self, draft: CustomerDraft, identifier: str) -> None:
        """Keep what a caller says that imports the record, too: the provider may write it else."""
        if draft.external_id:
            marks = marks_of(draft, CustomerDraft(workspace=draft.workspace), customer_draft.FIELDS)
            external_ids.remember(self._database, draft.workspace, _COLLECTION, {identifier: marks})

    def _wish(self, master: Master, customer: Customer, request: str, patience: timedelta) -> Wish:
        if not customer.active:
            # New contacts are active; archiving is the provider's.
            refuse_owned(master, master.fields, ("active",))
        return Wish(
            master=master,
            content=NewCustomer(
                record=customer,
                draft=_contact(customer, master.fields),
                fields=tuple(sorted(master.fields)),
            ),
            request=request,
            refuse_taken=lambda: self._refuse_taken(customer),
            patience=patience,
        )

    def _refuse_taken(self, customer: Customer) -> None:
        self._refuse_taken_keys(customer)
        if rows.by_ids(self._database, customer.workspace, [customer.id]):
            raise taken(customer.workspace, _COLLECTION, customer.id, "id")

    def _refuse_taken_keys(self, customer: Customer) -> None:
        external_ids.turn_beside(self._database, customer.workspace, _COLLECTION)
        self._refuse_taken_code(customer)
        refuse_taken(self._database, _COLLECTION, _COLLECTION, customer)

    def _refuse_taken_code(self, customer: Customer) -> None:
        other = rows.id_of_code(self._database, customer.workspace, customer.code)
        if other not in (None, customer.id):
            raise taken(customer.workspace, _COLLECTION, str(other), "code")


def _contact(customer: Customer, owned: Collection[str]) -> ContactDraft:
    """Return what the provider is told of a customer: what will be its own."""
    return ContactDraft(
        name=customer.display_name,
        code=customer.code if "code" in owned else "",
        email=customer.email if "email" in owned else "",
        phone=customer.phone if "phone" in owned else "",
        address=customer.address if "address" in owned else None,
    )
