"""What an import reads and writes of invoices."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from syncline_server.core import invoice_draft
from syncline_server.core.checks import Checks
from syncline_server.core.clock import Clock
from syncline_server.core.identifiers import MakeId
from syncline_server.core.importing import Found, Kind
from syncline_server.core.invoice import Invoice, InvoiceStage, computed
from syncline_server.core.invoice_draft import InvoiceDraft, Known
from syncline_server.core.link import Link
from syncline_server.core.matching import key
from syncline_server.services.invoices import (
    binding_links,
    known_references,
    refuse_fixed,
    refuse_void,
)
from syncline_server.services.settlement import settle_invoices
from syncline_server.storage import external_ids
from syncline_server.storage import invoices as rows
from syncline_server.storage.database import Database

_TABLE = "invoices"


class ImportedInvoices:
    """Invoices, for one batch."""

    column = (_TABLE, "number_key")

    def __init__(self, database: Database, clock: Clock, make_id: MakeId, workspace: str) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id
        self._workspace = workspace
        self._known = Known(customers=(), products={}, tax_codes={})
        self._links: dict[str, list[Link]] = defaultdict(list)

    def wait_turn(self) -> None:
        """Wait for whoever writes invoices."""
        external_ids.turn_alone(self._database, self._workspace, _TABLE)

    def kind(self, drafts: Sequence[InvoiceDraft]) -> Kind[InvoiceDraft, Invoice]:
        """Return how invoices are judged."""
        self._known = known_references(self._database, self._workspace, drafts)
        return Kind(
            noun="invoice",
            nouns=_TABLE,
            collection=_TABLE,
            key="number",
            key_title="number",
            blank=InvoiceDraft(workspace=self._workspace),
            fields=(*invoice_draft.FIELDS, "number", "confirm"),
            new=self._new,
            change=self._change,
        )

    def found(self, ids: Sequence[str]) -> Found[Invoice]:
        """Return invoices, and learn how they stand at providers."""
        records = rows.by_ids(self._database, self._workspace, ids, lock=True).values()
        for link in binding_links(self._database, self._workspace, ids):
            self._links[link.invoice_id].append(link)
        imported = external_ids.imported(self._database, self._workspace, _TABLE, ids)
        return Found(records=records, imported=imported)

    def write(self, created: Sequence[Invoice], updated: Sequence[Invoice]) -> None:
        """Store invoices."""
        now = self._clock()
        rows.insert_all(self._database, self._workspace, created, now)
        rows.update_all(self._database, self._workspace, updated, now)
        resolution = "The invoice was changed by an import."
        settle_invoices(self._database, self._workspace, updated, resolution, now)

    def _new(self, draft: InvoiceDraft) -> Invoice:
        invoice = computed(invoice_draft.new(draft, self._known, self._make_id))
        return _confirmed(invoice) if draft.confirm else invoice

    def _change(self, before: Invoice, draft: InvoiceDraft, _fields: Collection[str]) -> Invoice:
        after = computed(invoice_draft.changed(draft, self._known, before, invoice_draft.FIELDS))
        if key(draft.number) != key(before.number):
            checks = Checks("invoice")
            checks.wrong("number", f"can't be changed: it is {before.number}")
            checks.refuse()
        refuse_fixed(before, after, self._links[before.id])
        if not draft.confirm:
            return after
        refuse_void(before)
        return _confirmed(after)


def _confirmed(invoice: Invoice) -> Invoice:
    return replace(invoice, stage=InvoiceStage.CONFIRMED)
