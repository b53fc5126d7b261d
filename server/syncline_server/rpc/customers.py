"""RecordService, customers."""

from syncline.v1 import record_pb2
from syncline_server.core import customer_draft
from syncline_server.core.listing import RecordFilter
from syncline_server.rpc import deadlines, masks
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.customer import customer, draft
from syncline_server.rpc.paging import page
from syncline_server.services.customers import Customers

_COLLECTION = "customers"


class CustomerCalls:
    """Handles the methods around customers."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    def create(
        self, request: record_pb2.CreateCustomerRequest
    ) -> record_pb2.CreateCustomerResponse:
        """Create a customer."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        fields.refuse()
        written = draft(request.customer, workspace, request.customer_id)
        view = self._customers.create(written, deadlines.patience())
        return record_pb2.CreateCustomerResponse(customer=customer(view))

    def get(self, request: record_pb2.GetCustomerRequest) -> record_pb2.GetCustomerResponse:
        """Return one customer."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._customers.get(workspace, identifier)
        return record_pb2.GetCustomerResponse(customer=customer(view))

    def list(self, request: record_pb2.ListCustomersRequest) -> record_pb2.ListCustomersResponse:
        """List a workspace's customers."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        wanted = page(request, fields)
        fields.refuse()
        which = RecordFilter(
            active_only=request.active_only, text=request.query, external_id=request.external_id
        )
        found = self._customers.page(workspace, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda view: view.record.id, customer)
        return record_pb2.ListCustomersResponse(
            customers=cut.messages, next_page_token=cut.next_page_token
        )

    def update(
        self, request: record_pb2.UpdateCustomerRequest
    ) -> record_pb2.UpdateCustomerResponse:
        """Change a customer."""
        fields = Fields()
        message = request.customer
        workspace, identifier = fields.record("customer.name", message.name, _COLLECTION)
        named = masks.named(request.update_mask, message, customer_draft.FIELDS, fields)
        fields.refuse()
        view = self._customers.update(draft(message, workspace, identifier), named)
        return record_pb2.UpdateCustomerResponse(customer=customer(view))
