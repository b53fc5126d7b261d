"""RecordService, products."""

from syncline.v1 import record_pb2
from syncline_server.core import product_draft
from syncline_server.core.listing import RecordFilter
from syncline_server.rpc import deadlines, masks
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.product import draft, product
from syncline_server.rpc.paging import page
from syncline_server.services.products import Products

_COLLECTION = "products"


class ProductCalls:
    """Handles the methods around products."""

    def __init__(self, products: Products) -> None:
        self._products = products

    def create(self, request: record_pb2.CreateProductRequest) -> record_pb2.CreateProductResponse:
        """Create a product."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        fields.refuse()
        written = draft(request.product, workspace, request.product_id)
        view = self._products.create(written, deadlines.patience())
        return record_pb2.CreateProductResponse(product=product(view))

    def get(self, request: record_pb2.GetProductRequest) -> record_pb2.GetProductResponse:
        """Return one product."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._products.get(workspace, identifier)
        return record_pb2.GetProductResponse(product=product(view))

    def list(self, request: record_pb2.ListProductsRequest) -> record_pb2.ListProductsResponse:
        """List a workspace's products."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        wanted = page(request, fields)
        fields.refuse()
        which = RecordFilter(
            active_only=request.active_only, text=request.query, external_id=request.external_id
        )
        found = self._products.page(workspace, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda view: view.record.id, product)
        return record_pb2.ListProductsResponse(
            products=cut.messages, next_page_token=cut.next_page_token
        )

    def update(self, request: record_pb2.UpdateProductRequest) -> record_pb2.UpdateProductResponse:
        """Change a product."""
        fields = Fields()
        message = request.product
        workspace, identifier = fields.record("product.name", message.name, _COLLECTION)
        named = masks.named(request.update_mask, message, product_draft.FIELDS, fields)
        fields.refuse()
        view = self._products.update(draft(message, workspace, identifier), named)
        return record_pb2.UpdateProductResponse(product=product(view))
