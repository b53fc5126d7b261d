"""RecordService, tax codes."""

from syncline.v1 import record_pb2
from syncline_server.core import tax_code_draft
from syncline_server.core.listing import RecordFilter
from syncline_server.rpc import masks
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages.tax_code import draft, tax_code
from syncline_server.rpc.paging import page
from syncline_server.services.tax_codes import TaxCodes

_COLLECTION = "taxCodes"


class TaxCodeCalls:
    """Handles the methods around tax codes."""

    def __init__(self, tax_codes: TaxCodes) -> None:
        self._tax_codes = tax_codes

    def create(self, request: record_pb2.CreateTaxCodeRequest) -> record_pb2.CreateTaxCodeResponse:
        """Create a tax code."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        fields.refuse()
        view = self._tax_codes.create(draft(request.tax_code, workspace, request.tax_code_id))
        return record_pb2.CreateTaxCodeResponse(tax_code=tax_code(view))

    def get(self, request: record_pb2.GetTaxCodeRequest) -> record_pb2.GetTaxCodeResponse:
        """Return one tax code."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, _COLLECTION)
        fields.refuse()
        view = self._tax_codes.get(workspace, identifier)
        return record_pb2.GetTaxCodeResponse(tax_code=tax_code(view))

    def list(self, request: record_pb2.ListTaxCodesRequest) -> record_pb2.ListTaxCodesResponse:
        """List a workspace's tax codes."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        wanted = page(request, fields)
        fields.refuse()
        which = RecordFilter(
            active_only=request.active_only, text=request.query, external_id=request.external_id
        )
        found = self._tax_codes.page(workspace, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda view: view.record.id, tax_code)
        return record_pb2.ListTaxCodesResponse(
            tax_codes=cut.messages, next_page_token=cut.next_page_token
        )

    def update(self, request: record_pb2.UpdateTaxCodeRequest) -> record_pb2.UpdateTaxCodeResponse:
        """Change a tax code."""
        fields = Fields()
        message = request.tax_code
        workspace, identifier = fields.record("tax_code.name", message.name, _COLLECTION)
        named = masks.named(request.update_mask, message, tax_code_draft.FIELDS, fields)
        fields.refuse()
        view = self._tax_codes.update(draft(message, workspace, identifier), named)
        return record_pb2.UpdateTaxCodeResponse(tax_code=tax_code(view))
