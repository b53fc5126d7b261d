"""RecordService, invoices."""

from syncline.v1 import invoice_pb2, record_pb2
from syncline_server.core import invoice_draft
from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.listing import InvoiceFilter
from syncline_server.rpc import masks
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.messages.invoice import draft, invoice
from syncline_server.rpc.paging import page
from syncline_server.services.invoices import Invoices

_COLLECTION = "invoices"


class InvoiceCalls:
    """Handles the methods around invoices."""

    def __init__(self, invoices: Invoices) -> None:
        self._invoices = invoices

    def create(self, request: record_pb2.CreateInvoiceRequest) -> record_pb2.CreateInvoiceResponse:
        """Create an invoice."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        fields.refuse()
        view = self._invoices.create(draft(request.invoice, workspace, request.invoice_id))
        return record_pb2.CreateInvoiceResponse(invoice=invoice(view))

    def get(self, request: record_pb2.GetInvoiceRequest) -> record_pb2.GetInvoiceResponse:
        """Return one invoice."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._invoices.get(workspace, identifier)
        return record_pb2.GetInvoiceResponse(invoice=invoice(view))

    def list(self, request: record_pb2.ListInvoicesRequest) -> record_pb2.ListInvoicesResponse:
        """List a workspace's invoices."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        states = chosen(request.states, invoice_pb2.Invoice.State)
        customer = fields.reference("customer", request.customer, "customers", workspace)
        wanted = page(request, fields)
        fields.refuse()
        stages = tuple(map(InvoiceStage, states))
        which = InvoiceFilter(
            stages=stages,
            customer_id=customer,
            text=request.query,
            external_id=request.external_id,
        )
        found = self._invoices.page(workspace, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda view: view.invoice.id, invoice)
        return record_pb2.ListInvoicesResponse(
            invoices=cut.messages, next_page_token=cut.next_page_token
        )

    def update(self, request: record_pb2.UpdateInvoiceRequest) -> record_pb2.UpdateInvoiceResponse:
        """Change an invoice."""
        fields = Fields()
        message = request.invoice
        workspace, identifier = fields.record("invoice.name", message.name, _COLLECTION)
        named = masks.named(request.update_mask, message, invoice_draft.FIELDS, fields)
        fields.refuse()
        view = self._invoices.update(draft(message, workspace, identifier), named)
        return record_pb2.UpdateInvoiceResponse(invoice=invoice(view))

    def confirm(
        self, request: record_pb2.ConfirmInvoiceRequest
    ) -> record_pb2.ConfirmInvoiceResponse:
        """Make an invoice final."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._invoices.confirm(workspace, identifier, request.etag)
        return record_pb2.ConfirmInvoiceResponse(invoice=invoice(view))

    def void(self, request: record_pb2.VoidInvoiceRequest) -> record_pb2.VoidInvoiceResponse:
        """Make an invoice void."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._invoices.void(workspace, identifier, request.etag)
        return record_pb2.VoidInvoiceResponse(invoice=invoice(view))
