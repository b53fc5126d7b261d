"""RecordService, imports."""

from dataclasses import replace

from syncline.v1 import import_pb2, record_pb2
from syncline_server.core.invoice_draft import InvoiceDraft
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.messages import customer, invoice, product, tax_code
from syncline_server.rpc.messages.import_result import import_counts, import_results
from syncline_server.services.imports import Imports, Wish

_NEW = ""
"""The id of what has none yet."""


class ImportCalls:
    """Handles the methods that import."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    def customers(
        self, request: record_pb2.ImportCustomersRequest
    ) -> record_pb2.ImportCustomersResponse:
        """Import customers."""
        workspace = _workspace(request.parent)
        wish = Wish(
            workspace=workspace,
            drafts=[customer.draft(each, workspace, _NEW) for each in request.customers],
            adopt=request.adopt_by_code,
            validate_only=request.validate_only,
        )
        results = self._imports.customers(wish)
        return record_pb2.ImportCustomersResponse(
            results=import_results(results), counts=import_counts(results)
        )

    def products(
        self, request: record_pb2.ImportProductsRequest
    ) -> record_pb2.ImportProductsResponse:
        """Import products."""
        workspace = _workspace(request.parent)
        wish = Wish(
            workspace=workspace,
            drafts=[product.draft(each, workspace, _NEW) for each in request.products],
            adopt=request.adopt_by_sku,
            validate_only=request.validate_only,
        )
        results = self._imports.products(wish)
        return record_pb2.ImportProductsResponse(
            results=import_results(results), counts=import_counts(results)
        )

    def tax_codes(
        self, request: record_pb2.ImportTaxCodesRequest
    ) -> record_pb2.ImportTaxCodesResponse:
        """Import tax codes."""
        workspace = _workspace(request.parent)
        wish = Wish(
            workspace=workspace,
            drafts=[tax_code.draft(each, workspace, _NEW) for each in request.tax_codes],
            adopt=request.adopt_by_code,
            validate_only=request.validate_only,
        )
        results = self._imports.tax_codes(wish)
        return record_pb2.ImportTaxCodesResponse(
            results=import_results(results), counts=import_counts(results)
        )

    def invoices(
        self, request: record_pb2.ImportInvoicesRequest
    ) -> record_pb2.ImportInvoicesResponse:
        """Import invoices."""
        workspace = _workspace(request.parent)
        wish = Wish(
            workspace=workspace,
            drafts=[_invoice(each, workspace) for each in request.invoices],
            adopt=request.adopt_by_number,
            validate_only=request.validate_only,
        )
        results = self._imports.invoices(wish)
        return record_pb2.ImportInvoicesResponse(
            results=import_results(results), counts=import_counts(results)
        )


def _workspace(parent: str) -> str:
    fields = Fields()
    workspace = fields.workspace("parent", parent)
    fields.refuse()
    return workspace


def _invoice(entry: import_pb2.InvoiceToImport, workspace: str) -> InvoiceDraft:
    draft = invoice.draft(entry.invoice, workspace, _NEW)
    return replace(draft, confirm=entry.confirm)
