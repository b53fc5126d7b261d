"""RecordService, what becomes of invoices at a provider: before a push, and after."""

from syncline.v1 import invoice_pb2, record_pb2
from syncline_server.core.listing import LinkFilter
from syncline_server.core.model import PushState
from syncline_server.rpc import deadlines
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.messages.invoice_link import invoice_link
from syncline_server.rpc.messages.preflight import preflight
from syncline_server.rpc.paging import page
from syncline_server.services.invoice_links import InvoiceLinks
from syncline_server.services.preflight import Preflight


class InvoiceLinkCalls:
    """Handles the methods around links."""

    def __init__(self, links: InvoiceLinks, preflight: Preflight) -> None:
        self._links = links
        self._preflight = preflight

    def preflight(
        self, request: record_pb2.PreflightInvoicesRequest
    ) -> record_pb2.PreflightInvoicesResponse:
        """Tell what a push would do."""
        fields = Fields()
        key = fields.connection("connection", request.connection)
        named = fields.references("invoices", request.invoices, "invoices", key.workspace)
        fields.refuse()
        answer = self._preflight.check(key, named, deadlines.is_awaited)
        return preflight(answer, key.workspace)

    def list(
        self, request: record_pb2.ListInvoiceLinksRequest
    ) -> record_pb2.ListInvoiceLinksResponse:
        """List what became of invoices."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        kind = invoice_pb2.InvoiceLink.PushState
        states = chosen(request.push_states, kind)
        wanted = page(request, fields)
        fields.refuse()
        which = LinkFilter(
            states=tuple(map(PushState, states)), variance_only=request.variance_only
        )
        found = self._links.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda link: link.invoice_id, invoice_link)
        return record_pb2.ListInvoiceLinksResponse(
            invoice_links=cut.messages, next_page_token=cut.next_page_token
        )
