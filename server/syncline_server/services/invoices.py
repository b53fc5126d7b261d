"""Invoices: what RecordService does with them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from syncline_server.core import etags, invoice_draft, names
from syncline_server.core.clock import Clock
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.identifiers import MakeId
from syncline_server.core.invoice import Invoice, InvoiceStage, computed
from syncline_server.core.invoice_draft import InvoiceDraft, Known
from syncline_server.core.link import Link
from syncline_server.core.listing import InvoiceFilter
from syncline_server.core.model import HELD, PushState
from syncline_server.core.views import InvoiceView
from syncline_server.services.external_ids import refuse_taken
from syncline_server.services.refusals import missing, taken
from syncline_server.services.settlement import settle_invoices
from syncline_server.storage import (
    acts,
    connections,
    customers,
    external_ids,
    invoice_links,
    products,
    runs,
    tax_codes,
)
from syncline_server.storage import invoices as rows
from syncline_server.storage.database import Database

_COLLECTION = "invoices"


class Invoices:
    """Creates, reads, lists, changes, confirms and voids invoices."""

    def __init__(self, database: Database, clock: Clock, make_id: MakeId) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id

    def create(self, draft: InvoiceDraft) -> InvoiceView:
        """Create a DRAFT invoice.

        :raises InvalidArgument: with everything that is wrong with the draft.
        :raises AlreadyExists: its id, number or external id is taken.
        """
        known = known_references(self._database, draft.workspace, [draft])
        invoice = computed(invoice_draft.new(draft, known, self._make_id))
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _COLLECTION)
            refuse_taken(self._database, _COLLECTION, _COLLECTION, invoice)
            if not rows.insert(self._database, invoice, self._clock()):
                raise self._taken(invoice)
            acts.mention(names.record(invoice.workspace, _COLLECTION, invoice.id))
        return self.get(invoice.workspace, invoice.id)

    def get(self, workspace: str, identifier: str) -> InvoiceView:
        """Return one invoice.

        :raises NotFound: there is none.
        """
        invoice = rows.get(self._database, workspace, identifier)
        if invoice is None:
            raise missing(workspace, _COLLECTION, identifier)
        return self._views(workspace, [invoice])[0]

    def by_ids(self, workspace: str, ids: Collection[str]) -> Sequence[InvoiceView]:
        """Return those of these invoices that are there."""
        found = rows.by_ids(self._database, workspace, ids)
        return self._views(workspace, list(found.values()))

    def page(
        self, workspace: str, wanted: InvoiceFilter, after: str, limit: int
    ) -> Sequence[InvoiceView]:
        """Return at most ``limit`` invoices behind an id, in the order of ids."""
        found = rows.page(self._database, workspace, wanted, after, limit)
        return self._views(workspace, found)

    def update(self, draft: InvoiceDraft, fields: Collection[str]) -> InvoiceView:
        """Set fields of an invoice, all or nothing.

        :param fields: names of the fields to set; others are ignored.
        :raises InvalidArgument: with everything that would be wrong.
        :raises NotFound: there is no such invoice.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: the invoice's state does not allow the change.
        :raises AlreadyExists: the external id is taken.
        """
        known = known_references(self._database, draft.workspace, [draft])
        wanted = set(fields).intersection(invoice_draft.FIELDS)
        with self._database.transaction():
            external_ids.turn_beside(self._database, draft.workspace, _COLLECTION)
            before = self._locked(draft.workspace, draft.id, draft.etag)
            after = computed(invoice_draft.changed(draft, known, before, wanted))
            if after != before:
                refuse_taken(self._database, _COLLECTION, _COLLECTION, after)
                standing = binding_links(self._database, draft.workspace, [draft.id])
                refuse_fixed(before, after, standing)
                self._save(after, "The invoice was changed.")
        return self.get(draft.workspace, draft.id)

    def confirm(self, workspace: str, identifier: str, etag: str) -> InvoiceView:
        """Make a DRAFT invoice CONFIRMED; a CONFIRMED one stays as it is.

        :raises NotFound: there is no such invoice.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: it is VOID.
        """
        with self._database.transaction():
            invoice = self._locked(workspace, identifier, etag)
            refuse_void(invoice)
            if invoice.stage is InvoiceStage.DRAFT:
                confirmed = replace(invoice, stage=InvoiceStage.CONFIRMED)
                self._save(confirmed, "The invoice was confirmed.")
        return self.get(workspace, identifier)

    def void(self, workspace: str, identifier: str, etag: str) -> InvoiceView:
        """Make an invoice VOID for good; a VOID one stays as it is.

        :raises NotFound: there is no such invoice.
        :raises Aborted: the etag is stale.
        :raises FailedPrecondition: a provider holds it, or may.
        """
        with self._database.transaction():
            invoice = self._locked(workspace, identifier, etag)
            if invoice.stage is not InvoiceStage.VOID:
                standing = binding_links(self._database, workspace, [identifier])
                action = "Void it at the provider; the next invoice pull shows it here."
                _refuse_sent(invoice, standing, "voided", action)
                voided = replace(invoice, stage=InvoiceStage.VOID)
                self._save(voided, "The invoice was voided.")
        return self.get(workspace, identifier)

    def _locked(self, workspace: str, identifier: str, etag: str) -> Invoice:
        invoice = rows.get(self._database, workspace, identifier, lock=True)
        if invoice is None:
            raise missing(workspace, _COLLECTION, identifier)
        etags.refuse_stale(etag, invoice.version, names.record(workspace, _COLLECTION, identifier))
        return invoice

    def _save(self, invoice: Invoice, resolution: str) -> None:
        now = self._clock()
        rows.update(self._database, invoice, now)
        settle_invoices(self._database, invoice.workspace, [invoice], resolution, now)

    def _taken(self, invoice: Invoice) -> Exception:
        workspace = invoice.workspace
        other = rows.id_of_number(self._database, workspace, invoice.number)
        if other is not None:
            return taken(workspace, _COLLECTION, other, "number")
        return taken(workspace, _COLLECTION, invoice.id, "id")

    def _views(self, workspace: str, invoices: Sequence[Invoice]) -> list[InvoiceView]:
        ids = [invoice.id for invoice in invoices]
        connected = {
            (row.key.provider, row.organisation_id)
            for row in connections.of_workspace(self._database, workspace)
        }
        links: dict[str, Link] = {
            link.invoice_id: link
            for link in invoice_links.anywhere(self._database, workspace, ids)
            if (link.organisation.provider, link.organisation.id) in connected
        }
        return [InvoiceView(invoice=invoice, link=links.get(invoice.id)) for invoice in invoices]


def known_references(database: Database, workspace: str, drafts: Collection[InvoiceDraft]) -> Known:
    """Return the records these drafts refer to, as far as they are there."""
    customer_ids, product_ids, tax_code_ids = (
        {id_ for draft in drafts for id_ in invoice_draft.references(draft, collection)}
        for collection in ("customers", "products", "taxCodes")
    )
    return Known(
        customers=customers.by_ids(database, workspace, customer_ids),
        products=products.by_ids(database, workspace, product_ids),
        tax_codes=tax_codes.by_ids(database, workspace, tax_code_ids),
    )


def binding_links(database: Database, workspace: str, ids: Collection[str]) -> list[Link]:
    """Return the links by which locked invoices must stay as they are, at any organisation.

    Providers hold these invoices, may hold them, or are being sent them. What a run prepared and
    is not working on any more was never sent, and whoever takes that up looks at the invoice once
    more, behind this transaction.
    """
    found = invoice_links.anywhere(database, workspace, ids)
    prepared = {link.run_id for link in found if link.push_state is PushState.PENDING}
    running = runs.running(database, prepared)
    return [
        link
        for link in found
        if link.push_state in HELD
        or (link.push_state is PushState.PENDING and link.run_id in running)
    ]


def refuse_void(invoice: Invoice) -> None:
    """Refuse to confirm an invoice that was given up.

    :raises FailedPrecondition: it is VOID.
    """
    if invoice.stage is InvoiceStage.VOID:
        raise _refusal(invoice, "is void and cannot be confirmed", "Create another one.")


def refuse_fixed(before: Invoice, after: Invoice, standing: Iterable[Link]) -> None:
    """Refuse a change that the invoice's state does not allow; the external id is always ours.

    :param standing: what :func:`binding_links` has of it.
    :raises FailedPrecondition: it is VOID, or was sent.
    """
    if after == replace(before, external_id=after.external_id):
        return
    if before.stage is InvoiceStage.VOID:
        raise _refusal(before, "is void and cannot be changed", "Create another one.")
    action = "Change it at the provider; the next invoice pull shows the difference."
    _refuse_sent(before, standing, "changed", action)


def _refuse_sent(invoice: Invoice, standing: Iterable[Link], wish: str, action: str) -> None:
    states = {link.push_state for link in standing}
    if states - {PushState.PENDING}:
        raise _refusal(invoice, f"was sent to a provider and cannot be {wish}", action)
    if states:
        action = "Wait until the push has ended, then look at the invoice again."
        raise _refusal(invoice, f"is being sent to a provider and cannot be {wish}", action)


def _refusal(invoice: Invoice, problem: str, action: str) -> FailedPrecondition:
    name = names.record(invoice.workspace, _COLLECTION, invoice.id)
    blocker = Blocker(
        reason=Reason.INVOICE_STATE, subject=name, title=invoice.number, description=action
    )
    return FailedPrecondition(f"Invoice {invoice.number} {problem}.", [blocker])
