"""What an import reads and writes of customers."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from syncline_sdk import RecordKind
from syncline_server.core import customer_draft
from syncline_server.core.clock import Clock
from syncline_server.core.customer_draft import CustomerDraft
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import Found, Kind
from syncline_server.core.ownership import FindMaster
from syncline_server.core.provenance import set_here
from syncline_server.core.records import Customer
from syncline_server.services.record_views import RecordViews
from syncline_server.services.turns import wait_alone
from syncline_server.storage import contacts, external_ids
from syncline_server.storage import customers as rows
from syncline_server.storage.database import Database

_TABLE = "customers"


class ImportedCustomers:
    """Customers, for one batch."""

    column = (_TABLE, "code_key")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        make_id: MakeId,
        find_master: FindMaster,
        workspace: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._find_master = find_master
        self._workspace = workspace

    def wait_turn(self) -> None:
        """Wait for pulls of contacts, and for whoever writes customers."""
        master = self._find_master(self._workspace, RecordKind.CONTACT)
        wait_alone(self._database, self._workspace, _TABLE, master)

    def kind(self, _drafts: Sequence[CustomerDraft]) -> Kind[CustomerDraft, Customer]:
        """Return how customers are judged."""
        return Kind(
            noun="customer",
            nouns=_TABLE,
            collection=_TABLE,
            key="code",
            key_title="code",
            blank=CustomerDraft(workspace=self._workspace),
            fields=customer_draft.FIELDS,
            new=self._new,
            change=self._change,
        )

    def found(self, ids: Sequence[str]) -> Found[Customer]:
        """Return customers with who owns what of them."""
        records = list(rows.by_ids(self._database, self._workspace, ids, lock=True).values())
        views = RecordViews(self._database, self._find_master).of_customers(
            self._workspace, records
        )
        return Found(
            records=records,
            imported=external_ids.imported(self._database, self._workspace, _TABLE, ids),
            owned={view.record.id: view.owned_fields for view in views},
            master=self._find_master(self._workspace, RecordKind.CONTACT),
        )

    def write(self, created: Sequence[Customer], updated: Sequence[Customer]) -> None:
        """Store customers."""
        now = self._clock()
        rows.insert_all(self._database, self._workspace, created, now)
        rows.update_all(self._database, self._workspace, updated, now)
        ids = [each.id for each in updated]
        contacts.forget_content(self._database, self._workspace, ids)

    def _new(self, draft: CustomerDraft) -> Customer:
        values = customer_draft.read(draft, customer_draft.FIELDS)
        return Customer(workspace=self._workspace, id=self._make_id(), **values)  # type: ignore[arg-type]  # the reader names and checks them

    def _change(self, before: Customer, draft: CustomerDraft, fields: Collection[str]) -> Customer:
        after = replace(before, **customer_draft.read(draft, fields))  # type: ignore[arg-type]  # as for new ones
        changed = customer_draft.changed(before, after)
        return replace(after, sources=set_here(before.sources, changed, self._clock()))
